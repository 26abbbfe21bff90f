import { expect } from 'chai';
import {
  apologyForFailure,
  bookingConfirmed,
  checkinReminder,
  holdExpired,
  holdReleasedForOther,
  holdReminder,
  linkIsLate,
  paymentInsufficient,
  paymentLinkReady,
  paymentPending,
  paymentRefundPending,
  paymentRejected,
  paymentTooLateParked,
  thanksAfterStay,
  type NoticeContext,
} from '#shared/domain/conversations/notices.ts';
import type { OutboundMessage } from '#shared/integrations/whatsapp/payload.ts';
import { expectSendable, readable } from './check-limits.ts';
import { buildReservation, createWorld, lodging, takeTurn, buildMessage, units } from './world.ts';

const url = 'https://www.mercadopago.com.ar/checkout/v1/redirect?pref_id=123-2026-01-01-abc';

function contextIn(language: NoticeContext['language']): NoticeContext {
  const world = createWorld();
  const reservation = buildReservation(world, { accommodationId: 1, adults: 4 });
  return { language, lodging, accommodation: units[0]!, reservation, now: world.now };
}

function allNotices(context: NoticeContext): OutboundMessage[] {
  return [
    paymentLinkReady(context, { url, expiresAt: context.reservation.holdExpiresAt }),
    linkIsLate(context),
    bookingConfirmed(context, { paidCents: 5_400_000 }),
    paymentPending(context),
    paymentRejected(context, { url }),
    paymentRejected(context, { url: null }),
    holdExpired(context),
    paymentTooLateParked(context),
    paymentInsufficient(context, { receivedCents: 100 }),
    paymentRefundPending(context),
    apologyForFailure(context.language),
    holdReminder(context, { url }),
    holdReminder(context, { url: null }),
    checkinReminder(context, { paidCents: 5_400_000 }),
    thanksAfterStay(context),
    holdReleasedForOther(context),
  ];
}

describe('notices', () => {
  for (const language of ['es', 'pt', 'en'] as const)
    it(`are all sendable in ${language}`, () => {
      for (const message of allNotices(contextIn(language))) expectSendable(message);
    });

  it('send the link in one message with summary, deposit and until when', () => {
    const context = contextIn('es');
    const message = paymentLinkReady(context, { url, expiresAt: context.reservation.holdExpiresAt });
    expect(message.kind).to.equal('text');
    const said = readable(message);
    for (const words of [
      'Cabaña Lenga',
      'del dom 10 al jue 14 de enero',
      '4 noches',
      '4 personas',
      '$ 180.000',
      '$ 54.000',
      '12:30',
    ])
      expect(said).to.include(words);
    expect(said.endsWith(`\n${url}`), 'the link unchanged, on a line of its own').to.equal(true);
  });

  it('confirm with code, hours, address, what was paid and what is due', () => {
    const context = contextIn('es');
    const said = readable(bookingConfirmed(context, { paidCents: 5_400_000 }));
    for (const words of [context.reservation.code, '14:00', '10:00', 'Ruta 40', '$ 54.000', 'Resta $ 126.000'])
      expect(said).to.include(words);
    expect(readable(bookingConfirmed(context, { paidCents: 18_000_000 }))).to.include('Está todo pago');
  });

  it('repeat the link of a rejected payment while it is open, and offer to hold again after', () => {
    const context = contextIn('es');
    expect(readable(paymentRejected(context, { url }))).to.include(url);
    const closed = paymentRejected(context, { url: null });
    expect(closed.kind).to.equal('buttons');
    expect(readable(closed)).not.to.include('http');
  });

  it('offer an expired hold again by one tap, which shows a summary and holds nothing', async () => {
    const context = contextIn('es');
    const message = holdExpired(context);
    if (message.kind !== 'buttons') throw new Error('buttons are expected');
    const world = createWorld();
    const turn = await takeTurn(world, [buildMessage({ type: 'choice', choiceId: message.buttons[0]!.id })]);
    expect(turn.decision.act).to.equal(null);
    expect(turn.replies.map(readable).join()).to.include('¿Confirmo?');
  });

  it('say nothing of refunds or rules while money is being looked at', () => {
    for (const message of [
      paymentTooLateParked(contextIn('es')),
      paymentInsufficient(contextIn('es'), { receivedCents: 100 }),
    ])
      expect(readable(message)).to.include('Lo estamos revisando');
  });
});
