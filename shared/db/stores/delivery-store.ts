import type { OutboundMessage } from '#shared/domain/conversations/message.ts';
import type { Database } from '../data-source.ts';

/** A row that this worker may send now: nobody else has it, and nothing before it waits. */
export type ClaimedMessage = {
  id: string;
  payload: OutboundMessage;
  attempts: number;
  purpose: string;
  /** The provider's id of the message that it is the first answer to, to be marked as read. */
  answersProviderId: string | null;
  /** When that message reached our webhook; for the reply latency. */
  answersReceivedAt: Date | null;
  /** Whether that message was spoken. */
  answersVoice: boolean;
};

export type Claim =
  | { type: 'claimed'; message: ClaimedMessage }
  /** Nothing waits. */
  | { type: 'none' }
  /** The first row is somebody's, or not due: come again after that many milliseconds. */
  | { type: 'later'; waitMs: number };

export type DeliveryTimes = {
  /** A lease older than this is its dead owner's. */
  leaseMs: number;
  /** How long after a lease began a status with our id is waited for, before an ambiguous send is made again. */
  statusWaitMs: number;
};

/** An ambiguous send is made again this often; then it is parked for the owner. */
const mostAmbiguousSends = 1;

/**
 * Claims the first waiting row of a conversation by lease (`sending_at`). The row lock makes two workers take turns, the order
 * by id keeps a guest's answers in order: a row is sent only when no earlier one waits. A send whose owner died, or that ended
 * without an answer, is ambiguous: it waits for its status, is sent once more, then parked.
 */
export async function claimNextMessage(
  database: Database,
  conversationId: string,
  times: DeliveryTimes,
): Promise<Claim> {
  return database.transaction(async (manager) => {
    const [row]: FirstRow[] = await manager.query(
      `SELECT o.id, o.state, o.is_ambiguous, o.ambiguous_sends,
              extract(epoch FROM o.next_attempt_at - now()) * 1000 AS due_in_ms,
              extract(epoch FROM now() - o.sending_at) * 1000 AS leased_ms
       FROM outbound_messages o
       WHERE o.conversation_id = $1 AND o.state IN ('unsent', 'sending')
       ORDER BY o.id LIMIT 1 FOR NO KEY UPDATE`,
      [conversationId],
    );
    if (!row) return { type: 'none' };
    if (row.state === 'unsent' && Number(row.due_in_ms) > 0) return { type: 'later', waitMs: Number(row.due_in_ms) };
    if (row.state === 'sending') {
      const leased = Number(row.leased_ms);
      const wait = (row.is_ambiguous ? times.statusWaitMs : Math.max(times.leaseMs, times.statusWaitMs)) - leased;
      if (wait > 0) return { type: 'later', waitMs: wait };
      if (row.ambiguous_sends >= mostAmbiguousSends) {
        await manager.query(`UPDATE outbound_messages SET state = 'parked', failure_code = 'ambiguous' WHERE id = $1`, [
          row.id,
        ]);
        await manager.query(
          `INSERT INTO owner_notices (type, conversation_id, data) VALUES ('message_parked', $1, jsonb_build_object('messageId', $2::text))`,
          [conversationId, row.id],
        );
        return { type: 'later', waitMs: 0 };
      }
    }
    const isRepeat = row.state === 'sending';
    const [claimed]: [ClaimRow[], number] = await manager.query(
      `UPDATE outbound_messages o
       SET state = 'sending', sending_at = now(), attempts = attempts + 1, is_ambiguous = false,
           ambiguous_sends = ambiguous_sends + $2
       WHERE o.id = $1
       RETURNING o.id, o.payload, o.attempts, o.purpose,
         (SELECT m.provider_message_id FROM inbound_messages m WHERE ${isFirstAnswer}) AS answers_provider_id,
         (SELECT m.received_at FROM inbound_messages m WHERE ${isFirstAnswer}) AS answers_received_at,
         (SELECT m.type = 'audio' FROM inbound_messages m WHERE m.id = o.answers_message_id) AS answers_voice`,
      [row.id, isRepeat ? 1 : 0],
    );
    const message = claimed[0]!;
    return {
      type: 'claimed',
      message: {
        id: message.id,
        payload: message.payload,
        attempts: message.attempts,
        purpose: message.purpose,
        answersProviderId: message.answers_provider_id,
        answersReceivedAt: message.answers_received_at,
        answersVoice: message.answers_voice ?? false,
      },
    };
  });
}

/** The message `m` that the row `o` answers, unless an earlier row answers it too. */
const isFirstAnswer = `m.id = o.answers_message_id AND NOT EXISTS (
  SELECT FROM outbound_messages e
  WHERE e.conversation_id = o.conversation_id AND e.answers_message_id = o.answers_message_id AND e.id < o.id)`;

type FirstRow = {
  id: string;
  state: 'unsent' | 'sending';
  is_ambiguous: boolean;
  ambiguous_sends: number;
  due_in_ms: string;
  leased_ms: string | null;
};
type ClaimRow = {
  id: string;
  payload: OutboundMessage;
  attempts: number;
  purpose: string;
  answers_provider_id: string | null;
  answers_received_at: Date | null;
  answers_voice: boolean | null;
};

