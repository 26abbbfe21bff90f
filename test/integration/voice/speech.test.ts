import { expect } from 'chai';
import { SpeechError } from '#shared/integrations/openai/errors.ts';
import { createSpeechSimulator, type SpeechSimulator } from '#shared/integrations/openai/simulator.ts';
import {
  createSpeechClient,
  type SpeechClient,
  type SpeechRequest,
} from '#shared/integrations/openai/speech-client.ts';
import { makeNote } from '../../support/voice-notes.ts';
import { track } from '../../support/track.ts';

describe('speech to text', () => {
  let speech: SpeechSimulator;
  let client: SpeechClient;
  let baseUrl: string;
  let request: SpeechRequest;

  before(async () => {
    speech = track(createSpeechSimulator({ apiKey: 'sk-test' }), 'speech');
    baseUrl = `${(await speech.listen()).url}/v1`;
    client = createSpeechClient({ apiKey: 'sk-test', baseUrl, model: 'gpt-transcribe', timeoutMs: 500 });
    const bytes = await makeNote({ transcript: 'del 10 al 14 de enero' });
    request = {
      original: { name: 'note.ogg', type: 'audio/ogg', bytes },
      wav: Buffer.from('RIFF wav'),
      language: 'es',
      keywords: ['Cabaña Lenga', 'seña'],
    };
  });
  after(() => speech.close());
  afterEach(() => speech.say(undefined));

  async function failure(work: Promise<unknown>): Promise<SpeechError> {
    const error = await work.then(
      () => expect.fail('it did not fail'),
      (reason: unknown) => reason,
    );
    if (!(error instanceof SpeechError)) throw error;
    return error;
  }
  const last = () => speech.heard().at(-1)!;
  const isOgg = ({ body }: { body: Buffer }): boolean => body.includes('filename="note.ogg"');

  it('sends the file under its name with model, language and keywords, and gets the words', async () => {
    expect(await client.transcribe(request)).to.equal('del 10 al 14 de enero');
    expect(last()).to.include({ fileName: 'note.ogg', model: 'gpt-transcribe', language: 'es', prompt: undefined });
    expect(last().keywords).to.deep.equal(['Cabaña Lenga', 'seña']);
    expect(last().bytes.equals(request.original!.bytes)).to.equal(true);
  });

  it('gives the words as a prompt to models without keywords', async () => {
    const whisper = createSpeechClient({ apiKey: 'sk-test', baseUrl, model: 'Systran/faster-whisper-small' });
    await whisper.transcribe(request);
    expect(last()).to.include({ prompt: 'Cabaña Lenga, seña.' });
    expect(last().keywords).to.deep.equal([]);
  });

  for (const status of [400, 415, 422])
    it(`tries as WAV once when the file is refused with ${status}`, async () => {
      speech.say('cuatro personas');
      speech.failNext(1, { kind: 'status', status, code: 1 }, isOgg);
      expect(await client.transcribe(request)).to.equal('cuatro personas');
      expect(last()).to.include({ fileName: 'note.wav' });
      speech.failNext(2, { kind: 'status', status, code: 1 });
      const heard = speech.heard().length;
      expect(await failure(client.transcribe(request))).to.include({ kind: 'refused_audio', status });
      expect(speech.heard()).to.have.length(heard);
    });

  it('sends the WAV at once when the service takes no such file', async () => {
    await client.transcribe({ ...request, original: undefined });
    expect(last()).to.include({ fileName: 'note.wav' });
  });

  it('takes an answer without a text for a refusal, as whisper.cpp answers', async () => {
    speech.say('cuatro');
    speech.failNext(1, { kind: 'status', status: 200 }, isOgg);
    expect(await client.transcribe(request)).to.equal('cuatro');
  });

  it('never tries again by itself, and says what a failure is', async () => {
    const cases = [
      [
        { kind: 'status', status: 500 },
        { kind: 'temporary', status: 500 },
      ],
      [
        { kind: 'status', status: 503, html: true },
        { kind: 'temporary', status: 503 },
      ],
      [{ kind: 'reset' }, { kind: 'temporary' }],
      [{ kind: 'silence' }, { kind: 'temporary' }],
      [
        { kind: 'status', status: 429, retryAfterS: 7 },
        { kind: 'rate_limited', status: 429, retryAfterMs: 7_000 },
      ],
      [
        { kind: 'status', status: 401, code: 1 },
        { kind: 'not_allowed', status: 401 },
      ],
      [
        { kind: 'status', status: 404 },
        { kind: 'not_allowed', status: 404 },
      ],
    ] as const;
    for (const [fault, expected] of cases) {
      speech.failNext(1, fault);
      expect(await failure(client.transcribe(request)), JSON.stringify(fault)).to.include(expected);
    }
    expect(await client.transcribe(request)).to.equal('del 10 al 14 de enero');
  });

  it('says when it is not there, without key or words in the message', async () => {
    const nobody = createSpeechClient({
      apiKey: 'sk-SECRET',
      baseUrl: 'http://127.0.0.1:9/v1',
      model: 'gpt-transcribe',
    });
    const error = await failure(nobody.transcribe(request));
    expect(error.kind).to.equal('temporary');
    const wrong = createSpeechClient({ apiKey: 'sk-SECRET', baseUrl, model: 'gpt-transcribe' });
    const refused = await failure(wrong.transcribe(request));
    expect(refused).to.include({ kind: 'not_allowed', status: 401 });
    for (const { message, stack } of [error, refused]) expect(`${message} ${stack}`).not.to.include('SECRET');
  });

  it('ends with its signal', async () => {
    speech.failNext(1, { kind: 'silence' });
    const abort = new AbortController();
    const work = client.transcribe({ ...request, signal: abort.signal }).catch((error: unknown) => error);
    setTimeout(() => abort.abort(new Error('enough')), 50);
    expect(await work).to.include({ message: 'enough' });
  });

  it('pings for nothing: a wrong key is told, a server without a list of models is fine', async () => {
    await client.ping();
    const wrong = createSpeechClient({ apiKey: 'no', baseUrl, model: 'x' });
    expect(await failure(wrong.ping())).to.include({ kind: 'not_allowed', status: 401 });
    const bare = createSpeechClient({ apiKey: 'sk-test', baseUrl: `${baseUrl}/elsewhere`, model: 'x' });
    await bare.ping();
    const nobody = createSpeechClient({ apiKey: undefined, baseUrl: 'http://127.0.0.1:9/v1', model: 'x' });
    expect(await failure(nobody.ping())).to.include({ kind: 'temporary' });
  });

  describe('the simulator', () => {
    it('hears nothing in a file without a comment', async () => {
      const bytes = await makeNote({ seconds: 1 });
      const original = { name: 'note.ogg', type: 'audio/ogg', bytes };
      expect(await client.transcribe({ ...request, original })).to.equal('');
    });

    it('refuses the names that the real one refuses', async () => {
      speech.say('hola');
      for (const name of ['note.oga', 'note.opus', 'note']) {
        const original = { ...request.original!, name };
        expect(await client.transcribe({ ...request, original }), name).to.equal('hola');
        expect(last()).to.include({ fileName: 'note.wav' });
      }
    });
  });
});
