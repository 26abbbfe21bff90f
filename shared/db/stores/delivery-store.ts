import type { OutboundMessage } from '#shared/domain/conversations/message.ts';
import { inOrderOf, sideBySide } from '#shared/side-by-side.ts';
import type { EntityManager } from 'typeorm';
import type { Database } from '../data-source.ts';
import { waitBriefly } from '../lock-wait.ts';
import { findRecipient, type ConversationRecipient } from './recipient-store.ts';
import { isFreshSuccess } from './vendor-health-store.ts';

/** A row that this worker may send now: nobody else has it, and nothing before it waits. */
export type ClaimedMessage = {
  id: string;
  conversationId: string;
  payload: OutboundMessage;
  attempts: number;
  purpose: string;
  /** What an approved template says instead, in its language. */
  templateText: string | null;
  /** The guest wrote within 24 hours, and WhatsApp did not say otherwise: free-form may be sent. */
  isFreeForm: boolean;
  /** Since when it waits. */
  createdAt: Date;
  /** The provider's id of the message that it is the first answer to, to be marked as read. */
  answersProviderId: string | null;
  /** When that message reached our webhook; for the reply latency. */
  answersReceivedAt: Date | null;
  /** Was it spoken? */
  answersVoice: boolean;
};

export type Claim =
  | { type: 'claimed'; message: ClaimedMessage }
  /** Nothing waits. */
  | { type: 'none' }
  /** The first row is somebody's, or not due: come again after that many milliseconds. */
  | { type: 'later'; waitMs: number }
  /** The first row may have been sent and no status tells: it may be sent again once WhatsApp is known to answer. */
  | { type: 'doubtful' }
  /** Something waits, but WhatsApp asked for no calls. */
  | { type: 'at_rest' };

export type DeliveryTimes = {
  /** A lease older than this is its dead owner's. */
  leaseMs: number;
  /** How long after a lease began a status with our id is waited for, before an ambiguous send is made again. */
  statusWaitMs: number;
};

/**
 * How often an ambiguous send is made again before it is parked for the owner: once when WhatsApp gave no clear answer; more often
 * when its worker died, which says nothing about the message.
 */
const mostRepeats = { unanswered: 1, ownerDied: 10 };
/** WhatsApp counts a guest's 24 hours by its own clock and whole seconds. */
const windowOf = `interval '24 hours' - interval '1 minute'`;

/**
 * Claims the first waiting row of a conversation by lease (`sending_at`). The row lock makes two workers take turns, the order
 * by id keeps a guest's answers in order: a row is sent only when no earlier one waits. A send whose owner died, or that ended
 * without an answer, is ambiguous: it waits for its status, is sent again (`mayRepeat`), then parked. While WhatsApp wants no
 * calls nothing is claimed, but by the one that probes it (`isProbing`).
 */
export async function claimNextMessage(
  database: Database,
  conversationId: string,
  times: DeliveryTimes,
  { mayRepeat = false, isProbing = false }: { mayRepeat?: boolean; isProbing?: boolean } = {},
): Promise<Claim> {
  const [row]: (FirstRow & ClaimRow)[] = await database.query(claimFirst, [conversationId, isProbing]);
  const claim = toPlainClaim(row);
  if (!row || claim) return claim ?? { type: 'none' };
  const waitMs = waitOf(row, times);
  if (waitMs > 0) return { type: 'later', waitMs };
  // Sent back by somebody since this statement began.
  if (row.state === 'unsent') return { type: 'later', waitMs: 0 };
  return settleDoubt(database, row.id, times, mayRepeat);
}

/** A claim as most are, with whom it goes to; `claim` is undefined where `claimNextMessage` has to look closer. */
export type JointClaim = { claim: Claim | undefined; to: ConversationRecipient | undefined };

