import { expect } from 'chai';
import fc from 'fast-check';
import { WebhookSignatureValidator } from 'mercadopago';
import { signMercadoPago, verifyMercadoPagoSignature } from '#shared/integrations/mercadopago/signature.ts';
import type { MercadoPagoSignatureInput } from '#shared/integrations/mercadopago/signature.ts';
import { signWhatsApp, verifyWhatsAppSignature } from '#shared/integrations/whatsapp/signature.ts';

/** Any UTF-16 units, halves of pairs too. */
const anyText = fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units));

describe('verifyWhatsAppSignature', () => {
  const raw = Buffer.from('{"text":"ma\\u00f1ana & 🏔️"}');
  const header = signWhatsApp(raw, 'secret');

  it('accepts what either of two secrets signed', () => {
    expect(verifyWhatsAppSignature(raw, header, ['secret'])).to.deep.equal({ valid: true });
    expect(verifyWhatsAppSignature(raw, header, ['new', 'secret'])).to.deep.equal({ valid: true });
    expect(verifyWhatsAppSignature(raw, header, ['secret', 'new'])).to.deep.equal({ valid: true });
  });

  it('judges bytes: the same JSON written otherwise fails', () => {
    const again = Buffer.from(JSON.stringify(JSON.parse(raw.toString())));
    expect(verifyWhatsAppSignature(again, header, ['secret'])).to.deep.equal({ valid: false, reason: 'mismatch' });
  });

  it('says what is wrong and never throws', () => {
    const reason = (value: string | undefined, secrets = ['secret']): string | undefined =>
      verifyWhatsAppSignature(raw, value, secrets).reason;
    expect(reason(undefined)).to.equal('missing');
    expect(reason('  ')).to.equal('missing');
    expect(reason('sha256=')).to.equal('malformed');
    expect(reason(header.replace('sha256', 'sha1'))).to.equal('malformed');
    expect(reason(`sha256=${'é'.repeat(32)}`)).to.equal('malformed');
    expect(reason(`sha256=${'ñ'.repeat(64)}`)).to.equal('malformed');
    expect(reason(header, ['other'])).to.equal('mismatch');
    expect(reason(signWhatsApp(raw, ''), [''])).to.equal('mismatch');
    expect(reason(header, [])).to.equal('mismatch');
    fc.assert(fc.property(anyText, (text) => reason(text) !== undefined));
  });
});

describe('verifyMercadoPagoSignature', () => {
  const secret = 'secret';
  const xRequestId = '2066ca19-0000-4000-8000-be7519230000';
  const ts = '1742505638';
  const sign = (dataId?: string, requestId?: string): string =>
    signMercadoPago({
      secret,
      ts,
      ...(dataId === undefined ? {} : { dataId }),
      ...(requestId === undefined ? {} : { xRequestId: requestId }),
    });
  const verdict = (input: Partial<MercadoPagoSignatureInput>): string => {
    const { valid, reason } = verifyMercadoPagoSignature({
      secret,
      xSignature: undefined,
      xRequestId,
      dataId: '1',
      ...input,
    });
    return valid ? 'valid' : (reason ?? 'no reason');
  };

  it('accepts the parts in any order, with spaces and with unknown keys', () => {
    const [, v1] = sign('1', xRequestId).split(',');
    expect(verdict({ xSignature: sign('1', xRequestId) })).to.equal('valid');
    expect(verdict({ xSignature: ` ${v1} , x=1, v2=abc , ts = ${ts} ` })).to.equal('valid');
    expect(verdict({ xSignature: [sign('1', xRequestId)], xRequestId: [xRequestId], dataId: ['1'] })).to.equal('valid');
  });

  it('leaves absent parts out of the manifest', () => {
    expect(verdict({ xSignature: sign(undefined, xRequestId), dataId: undefined })).to.equal('valid');
    expect(verdict({ xSignature: sign('1'), xRequestId: null })).to.equal('valid');
    expect(verdict({ xSignature: sign(), xRequestId: '', dataId: '  ' })).to.equal('valid');
  });

  it('accepts an alphanumeric id as received and lower-cased', () => {
    expect(verdict({ xSignature: sign('ORD01AB', xRequestId), dataId: 'ORD01AB' })).to.equal('valid');
    expect(verdict({ xSignature: sign('ord01ab', xRequestId), dataId: 'ORD01AB' })).to.equal('valid');
    expect(verdict({ xSignature: sign('ORD01AB', xRequestId), dataId: 'ord01ab' })).to.equal('mismatch');
  });

  it('measures a tolerance in seconds and in milliseconds, and only when asked', () => {
    for (const stamp of ['1742505638', '1742505638683']) {
      const xSignature = signMercadoPago({ secret, dataId: '1', xRequestId, ts: stamp });
      expect(verdict({ xSignature })).to.equal('valid');
      expect(verdict({ xSignature, toleranceSeconds: 60, nowMs: 1_742_505_668_000 })).to.equal('valid');
      expect(verdict({ xSignature, toleranceSeconds: 60, nowMs: 1_742_505_738_000 })).to.equal('out_of_tolerance');
    }
  });

  it('says what is wrong and never throws', () => {
    const good = sign('1', xRequestId);
    expect(verdict({})).to.equal('missing');
    expect(verdict({ xSignature: 'nonsense' })).to.equal('malformed');
    expect(verdict({ xSignature: good.split(',')[1]! })).to.equal('missing_timestamp');
    expect(verdict({ xSignature: `ts=${ts}` })).to.equal('missing_hash');
    expect(verdict({ xSignature: good.replace(ts, 'abc') })).to.equal('malformed');
    expect(verdict({ xSignature: `ts=${ts},v1=${'é'.repeat(32)}` })).to.equal('mismatch');
    expect(verdict({ xSignature: good, dataId: '2' })).to.equal('mismatch');
    expect(verdict({ xSignature: good, secret: '' })).to.equal('mismatch');
    fc.assert(fc.property(anyText, (text) => verdict({ xSignature: text }) !== 'valid'));
  });

  it('agrees with the vendor’s validator', () => {
    const part = fc.option(fc.stringMatching(/^[a-z0-9-]{1,20}$/), { nil: undefined });
    fc.assert(
      fc.property(
        part,
        part,
        fc.constantFrom('1742505638', '1742505638683'),
        fc.boolean(),
        (dataId, requestId, at, spoil) => {
          const signed = signMercadoPago({
            secret: spoil ? 'other' : secret,
            ts: at,
            ...(dataId === undefined ? {} : { dataId }),
            ...(requestId === undefined ? {} : { xRequestId: requestId }),
          });
          let theirs = true;
          try {
            WebhookSignatureValidator.validate({ secret, xSignature: signed, xRequestId: requestId, dataId });
          } catch {
            theirs = false;
          }
          const mine = verifyMercadoPagoSignature({ secret, xSignature: signed, xRequestId: requestId, dataId }).valid;
          expect([mine, theirs]).to.deep.equal([!spoil, !spoil]);
        },
      ),
    );
  });
});
