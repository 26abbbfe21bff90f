import { expect } from 'chai';
import type { SimulatedRequest } from '#shared/integrations/simulator-kit/http.ts';
import { describeOnBothBackends } from '../support/both-backends.ts';
import { eventually } from '../support/eventually.ts';
import { createPhone, openHouse, type House } from '../support/house.ts';

describeOnBothBackends('a worker killed with SIGKILL', function (backend) {
  this.timeout(60_000);
  let house: House;
  beforeEach(async () => {
    house = await openHouse(backend, { pools: [] });
  });
  afterEach(() => house.close());

  const outboundStates = async (): Promise<string[]> => {
    const rows: { state: string }[] = await house.database.query('SELECT state FROM outbound_messages ORDER BY id');
    return rows.map(({ state }) => state);
  };

  it('between the commit and the send costs the guest nothing', async () => {
    const phone = createPhone(house);
    const worker = await house.spawnWorkers('conversations');
    await phone.say('hola');
    await eventually(async () => expect(await outboundStates()).to.deep.equal(['unsent']));
    await worker.kill();
    expect(phone.received()).to.have.length(0);
    await house.spawnWorkers('conversations', 'deliveries');
    await phone.waitFor(/./, 30_000);
    await eventually(async () => expect(await outboundStates()).to.deep.equal(['sent']));
    expect(phone.received()).to.have.length(1);
  });

  it('while a send that arrived waits for its answer: the status tells, and nothing is sent twice', async () => {
    const phone = createPhone(house);
    house.whatsapp.failNext(1, { kind: 'silence', acted: true }, isSend);
    const worker = await house.spawnWorkers('conversations', 'deliveries');
    await phone.say('hola');
    await phone.waitFor(/./);
    await worker.kill();
    await house.spawnWorkers('conversations', 'deliveries');
    await eventually(async () => expect(await outboundStates()).to.deep.equal(['sent']), { timeoutMs: 30_000 });
    expect(phone.received()).to.have.length(1);
  });

  it('while a send that never arrived waits for its answer: it is sent again, once', async () => {
    const phone = createPhone(house);
    let sends = 0;
    house.whatsapp.failNext(1, { kind: 'silence' }, (call) => isSend(call) && ++sends > 0);
    const worker = await house.spawnWorkers('conversations', 'deliveries');
    await phone.say('hola');
    await eventually(() => expect(sends).to.equal(1));
    await worker.kill();
    // Most of the wait for a status passes.
    await house.database.query(
      `UPDATE outbound_messages SET sending_at = sending_at - interval '12 seconds' WHERE state = 'sending'`,
    );
    await house.spawnWorkers('conversations', 'deliveries');
    await phone.waitFor(/./, 40_000);
    await eventually(async () => expect(await outboundStates()).to.deep.equal(['sent']));
    expect(phone.received()).to.have.length(1);
  });
});

function isSend({ body }: SimulatedRequest): boolean {
  return !body.toString().includes('"status":"read"');
}
