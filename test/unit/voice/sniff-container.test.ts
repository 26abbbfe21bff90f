import { expect } from 'chai';
import { sniffContainer } from '#shared/integrations/ffmpeg/sniff-container.ts';

describe('the container of a file', () => {
  const head = (text: string): Buffer => Buffer.from(text, 'latin1');

  it('is told by its first bytes', () => {
    expect(sniffContainer(head('OggS\0\x02'))).to.equal('ogg');
    expect(sniffContainer(head('\0\0\0\x1cftypM4A '))).to.equal('m4a');
    expect(sniffContainer(head('\0\0\0\x18ftyp3gp4'))).to.equal('m4a');
    expect(sniffContainer(head('#!AMR\n<'))).to.equal('amr');
    expect(sniffContainer(head('#!AMR-WB\n'))).to.equal('amr');
    expect(sniffContainer(head('RIFF\x24\0\0\0WAVEfmt '))).to.equal('wav');
    expect(sniffContainer(head('fLaC\0'))).to.equal('flac');
    expect(sniffContainer(head('\x1a\x45\xdf\xa3\x01'))).to.equal('webm');
    expect(sniffContainer(head('ID3\x04\0\0\0\0\0\x0a'))).to.equal('mp3');
    expect(sniffContainer(head('\xff\xfb\x90\x64'))).to.equal('mp3');
    expect(sniffContainer(head('\xff\xf3\x40\xc4'))).to.equal('mp3');
    expect(sniffContainer(head('\xff\xf1\x50\x80'))).to.equal('aac');
  });

  it('is none for what could make ffmpeg read other files', () => {
    for (const text of [
      '',
      'O',
      'hola, soy un texto',
      '#EXTM3U\n#EXT-X-VERSION:3\nfile:///etc/passwd',
      "ffconcat version 1.0\nfile '/etc/passwd'",
      'v=0\r\no=- 0 0 IN IP4 127.0.0.1',
      '<?xml version="1.0"?><MPD>',
      'RIFF\x24\0\0\0AVI LIST',
      '\xff\x00\x00',
      '%PDF-1.7',
    ])
      expect(sniffContainer(head(text)), text).to.equal(undefined);
  });

  it('reads a view into a bigger buffer', () => {
    expect(sniffContainer(Buffer.from('xxxxOggS').subarray(4))).to.equal('ogg');
  });
});
