import { expect } from 'chai';
import type { StatusUpdate } from '#shared/domain/conversations/message.ts';
import { mergeTogether } from '#shared/db/stores/delivery-report-store.ts';
import { deliverMessages } from '../../workers/deliveries/deliver-messages.ts';
import { recordDelivery } from '../../workers/deliveries/record-delivery.ts';
import { openHouse, type House } from '../support/house.ts';
import { buildGuest } from '../support/records.ts';

describe('statuses that come at the same time', function () {
  this.timeout(60_000);
  let house: House;

  before(async () => {
    house = await openHouse('postgres', { pools: ['payments'] });
  });
  after(() => house.close());

  /** Messages of ours that WhatsApp took, of as many guests. */
  async function send(count: number, prefix: string): Promise<string[]> {
    const ids: string[] = [];
    for (let n = 0; n < count; n += 1) {
      const { conversationId } = await buildGuest(house, `5492944${prefix}${String(n).padStart(2, '0')}`);
      const id = `wamid.${prefix}.${n}`;
      await house.database.query(
        `INSERT INTO outbound_messages (conversation_id, purpose, payload, state, provider_message_id, sent_at)
         VALUES ($1, 'reply', '{"kind": "text", "body": "hola"}', 'sent', $2, now())`,
        [conversationId, id],
      );
      ids.push(id);
    }
    return ids;
  }

  const tell = (providerMessageId: string, status: string, more: Partial<StatusUpdate> = {}): StatusUpdate => ({
    providerMessageId,
    phoneNumberId: '100200300',
    status,
    at: '2026-11-24T12:00:00.000Z',
    receivedAt: '2026-11-24T12:00:01.000Z',
    recipient: {},
    errors: [],
    ...more,
  });

  const rowsOf = (ids: readonly string[]): Promise<{ state: string; delivery: string | null }[]> =>
    house.database.query(
      'SELECT state, delivery FROM outbound_messages WHERE provider_message_id = ANY($1) ORDER BY id',
      [ids],
    );

  it('end as they would one after the other, in any order', async () => {
    const ids = await send(20, '5551');
    const statuses = ids.flatMap((id, n) =>
      (n % 2 ? ['read', 'sent', 'delivered', 'read'] : ['sent', 'delivered']).map((status) => tell(id, status)),
    );
    await Promise.all(statuses.map((status) => recordDelivery(status, house.workers!.deps)));
    expect(await rowsOf(ids)).to.deep.equal(
      ids.map((_, n) => ({ state: 'sent', delivery: n % 2 ? 'read' : 'delivered' })),
    );
    const [reports]: { count: number }[] = await house.database.query(
      `SELECT count(*)::int FROM delivery_reports WHERE provider_message_id LIKE 'wamid.5551.%'`,
    );
    expect(reports!.count).to.equal(50);
  });

  it('see each other where they are about one message: an arrival stands against a failure behind it', async () => {
    const [one, other] = (await send(2, '5552')) as [string, string];
    const failed = { errors: [{ code: 131026 }] } as Partial<StatusUpdate>;
    const results = await mergeTogether(house.database, [
      tell(one, 'delivered'),
      tell(one, 'failed', failed),
      tell(other, 'failed', failed),
      tell(other, 'sent'),
    ]);
    expect(results.map(({ type }) => type)).to.deep.equal(['merged', 'known', 'failed', 'known']);
    expect(await rowsOf([one, other])).to.deep.equal([
      { state: 'sent', delivery: 'delivered' },
      { state: 'failed', delivery: 'failed' },
    ]);
  });

  it('lose nobody for the sake of one that cannot be recorded', async () => {
    const ids = await send(5, '5553');
    const broken = tell(ids[2]!, 'delivered', { at: 'no time' });
    const results = await Promise.allSettled(
      [...ids.map((id) => tell(id, 'delivered')), broken, ...ids.map((id) => tell(id, 'read'))].map((status) =>
        recordDelivery(status, house.workers!.deps),
      ),
    );
    expect(results.map(({ status }) => status).filter((status) => status === 'rejected')).to.have.length(1);
    expect(await rowsOf(ids)).to.deep.equal(ids.map(() => ({ state: 'sent', delivery: 'read' })));
  });

  it('tell of a message that was sent and could not be noted; it is not sent anew', async () => {
    const phone = '5492944555400';
    const { conversationId } = await buildGuest(house, phone);
    const [row]: { id: string }[] = await house.database.query(
      `INSERT INTO outbound_messages (conversation_id, purpose, payload, needs_template)
       VALUES ($1, 'reply', '{"kind": "template", "name": "offer", "language": "es_AR", "bodyParameters": ["a"]}', true) RETURNING id`,
      [conversationId],
    );
    const { deps } = house.workers!;
    const lost = { ...deps, markSent: () => Promise.reject(new Error('the database went away')) };
    const refused = await deliverMessages({ conversationId }, lost, AbortSignal.timeout(10_000)).catch(
      (error: Error) => error.message,
    );
    expect(refused).to.equal('the database went away');
    const stateOf = async (): Promise<string> =>
      (
        (await house.database.query('SELECT state FROM outbound_messages WHERE id = $1', [row!.id])) as {
          state: string;
        }[]
      )[0]!.state;
    expect(await stateOf()).to.equal('sending');
    await deliverMessages({ conversationId }, deps, AbortSignal.timeout(10_000));
    expect(house.whatsapp.sent(phone)).to.have.length(1);
    await recordDelivery(
      tell(house.whatsapp.sent(phone)[0]!.id, 'delivered', { opaqueId: row!.id, recipient: { waId: phone } }),
      deps,
    );
    expect(await stateOf()).to.equal('sent');
  });
});
