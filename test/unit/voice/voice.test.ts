import { expect } from 'chai';
import { acceptTranscript, judgeSound, listKeywords } from '#shared/domain/conversations/voice.ts';

describe('the silence gate', () => {
  it('lets speech through, however quiet', () => {
    expect(judgeSound({ durationS: 3, maxDb: -4 })).to.equal(null);
    expect(judgeSound({ durationS: 0.6, maxDb: -20 })).to.equal(null);
    expect(judgeSound({ durationS: 12, maxDb: -44 })).to.equal(null);
  });
  it('stops silence and what is too short to be a word', () => {
    expect(judgeSound({ durationS: 5, maxDb: -91 })).to.equal('silent');
    expect(judgeSound({ durationS: 0.59, maxDb: -4 })).to.equal('silent');
  });
  it('stops what is longer than three minutes', () => {
    expect(judgeSound({ durationS: 180, maxDb: -4 })).to.equal(null);
    expect(judgeSound({ durationS: 181, maxDb: -4 })).to.equal('too_long');
    expect(judgeSound({ durationS: 181, maxDb: -91 })).to.equal('too_long');
  });
});

describe('what counts as said', () => {
  it('is the text, its spaces tidied', () => {
    expect(acceptTranscript('  Hola,  ¿hay lugar del 10 al 14\nde enero? ', 4)).to.equal(
      'Hola, ¿hay lugar del 10 al 14 de enero?',
    );
    for (const text of [
      'Sí',
      'Gracias',
      'Muchas gracias por todo, nos vemos en enero.',
      'Gracias por ver si hay lugar',
      '¿Me mandás un video de la cabaña?',
      'Quiero suscribirme no, quiero reservar.',
      'Obrigado, somos 4 adultos.',
      'Thanks! See you in January.',
      'Pongamos música de fondo tranquila, somos 2',
      'Mi mail es ana arroba posada.com.ar, somos 2.',
      'Quiero pagar 1.500 pesos de seña.',
    ])
      expect(acceptTranscript(text, 4), text).to.equal(text);
  });

  it('is nothing when a model made it up from silence', () => {
    for (const text of [
      '',
      ' ... ',
      '♪♪',
      '[Música]',
      '(silencio)',
      'Música',
      'Subtítulos realizados por la comunidad de Amara.org',
      'Subtítulos por la comunidad de Amara.org',
      'Subtitulado por la comunidad de Amara.org',
      '¡Suscríbete al canal!',
      'Suscríbete',
      'No olvides suscribirte.',
      '¡Gracias por ver el video!',
      'Gracias por ver.',
      'Gracias por ver el vídeo. ¡Hasta el próximo video! Suscríbete.',
      'Legendas pela comunidade Amara.org',
      'Obrigado por assistir!',
      'Inscreva-se no canal.',
      'Thank you for watching!',
      'Thanks for watching.',
      'Please subscribe to my channel.',
      'Subtitles by the Amara.org community',
      'Más información www.alimmenta.com',
      'www.mooji.org',
    ])
      expect(acceptTranscript(text, 4), text).to.equal(null);
  });

  it('keeps the words before an invented end', () => {
    expect(acceptTranscript('Somos cuatro personas. ¡Gracias por ver el video!', 4)).to.equal('Somos cuatro personas.');
    expect(acceptTranscript('Del 10 al 14. Subtítulos por la comunidad de Amara.org', 4)).to.equal('Del 10 al 14.');
  });

  it('is nothing when the length cannot belong to the note', () => {
    expect(acceptTranscript('hola '.repeat(60), 2)).to.equal(null);
    expect(acceptTranscript('hola '.repeat(60), 30)).to.be.a('string');
    expect(acceptTranscript('Sí.', 15), 'a word found in noise must not confirm').to.equal(null);
    expect(acceptTranscript('Sí.', 3)).to.equal('Sí.');
  });
});

describe('the keywords', () => {
  it('begin with the own names and know the trade and the months', () => {
    const words = listKeywords('es', ['Cabaña Lenga', ' Cabaña,  Coihue ', '', 'Cabaña Lenga']);
    expect(words.slice(0, 2)).to.deep.equal(['Cabaña Lenga', 'Cabaña Coihue']);
    expect(words).to.include.members(['seña', 'cabaña', 'finde largo', 'enero', 'diciembre']);
    expect(new Set(words).size).to.equal(words.length);
    expect(listKeywords('pt', [])).to.include.members(['sinal', 'março']);
  });
  it('are never more than sixty', () => {
    expect(
      listKeywords(
        'es',
        Array.from({ length: 200 }, (_each, index) => `Unidad ${index}`),
      ),
    ).to.have.length(60);
  });
});
