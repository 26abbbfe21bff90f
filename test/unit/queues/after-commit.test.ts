import { expect } from 'chai';
import sinon from 'sinon';
import type { Nudge } from '#shared/domain/ports.ts';
import { createAfterCommit } from '#shared/queues/after-commit.ts';
import { noCourtesyLock } from '#shared/locks/courtesy-lock.ts';

describe('what follows a commit', () => {
  afterEach(() => sinon.restore());

  for (const hours of [6, -6])
    it(`waits as long as the database's clock says, with the app's wrong by ${hours} h`, async () => {
      const now = new Date('2026-11-24T12:00:00.000Z');
      sinon.useFakeTimers({ now: now.getTime() + hours * 3_600_000, toFake: ['Date'] });
      const asked: unknown[] = [];
      const afterCommit = createAfterCommit((name, payload, options) => {
        asked.push([name, payload, options]);
        return Promise.resolve();
      }, noCourtesyLock);
      const nudge: Nudge = { type: 'expire_hold', reservationId: 'r', at: new Date('2026-11-24T12:32:00.000Z') };
      await afterCommit([nudge], now);
      expect(asked).to.deep.equal([['expire-hold', { reservationId: 'r' }, { delayMs: 32 * 60_000 }]]);
    });

  it('has conversations that were answered in one transaction sent by one job', async () => {
    const asked: unknown[] = [];
    const afterCommit = createAfterCommit((name, payload) => {
      asked.push([name, payload]);
      return Promise.resolve();
    }, noCourtesyLock);
    await afterCommit([{ type: 'deliver', conversationId: '1' }], new Date());
    await afterCommit(
      [{ type: 'deliver', conversationId: '1' }, { type: 'merge_contacts' }, { type: 'deliver', conversationId: '2' }],
      new Date(),
    );
    expect(asked).to.have.deep.members([
      ['deliver-messages', { conversationId: '1' }],
      ['deliver-conversations', { conversationIds: ['1', '2'] }],
      ['sweep-unmerged-contacts', {}],
    ]);
  });
});
