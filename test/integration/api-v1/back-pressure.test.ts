import { expect } from 'chai';
import { migrateQueues } from '#shared/queues/connections.ts';
import type { QueueStore } from '#shared/queues/connections.ts';
import { describeOnBothBackends, redisUrlFor } from '../../support/both-backends.ts';
import { createEmptyDatabase, type TestDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { track } from '../../support/track.ts';
import { startIngress, textMessage, webhookOf, type TestIngress } from '../ingress/ingress.ts';
import { openTestQueues } from '../queues/pools.ts';

describeOnBothBackends('webhooks above a queue depth', (backend) => {
  let database: TestDatabase;
  let store: QueueStore;
  let ingress: TestIngress;
  before(async function () {
    this.timeout(60_000);
    database = await createEmptyDatabase();
    await migrateQueues(database.url);
    store = track(openTestQueues({ redisUrl: await redisUrlFor(backend), databaseUrl: database.url }), 'queue store');
    await store.opened;
    ingress = track(await startIngress(store, { env: { WEBHOOK_QUEUE_LIMIT: '20' } }), 'ingress');
  });
  after(async () => {
    await Promise.all(Object.values(store.queues() ?? {}).map((queue) => queue.obliterate({ force: true })));
    await ingress.close();
    await store.close();
    await database.drop();
  });

  const post = (id: string): Promise<Response> =>
    ingress.postWhatsApp(webhookOf(ingress.env.whatsapp.phoneNumberId, [[textMessage(`wamid.${id}`, 'hola')]]));

  it('are refused with 503 until the queue is shorter, each queue for itself, never by address', async () => {
    for (let i = 0; i < 21; i += 1) expect((await post(`a${i}`)).status).to.equal(200);
    const refused = await eventually(async () => {
      const answer = await post('late');
      expect(answer.status).to.equal(503);
      return answer;
    });
    expect(refused.headers.get('retry-after')).to.equal('30');
    expect(await refused.json()).to.include({ code: 'queue_full' });
    expect((await ingress.postMercadoPago('data.id=1&type=payment')).status).to.equal(200);
    expect(await ingress.metrics.render()).to.match(
      /webhooks_received_total\{provider="whatsapp",outcome="queue_full"\} [1-9]/,
    );
    await store.queues()!.conversations.drain();
    await eventually(async () => expect((await post('after')).status).to.equal(200));
  });
});
