import { expect } from 'chai';
import { sweepUnansweredMessages } from '../../../workers/conversations/sweep-unanswered-messages.ts';
import type { InboundMessage } from '#shared/domain/conversations/message.ts';
import { describeOnBothBackends } from '../../support/both-backends.ts';
import { buildGuest, inDays } from '../../support/records.ts';
import { openHouse, type House } from '../../support/house.ts';

describeOnBothBackends('a message that the sweep answers', function (backend) {
  this.timeout(60_000);
  let house: House;
  before(async () => {
    house = await openHouse(backend, { pools: ['deliveries'] });
  });
  after(() => house.close());

  const phone = '5492945550009';
  const messageOf = (id: string, secondsAgo: number, text: string): InboundMessage => {
    const at = new Date(Date.now() - secondsAgo * 1_000).toISOString();
    const who = { phoneNumberId: '100200300', contact: { phone } };
    return { providerMessageId: id, ...who, sentAt: at, receivedAt: at, type: 'text', text };
  };

  it('does not overtake an older one whose job is still with a dead worker', async () => {
    const { deps } = house.workers!;
    const { conversationId } = await buildGuest(house, phone);
    await deps.enqueue('reply-to-message', messageOf('wamid.older', 24, 'tienen wifi?'), { delayMs: 600_000 });
    const younger = messageOf('wamid.younger', 20, `hay lugar del ${inDays(30)} al ${inDays(33)} para 2?`);
    await house.database.query(
      `INSERT INTO inbound_messages (conversation_id, provider_message_id, type, text, payload, sent_at, received_at, recorded_at)
       VALUES ($1, 'wamid.younger', 'text', $2, $3, $4, $4, $4)`,
      [conversationId, younger.text, JSON.stringify(younger), younger.sentAt],
    );
    await sweepUnansweredMessages({}, deps, AbortSignal.timeout(30_000));
    const rows: { id: string; state: string }[] = await house.database.query(
      `SELECT provider_message_id AS id, state FROM inbound_messages ORDER BY sent_at`,
    );
    expect(rows).to.deep.equal([
      { id: 'wamid.older', state: 'answered' },
      { id: 'wamid.younger', state: 'answered' },
    ]);
  });
});
