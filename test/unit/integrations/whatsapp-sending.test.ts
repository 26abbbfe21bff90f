import { expect } from 'chai';
import fc from 'fast-check';
import { classifyWhatsAppCode, WhatsAppError } from '#shared/integrations/whatsapp/errors.ts';
import { countCodePoints, fitLimits, whatsAppLimits } from '#shared/integrations/whatsapp/fit-limits.ts';
import { outboundMessage } from '#shared/domain/conversations/message.ts';
import type { OutboundMessage } from '#shared/domain/conversations/message.ts';
import { judgeSend } from '#shared/integrations/whatsapp/simulator-graph.ts';
import { createWhatsAppClient } from '#shared/integrations/whatsapp/client.ts';

const words = fc.oneof(
  fc
    .array(fc.constantFrom('a', 'ñ', ' ', 'á', '🏔', '👨‍👩‍👧', '\n', '…', 'Z9'), { maxLength: 120 })
    .map((units) => units.join('')),
  fc.constantFrom(
    '',
    ' ',
    'Cabaña Arrayán',
    'Cabaña frente al lago con vista',
    '👨‍👩‍👧‍👦'.repeat(12),
    'á'.repeat(5000),
    'x\ny\tz',
  ),
);
const id = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => text.trim() !== '');
const message: fc.Arbitrary<OutboundMessage> = fc.oneof(
  fc.record({ kind: fc.constant('text' as const), body: words }),
  fc.record(
    {
      kind: fc.constant('buttons' as const),
      body: words,
      header: words,
      footer: words,
      buttons: fc.array(fc.record({ id, title: words }), { minLength: 1, maxLength: 6 }),
    },
    { requiredKeys: ['kind', 'body', 'buttons'] },
  ),
  fc.record(
    {
      kind: fc.constant('list' as const),
      body: words,
      button: words,
      header: words,
      footer: words,
      sections: fc.array(
        fc.record(
          {
            title: words,
            rows: fc.array(fc.record({ id, title: words, description: words }, { requiredKeys: ['id', 'title'] }), {
              minLength: 1,
              maxLength: 8,
            }),
          },
          { requiredKeys: ['rows'] },
        ),
        { minLength: 1, maxLength: 4 },
      ),
    },
    { requiredKeys: ['kind', 'body', 'button', 'sections'] },
  ),
  fc.record({ kind: fc.constant('image' as const), link: fc.constant('https://example.com/a.jpg'), caption: words }),
  fc.record({
    kind: fc.constant('template' as const),
    name: fc.constant('offer'),
    language: fc.constant('es_AR'),
    bodyParameters: fc.array(words, { maxLength: 4 }),
  }),
);

function bodyOf(fitted: OutboundMessage): string | undefined {
  return 'body' in fitted ? fitted.body : undefined;
}

/** The request that the client would post. */
async function requestOf(sent: OutboundMessage): Promise<unknown> {
  let body: unknown;
  const client = createWhatsAppClient({
    apiUrl: 'http://127.0.0.1/v26.0/',
    accessToken: 't',
    phoneNumberId: '1',
    call: (_url, request) => {
      body = JSON.parse(request.body!);
      return Promise.resolve({ status: 200, retryAfter: undefined, text: '{"messages":[{"id":"wamid.1"}]}' });
    },
  });
  await client.send(sent, { to: '5492944000001' }, { opaqueId: 'm1' });
  return body;
}

describe('fitLimits', () => {
  it('makes of any message one that WhatsApp accepts, and changes it no further', async () => {
    await fc.assert(
      fc.asyncProperty(message, async (sent) => {
        const fitted = fitLimits(sent);
        expect(outboundMessage.parse(fitted)).to.deep.equal(fitted);
        expect(fitLimits(fitted)).to.deep.equal(fitted);
        const isEmpty = bodyOf(fitted) === '';
        if (!isEmpty) expect(judgeSend(await requestOf(sent))).to.have.property('send');
      }),
      { numRuns: 400 },
    );
  });

  it('leaves alone what fits', () => {
    const sent: OutboundMessage = {
      kind: 'buttons',
      body: '¿Confirmás?\nSon $ 48.000',
      buttons: [
        { id: 'a', title: 'Confirmar' },
        { id: 'b', title: 'Cambiar' },
      ],
    };
    expect(fitLimits(sent)).to.deep.equal(sent);
  });

  it('cuts with an ellipsis, counting code points and never through an emoji', () => {
    const family = '👨‍👩‍👧‍👦';
    const fitted = fitLimits({ kind: 'buttons', body: 'x', buttons: [{ id: 'a', title: family.repeat(5) }] });
    const [button] = fitted.kind === 'buttons' ? fitted.buttons : [];
    expect(button?.title).to.equal(`${family.repeat(2)}…`);
    expect(countCodePoints(button?.title ?? '')).to.be.at.most(whatsAppLimits.buttonTitle);
    const text = fitLimits({ kind: 'text', body: '🏔'.repeat(4096) });
    expect(bodyOf(text)).to.equal('🏔'.repeat(4096));
    expect(countCodePoints(bodyOf(fitLimits({ kind: 'text', body: '🏔'.repeat(4097) })) ?? '')).to.equal(4096);
  });

  it('keeps titles different and rows to ten in all', () => {
    const row = (index: number): { id: string; title: string } => ({
      id: `unit:${index}`,
      title: 'Cabaña con vista al lago Nahuel Huapi',
    });
    const fitted = fitLimits({
      kind: 'list',
      body: 'Libres',
      button: 'Ver',
      sections: [{ rows: Array.from({ length: 8 }, (_, index) => row(index)) }, { rows: [row(8), row(9), row(10)] }],
    });
    const rows = fitted.kind === 'list' ? fitted.sections.flatMap((section) => section.rows) : [];
    expect(rows.map((each) => each.id)).to.deep.equal(Array.from({ length: 10 }, (_, index) => `unit:${index}`));
    expect(new Set(rows.map((each) => each.title)).size).to.equal(10);
    expect(rows[0]?.title).to.equal('Cabaña con vista al lag…');
    expect(rows[9]?.title).to.equal('Cabaña con vista al… 10');
  });

  it('puts template parameters on one line and never empty', () => {
    const fitted = fitLimits({ kind: 'template', name: 'n', language: 'es', bodyParameters: ['a\n b\t c', ' '] });
    expect(fitted.kind === 'template' && fitted.bodyParameters).to.deep.equal(['a b c', '-']);
  });
});

describe('classifyWhatsAppCode', () => {
  it('goes by the code, else by the status', () => {
    expect(classifyWhatsAppCode(131047, 400)).to.equal('outside_window');
    expect(classifyWhatsAppCode(131026)).to.equal('undeliverable');
    expect(classifyWhatsAppCode(131048, 429)).to.equal('do_not_retry');
    expect(classifyWhatsAppCode(200, 403)).to.equal('auth');
    expect(classifyWhatsAppCode(undefined, 429)).to.equal('number_rate');
    expect(classifyWhatsAppCode(999_999, 500)).to.equal('temporary');
    expect(classifyWhatsAppCode(999_999, 400)).to.equal('invalid');
  });

  it('is what errors carry, in words without a secret', () => {
    const error = new WhatsAppError('user_rate', { status: 400, code: 131056, retryAfterMs: 4000 });
    expect(error.message).to.equal('WhatsApp: user_rate (status 400, code 131056)');
    expect(error.retryAfterMs).to.equal(4000);
  });
});