/** The first waiting row of each of several conversations, in one transaction: one commit for all of them. */
export async function claimTogether(database: Database, conversationIds: readonly string[]): Promise<JointClaim[]> {
  return database.transaction(async (manager) => {
    await waitBriefly(manager);
    return sideBySide(
      conversationIds.map(async (conversationId) => {
        const [[row], to] = await sideBySide([
          manager.query<(FirstRow & ClaimRow)[]>(claimFirst, [conversationId, false]),
          findRecipient(manager, conversationId),
        ]);
        return { claim: toPlainClaim(row), to };
      }),
    );
  });
}

function toPlainClaim(row: ClaimRow | undefined): Claim | undefined {
  if (!row) return { type: 'none' };
  if (row.is_claimed) return { type: 'claimed', message: toClaimed(row) };
  return row.is_at_rest ? { type: 'at_rest' } : undefined;
}

/** The row's lock is waited for; it comes as it is then, so that one claimed by somebody else meanwhile is `sending`. */
const selectWaiting = `SELECT o.id, o.state, o.is_ambiguous, o.ambiguous_sends,
    extract(epoch FROM o.next_attempt_at - now()) * 1000 AS due_in_ms,
    extract(epoch FROM now() - o.sending_at) * 1000 AS leased_ms
  FROM outbound_messages o WHERE o.state IN ('unsent', 'sending')`;

/** The message `m` that the row `o` answers, unless an earlier row answers it too. */
const isFirstAnswer = `m.id = o.answers_message_id AND NOT EXISTS (
  SELECT FROM outbound_messages e
  WHERE e.conversation_id = o.conversation_id AND e.answers_message_id = o.answers_message_id AND e.id < o.id)`;

const returning = `RETURNING true AS is_claimed, o.id, o.conversation_id, o.payload, o.attempts, o.purpose, o.template_text, o.created_at,
  NOT o.needs_template AND EXISTS (
    SELECT FROM inbound_messages g WHERE g.conversation_id = o.conversation_id AND g.type NOT IN ('echo', 'system')
      AND g.sent_at > now() - (${windowOf}) AND NOT g.payload ? 'groupId') AS is_free_form,
  (SELECT m.provider_message_id FROM inbound_messages m WHERE ${isFirstAnswer}) AS answers_provider_id,
  (SELECT m.received_at FROM inbound_messages m WHERE ${isFirstAnswer}) AS answers_received_at,
  (SELECT m.type FROM inbound_messages m WHERE m.id = o.answers_message_id) AS answers_type`;

const setClaimed = `state = 'sending', sending_at = now(), attempts = attempts + 1, is_ambiguous = false`;

/** One statement: what most messages need. A row that may have been sent before is nothing for it. */
const claimFirst = `WITH first AS (${selectWaiting} AND o.conversation_id = $1 ORDER BY o.id LIMIT 1 FOR NO KEY UPDATE),
  rest AS (SELECT EXISTS (SELECT FROM vendor_health WHERE vendor = 'whatsapp' AND stops > 0) AND NOT $2::boolean AS is_on),
  claimed AS (
    UPDATE outbound_messages o SET ${setClaimed} FROM first, rest
    WHERE o.id = first.id AND first.state = 'unsent' AND first.due_in_ms <= 0 AND NOT rest.is_on ${returning})
  SELECT claimed.*, first.*, rest.is_on AS is_at_rest FROM rest, first LEFT JOIN claimed ON claimed.id = first.id`;

/** Milliseconds until the row may be sent, by itself or because its lease and the wait for its status are over. */
function waitOf({ state, is_ambiguous, due_in_ms, leased_ms }: FirstRow, times: DeliveryTimes): number {
  if (state === 'unsent') return Number(due_in_ms);
  return (is_ambiguous ? times.statusWaitMs : Math.max(times.leaseMs, times.statusWaitMs)) - Number(leased_ms);
}