/** WhatsApp took it. A status may have come first and told the same. */
export async function markSent(database: Database, id: string, providerMessageId: string): Promise<void> {
  await database.query(
    `UPDATE outbound_messages SET state = 'sent', provider_message_id = $2, sent_at = coalesce(sent_at, now()), is_ambiguous = false
     WHERE id = $1`,
    [id, providerMessageId],
  );
}

/** Certainly not sent: again after that many milliseconds. */
export async function postponeSend(database: Database, id: string, waitMs: number, code: string): Promise<void> {
  await database.query(
    `UPDATE outbound_messages SET state = 'unsent', failure_code = $3, next_attempt_at = now() + make_interval(secs => $2)
     WHERE id = $1 AND state = 'sending'`,
    [id, waitMs / 1000, code],
  );
}

/** Perhaps sent: the lease stays, so that a status within the waiting time can tell. */
export async function markAmbiguous(database: Database, id: string): Promise<void> {
  await database.query(
    `UPDATE outbound_messages SET is_ambiguous = true, failure_code = 'ambiguous' WHERE id = $1 AND state = 'sending'`,
    [id],
  );
}

/** Never to be sent; the rows behind it go on. The owner hears of it. */
export async function markSendFailed(database: Database, id: string, code: string): Promise<void> {
  await database.transaction(async (manager) => {
    const [rows]: [{ conversation_id: string }[], number] = await manager.query(
      `UPDATE outbound_messages SET state = 'failed', failure_code = $2 WHERE id = $1 AND state = 'sending' RETURNING conversation_id`,
      [id, code],
    );
    if (!rows[0]) return;
    await manager.query(
      `INSERT INTO owner_notices (type, conversation_id, data) VALUES ('message_failed', $1, jsonb_build_object('messageId', $2::text, 'code', $3::text))`,
      [rows[0].conversation_id, id, code],
    );
  });
}

/** The delivery words in their order; a later one never goes back. */
const ranks = ['sent', 'delivered', 'read'] as const;

/**
 * Merges a status by rank; `failed` counts unless the message was already delivered. Our own id (`opaqueId`) finds a message
 * whose send was never answered. Returns its conversation, or undefined when the status is about none of ours.
 */
export async function mergeStatus(
  database: Database,
  status: {
    providerMessageId: string;
    opaqueId?: string | undefined;
    status: string;
    at: string;
    code?: string | undefined;
  },
): Promise<string | undefined> {
  const rank = ranks.indexOf(status.status as (typeof ranks)[number]);
  const isFailed = status.status === 'failed';
  const opaqueId = status.opaqueId && /^\d{1,18}$/.test(status.opaqueId) ? status.opaqueId : null;
  const [rows]: [{ conversation_id: string }[], number] = await database.query(
    `UPDATE outbound_messages SET
       state = CASE WHEN $4::boolean THEN 'failed' WHEN state IN ('unsent', 'sending', 'parked') THEN 'sent' ELSE state END,
       provider_message_id = coalesce(provider_message_id, $1),
       sent_at = coalesce(sent_at, $5::timestamptz),
       is_ambiguous = false,
       delivery = CASE WHEN $4::boolean AND coalesce(delivery, 'sent') = 'sent' THEN 'failed'
                       WHEN $3 > coalesce(array_position('{sent,delivered,read}', delivery) - 1, -1) THEN ($6::text[])[$3 + 1]
                       ELSE delivery END,
       delivery_at = CASE WHEN $4::boolean OR $3 > coalesce(array_position('{sent,delivered,read}', delivery) - 1, -1)
                          THEN $5::timestamptz ELSE delivery_at END,
       failure_code = coalesce($7, failure_code)
     WHERE id = coalesce((SELECT id FROM outbound_messages WHERE provider_message_id = $1), $2::bigint)
     RETURNING conversation_id`,
    [status.providerMessageId, opaqueId, rank, isFailed, status.at, ranks, status.code ?? null],
  );
  return rows[0]?.conversation_id;
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

/** Whom a conversation's messages go to: the phone as received (or the form that worked), else the BSUID. */
export async function findRecipient(
  database: Database,
  conversationId: string,
): Promise<{ contactId: string; phone: string | null; bsuid: string | null } | undefined> {
  const [row]: { contact_id: string; phone: string | null; bsuid: string | null }[] = await database.query(
    `SELECT c.id AS contact_id,
       coalesce(c.send_to, (SELECT value FROM contact_identities i WHERE i.contact_id = c.id AND kind = 'phone' ORDER BY i.id LIMIT 1)) AS phone,
       (SELECT value FROM contact_identities i WHERE i.contact_id = c.id AND kind = 'bsuid' ORDER BY i.id DESC LIMIT 1) AS bsuid
     FROM conversations v JOIN contacts c ON c.id = v.contact_id WHERE v.id = $1`,
    [conversationId],
  );
  return row ? { contactId: row.contact_id, phone: row.phone, bsuid: row.bsuid } : undefined;
}
