import { execFile } from 'node:child_process';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { convertToWav } from '#shared/integrations/ffmpeg/convert-to-wav.ts';
import { encodeVoiceNote } from '#shared/integrations/ffmpeg/encode-voice-note.ts';
import { FfmpegError } from '#shared/integrations/ffmpeg/run-ffmpeg.ts';
import { sniffContainer, sniffFile } from '#shared/integrations/ffmpeg/sniff-container.ts';
import { readOggComment } from '#shared/integrations/openai/ogg-comment.ts';
import { ffmpegsOn } from '../../support/ffmpegs.ts';
import { eventually } from '../../support/eventually.ts';
import { makeTestFolder } from '../../support/services.ts';
import { makeNote, type NoteFormat } from '../../support/voice-notes.ts';

describe('audio to WAV', function () {
  this.timeout(60_000);
  let folder: string;
  before(async () => {
    folder = await makeTestFolder('convert');
  });

  async function convert(bytes: Buffer, name = 'note', options: { maxSeconds?: number; signal?: AbortSignal } = {}) {
    const path = join(folder, name);
    await writeFile(path, bytes);
    const container = (await sniffFile(path))!;
    return convertToWav(path, { container, maxSeconds: 181, ...options });
  }
  async function failure(work: Promise<unknown>): Promise<unknown> {
    return work.then(
      () => expect.fail('it did not fail'),
      (error: unknown) => (error instanceof FfmpegError ? error.kind : error),
    );
  }

  const formats: NoteFormat[] = [
    'ogg',
    'ogg-stereo',
    'm4a',
    'm4a-head-last',
    'mp4-video',
    'mp3',
    'mp3-cover',
    'aac',
    'wav',
    'webm',
    'webm-live',
    'flac',
    'amr',
    'amr-wb',
  ];
  for (const format of formats)
    it(`reads ${format} as 16 kHz mono s16 of the same length`, async () => {
      const { wav, durationS, maxDb } = await convert(await makeNote({ format, seconds: 2.5 }));
      expect(Math.abs(durationS - 2.5), `${durationS} s`).to.be.below(
        format === 'aac' || format === 'mp3' ? 0.09 : 0.06,
      );
      expect(maxDb).to.be.above(-20);
      expect(wav.toString('latin1', 0, 4) + wav.toString('latin1', 8, 16)).to.equal('RIFFWAVEfmt ');
      expect([wav.readUInt16LE(20), wav.readUInt16LE(22), wav.readUInt32LE(24), wav.readUInt16LE(34)]).to.deep.equal([
        1, 1, 16_000, 16,
      ]);
      expect(wav.readUInt32LE(40)).to.equal(wav.length - 44);
      expect(wav.readUInt32LE(4)).to.equal(wav.length - 8);
    });

  it('reads an Ogg behind an Ogg to its end, and AAC behind an ID3 tag', async () => {
    const ogg = await makeNote({ seconds: 2.5 });
    expect((await convert(Buffer.concat([ogg, ogg]))).durationS).to.be.closeTo(5, 0.06);
    const tag = Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\x01\x00', 'latin1'), Buffer.alloc(128)]);
    const aac = await makeNote({ format: 'aac', seconds: 2.5 });
    expect((await convert(Buffer.concat([tag, aac]))).durationS).to.be.closeTo(2.5, 0.09);
  });

  it('makes what other programs read as it says', async () => {
    const path = join(folder, 'out.wav');
    await writeFile(path, (await convert(await makeNote({ seconds: 2.5 }))).wav);
    const { stdout } = await promisify(execFile)('ffprobe', ['-v', 'error', '-show_streams', '-of', 'json', path]);
    const [stream] = (JSON.parse(stdout) as { streams: Record<string, unknown>[] }).streams;
    expect(stream).to.include({ codec_name: 'pcm_s16le', sample_rate: '16000', channels: 1 });
    expect(Number(stream!['duration'])).to.be.closeTo(2.5, 0.06);
  });

  it('hears silence and noise for what they are', async () => {
    expect((await convert(await makeNote({ kind: 'silence' }))).maxDb).to.be.below(-80);
    expect((await convert(await makeNote({ kind: 'noise' }))).maxDb).to.be.above(-30);
  });

  it('stops decoding at the longest length', async () => {
    const { durationS } = await convert(await makeNote({ seconds: 20 }), 'long', { maxSeconds: 5 });
    expect(durationS).to.be.closeTo(5, 0.06);
  });

  it('reads a truncated Ogg as far as it goes', async () => {
    const whole = await makeNote({ seconds: 6 });
    const { durationS } = await convert(whole.subarray(0, Math.floor(whole.length / 2)));
    expect(durationS).to.be.within(1.5, 5);
  });

  it('says that it cannot read what is none', async () => {
    const whole = await makeNote();
    expect(await failure(convert(await makeNote({ seconds: 0 }))), 'a track without a sample').to.equal('unreadable');
    expect(await failure(convert(whole.subarray(0, 100)))).to.equal('unreadable');
    expect(await failure(convert(Buffer.concat([Buffer.from('OggS'), Buffer.alloc(5_000, 'x')])))).to.equal(
      'unreadable',
    );
    expect(await failure(convert(Buffer.concat([Buffer.from('\0\0\0\x18ftypM4A '), Buffer.alloc(5_000)])))).to.equal(
      'unreadable',
    );
  });

  it('does not follow a playlist that calls itself audio', async () => {
    const path = join(folder, 'list.ogg');
    await writeFile(path, `#EXTM3U\n#EXTINF:1,\n${join(folder, 'note')}\n`);
    for (const container of ['ogg', 'mp3', 'm4a'] as const)
      expect(await failure(convertToWav(path, { container, maxSeconds: 5 })), container).to.equal('unreadable');
  });

  it('takes any name as a name', async () => {
    const names = [
      '$(touch pwned).ogg',
      '; touch pwned;.ogg',
      '-y -i.ogg',
      'a\'b"c.ogg',
      'ñandú á\n.ogg',
      '%d.ogg',
      'concat:a|b.ogg',
    ];
    const bytes = await makeNote({ seconds: 1 });
    for (const name of names) expect((await convert(bytes, name)).durationS, name).to.be.closeTo(1, 0.06);
    expect((await readdir(folder)).filter((name) => name === 'pwned')).to.deep.equal([]);
    expect((await readdir('.')).includes('pwned')).to.equal(false);
    await Promise.all(names.map((name) => rm(join(folder, name))));
  });

  it('ends with its signal, and its child with it', async () => {
    const bytes = await makeNote({ seconds: 170 });
    const path = join(folder, 'aborted');
    await writeFile(path, bytes);
    const abort = new AbortController();
    const work = failure(convertToWav(path, { container: 'ogg', maxSeconds: 181, signal: abort.signal }));
    await eventually(async () => expect(await ffmpegsOn(path)).to.have.length(1), { intervalMs: 5 });
    abort.abort(new Error('enough'));
    expect(await work).to.include({ message: 'enough' });
    expect(await ffmpegsOn(path)).to.deep.equal([]);
    expect(await failure(convertToWav(path, { container: 'ogg', maxSeconds: 181, signal: abort.signal }))).to.include({
      message: 'enough',
    });
  });

  it('ends at its time limit', async () => {
    const path = join(folder, 'slow');
    await writeFile(path, await makeNote({ seconds: 170 }));
    const options = { container: 'ogg', maxSeconds: 181, timeLimitMs: 20 } as const;
    expect(await failure(convertToWav(path, options))).to.equal('timeout');
    expect(await ffmpegsOn(path)).to.deep.equal([]);
  });

  it('says that there is no ffmpeg, and finds it when it comes', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '/nowhere';
    try {
      expect(await failure(convert(await makeNote()))).to.equal('missing');
    } finally {
      process.env['PATH'] = path;
    }
    expect((await convert(await makeNote())).durationS).to.be.closeTo(3, 0.06);
  });

  it('makes a voice note of a recording, its words in the Ogg comment', async () => {
    const path = join(folder, 'recorded.webm');
    await writeFile(path, await makeNote({ format: 'webm', seconds: 2 }));
    const transcript = 'Hola, ¿hay lugar del 10 al 14 de enero = para 4? 🙂';
    const note = await encodeVoiceNote(path, { transcript });
    expect(sniffContainer(note)).to.equal('ogg');
    expect(readOggComment(note, 'transcript')).to.equal(transcript);
    expect((await convert(note)).durationS).to.be.closeTo(2, 0.08);
    expect(readOggComment(await encodeVoiceNote(path), 'transcript')).to.equal(undefined);
  });
});