/** Its sender is dead or had no answer, and no status told: looked at again under the row's lock, then sent again or parked. */
async function settleDoubt(database: Database, id: string, times: DeliveryTimes, mayRepeat: boolean): Promise<Claim> {
  return database.transaction(async (manager) => {
    const [row]: FirstRow[] = await manager.query(`${selectWaiting} AND o.id = $1 FOR NO KEY UPDATE`, [id]);
    if (row?.state !== 'sending' || waitOf(row, times) > 0) return { type: 'later', waitMs: 0 };
    if (row.ambiguous_sends >= mostRepeats[row.is_ambiguous ? 'unanswered' : 'ownerDied']) {
      await manager.query(`UPDATE outbound_messages SET state = 'parked', failure_code = 'ambiguous' WHERE id = $1`, [
        id,
      ]);
      await manager.query(
        `INSERT INTO owner_notices (type, conversation_id, data)
         SELECT 'message_parked', conversation_id, jsonb_build_object('messageId', id::text) FROM outbound_messages
         WHERE id = $1 AND purpose <> 'owner_alert'`,
        [id],
      );
      return { type: 'later', waitMs: 0 };
    }
    if (!mayRepeat) return { type: 'doubtful' };
    const [claimed]: [ClaimRow[], number] = await manager.query(
      `UPDATE outbound_messages o SET ${setClaimed}, ambiguous_sends = ambiguous_sends + 1 WHERE o.id = $1 ${returning}`,
      [id],
    );
    return { type: 'claimed', message: toClaimed(claimed[0]!) };
  });
}

type FirstRow = {
  id: string;
  state: 'unsent' | 'sending';
  is_ambiguous: boolean;
  ambiguous_sends: number;
  due_in_ms: string;
  leased_ms: string | null;
};
type ClaimRow = {
  is_claimed: boolean | null;
  is_at_rest: boolean;
  id: string;
  conversation_id: string;
  payload: OutboundMessage;
  attempts: number;
  purpose: string;
  template_text: string | null;
  created_at: Date;
  is_free_form: boolean;
  answers_provider_id: string | null;
  answers_received_at: Date | null;
  answers_type: string | null;
};

function toClaimed(row: ClaimRow): ClaimedMessage {
  return {
    id: row.id,
    conversationId: row.conversation_id,
    payload: row.payload,
    attempts: row.attempts,
    purpose: row.purpose,
    templateText: row.template_text,
    isFreeForm: row.is_free_form,
    createdAt: row.created_at,
    answersProviderId: row.answers_provider_id,
    answersReceivedAt: row.answers_received_at,
    answersVoice: row.answers_type === 'audio',
  };
}

/** WhatsApp took the message, under that id of its own. */
export type Sent = { id: string; providerMessageId: string };
/** Whether another row of the conversation waits, and whether the last success with WhatsApp is too long ago to stand for this one. */
export type AfterSent = { isMore: boolean; isNews: boolean };

/** WhatsApp took it. A status may have come first and told the same, or that it failed, which stands. */
export async function markSent(
  database: Pick<EntityManager, 'query'>,
  { id, providerMessageId }: Sent,
): Promise<AfterSent> {
  const [row]: { is_more: boolean; is_news: boolean }[] = await database.query(
    `WITH sent AS (
       UPDATE outbound_messages SET state = CASE WHEN state = 'sending' THEN 'sent' ELSE state END,
         provider_message_id = $2, sent_at = coalesce(sent_at, now()), is_ambiguous = false,
         failure_code = CASE WHEN state = 'sending' THEN NULL ELSE failure_code END
       WHERE id = $1 AND state NOT IN ('unsent', 'kept'))
     SELECT EXISTS (SELECT FROM outbound_messages o WHERE o.state IN ('unsent', 'sending') AND (o.id <> $1 OR o.state = 'unsent')
         AND o.conversation_id = (SELECT conversation_id FROM outbound_messages WHERE id = $1)) AS is_more,
       NOT EXISTS (SELECT FROM vendor_health WHERE vendor = 'whatsapp' AND ${isFreshSuccess}) AS is_news`,
    [id, providerMessageId],
  );
  return { isMore: row!.is_more, isNews: row!.is_news };
}

/** Several at once, in one transaction, in the order in which `mergeTogether` takes rows too. */
export async function markSentTogether(database: Database, sent: readonly Sent[]): Promise<AfterSent[]> {
  return database.transaction(async (manager) => {
    await waitBriefly(manager);
    return inOrderOf(
      sent,
      ({ id }) => Number(id),
      (ordered) => sideBySide(ordered.map((each) => markSent(manager, each))),
    );
  });
}

/** Certainly not sent: again after that many milliseconds. */
export async function postponeSend(database: Database, id: string, waitMs: number, code: string): Promise<void> {
  await database.query(
    `UPDATE outbound_messages SET state = 'unsent', provider_message_id = NULL, failure_code = $3,
       next_attempt_at = now() + make_interval(secs => $2)
     WHERE id = $1 AND state IN ('sending', 'failed')`,
    [id, waitMs / 1000, code],
  );
}

/** WhatsApp will not take it as free-form: at once again, as its template. */
export async function demandTemplate(database: Database, id: string, code: string): Promise<void> {
  await database.query('UPDATE outbound_messages SET needs_template = true WHERE id = $1', [id]);
  await postponeSend(database, id, 0, code);
}

/** The guest's 24 hours are over and there is no template for it: a person sees it in the console. The rows behind it go on. */
export async function keepMessage(database: Database, id: string): Promise<void> {
  await database.query(
    `UPDATE outbound_messages SET state = 'kept', failure_code = coalesce(failure_code, 'no_template')
     WHERE id = $1 AND state IN ('sending', 'failed')`,
    [id],
  );
}

/** Perhaps sent: the lease stays, so that a status within the waiting time can tell. */
export async function markAmbiguous(database: Database, id: string): Promise<void> {
  await database.query(
    `UPDATE outbound_messages SET is_ambiguous = true, failure_code = 'ambiguous' WHERE id = $1 AND state = 'sending'`,
    [id],
  );
}

/** Never to be sent; the rows behind it go on. The owner hears of it, once a day and chat. */
export async function markSendFailed(database: Database, id: string, code: string): Promise<void> {
  await database.transaction(async (manager) => {
    const [rows]: [{ conversation_id: string; purpose: string }[], number] = await manager.query(
      `UPDATE outbound_messages SET state = 'failed', failure_code = $2 WHERE id = $1 AND state IN ('sending', 'failed')
       RETURNING conversation_id, purpose`,
      [id, code],
    );
    // An owner who cannot be reached cannot be told so either.
    if (!rows[0] || rows[0].purpose === 'owner_alert') return;
    await manager.query(
      `INSERT INTO owner_notices (type, conversation_id, data)
       SELECT 'message_failed', $1, jsonb_build_object('messageId', $2::text, 'code', $3::text)
       WHERE NOT EXISTS (SELECT FROM owner_notices WHERE type = 'message_failed' AND conversation_id = $1 AND created_at > now() - interval '1 day')`,
      [rows[0].conversation_id, id, code],
    );
  });
}

/** Does anything wait to be sent in this conversation? */
export async function hasUnsent(database: Pick<EntityManager, 'query'>, conversationId: string): Promise<boolean> {
  const [row]: { is_any: boolean }[] = await database.query(
    `SELECT EXISTS (SELECT FROM outbound_messages WHERE conversation_id = $1 AND state IN ('unsent', 'sending')) AS is_any`,
    [conversationId],
  );
  return row!.is_any;
}

/** Conversations whose first waiting row is due (or whose lease is dead) for more than that many seconds. */
export async function listUnsentConversations(
  database: Database,
  overdueSeconds: number,
  limit: number,
): Promise<string[]> {
  const rows: { conversation_id: string }[] = await database.query(
    `SELECT conversation_id FROM outbound_messages
     WHERE (state = 'unsent' AND greatest(next_attempt_at, created_at) <= now() - make_interval(secs => $1))
        OR (state = 'sending' AND sending_at <= now() - make_interval(secs => $1))
     GROUP BY conversation_id ORDER BY min(created_at) LIMIT $2`,
    [overdueSeconds, limit],
  );
  return rows.map((row) => row.conversation_id);
}
