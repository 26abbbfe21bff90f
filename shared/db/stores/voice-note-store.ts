import type { InboundMessage } from '#shared/domain/conversations/message.ts';
import type { Language } from '#shared/domain/conversations/conversation.ts';
import type { VoiceProblem } from '#shared/domain/conversations/voice.ts';
import type { Database } from '../data-source.ts';

/** A voice note that this worker may hear now. `attempts` (this one counted) is the mark by which it is still ours. */
export type ClaimedNote = {
  id: string;
  conversationId: string;
  payload: InboundMessage;
  attempts: number;
  /** Seconds since it was recorded. */
  ageSeconds: number;
  /** Below the media folder; null while nothing was downloaded. */
  mediaPath: string | null;
  language: Language;
  /** Nobody has answered this guest yet, so that the language is a guess. */
  isNewGuest: boolean;
  /** A person has the chat: it is transcribed, and we show no sign of life. */
  isPaused: boolean;
};

export type NoteClaim =
  | { type: 'claimed'; note: ClaimedNote }
  /** It has its words, or there is no such note. */
  | { type: 'none' }
  /** Somebody has it, or its next try is not due: come again after that many milliseconds. */
  | { type: 'later'; waitMs: number };

type ClaimRow = {
  id: string;
  conversation_id: string;
  payload: InboundMessage;
  attempts: number;
  age_seconds: string;
  media_path: string | null;
  language: Language;
  is_new_guest: boolean;
  is_paused: boolean;
};

/** Takes an untranscribed note for `leaseMs` (to be kept by `keepNote`); a dead worker's note is free again after that. */
export async function claimNote(database: Database, messageId: string, leaseMs: number): Promise<NoteClaim> {
  const [rows]: [ClaimRow[], number] = await database.query(
    `UPDATE inbound_messages m
     SET attempts = m.attempts + 1, next_attempt_at = now() + make_interval(secs => $2)
     FROM conversations c
     WHERE m.id = $1 AND m.state = 'untranscribed' AND m.next_attempt_at <= now() AND c.id = m.conversation_id
     RETURNING m.id, m.conversation_id, m.payload, m.attempts, m.media_path, c.language,
       extract(epoch FROM now() - m.recorded_at) AS age_seconds,
       c.last_answered_at IS NULL AS is_new_guest, coalesce(c.paused_until > now(), false) AS is_paused`,
    [messageId, leaseMs / 1_000],
  );
  const row = rows[0];
  if (row) return { type: 'claimed', note: toNote(row) };
  const [waiting]: { wait_ms: string }[] = await database.query(
    `SELECT greatest(0, extract(epoch FROM next_attempt_at - now()) * 1000) AS wait_ms
     FROM inbound_messages WHERE id = $1 AND state = 'untranscribed'`,
    [messageId],
  );
  return waiting ? { type: 'later', waitMs: Number(waiting.wait_ms) } : { type: 'none' };
}

function toNote(row: ClaimRow): ClaimedNote {
  return {
    id: row.id,
    conversationId: row.conversation_id,
    payload: row.payload,
    attempts: row.attempts,
    ageSeconds: Number(row.age_seconds),
    mediaPath: row.media_path,
    language: row.language,
    isNewGuest: row.is_new_guest,
    isPaused: row.is_paused,
  };
}

type Mark = Pick<ClaimedNote, 'id' | 'attempts'>;
const isOurs = `id = $1 AND state = 'untranscribed' AND attempts = $2`;

/** Prolongs the lease; false when the note is no longer ours, and no more work should go into it. */
export async function keepNote(database: Database, { id, attempts }: Mark, leaseMs: number): Promise<boolean> {
  return wrote(
    await database.query(
      `UPDATE inbound_messages SET next_attempt_at = now() + make_interval(secs => $3) WHERE ${isOurs}`,
      [id, attempts, leaseMs / 1_000],
    ),
  );
}

/** Where its bytes are. */
export async function recordMedia(
  database: Database,
  { id, attempts }: Mark,
  media: { path: string; sha256: string },
): Promise<void> {
  await database.query(`UPDATE inbound_messages SET media_path = $3, media_sha256 = $4 WHERE ${isOurs}`, [
    id,
    attempts,
    media.path,
    media.sha256,
  ]);
}

/**
 * The note is ready to be answered: by its words, or by what is wrong with it; false when somebody else was quicker. The owner
 * hears of a note that a person should listen to (`tellsOwner`).
 */
export async function finishNote(
  database: Database,
  note: Pick<ClaimedNote, 'id' | 'attempts' | 'conversationId'>,
  result: { text: string } | { problem: VoiceProblem; tellsOwner: boolean },
): Promise<boolean> {
  return database.transaction(async (manager) => {
    const [text, problem] = 'text' in result ? [result.text, null] : [null, result.problem];
    const isDone = wrote(
      await manager.query(
        `UPDATE inbound_messages
         SET state = 'unanswered', text = $3, media_problem = $4, attempts = 0, next_attempt_at = now() WHERE ${isOurs}`,
        [note.id, note.attempts, text, problem],
      ),
    );
    if (isDone && 'problem' in result && result.tellsOwner)
      await manager.query(
        `INSERT INTO owner_notices (type, conversation_id, data)
         VALUES ('voice_note_not_heard', $1, jsonb_build_object('messageId', $2::text, 'problem', $3::text))`,
        [note.conversationId, note.id, problem],
      );
    return isDone;
  });
}

/** Not now: the next try is due after that many milliseconds. `isUncounted` takes this one back (we were stopped). */
export async function postponeNote(
  database: Database,
  { id, attempts }: Mark,
  waitMs: number,
  { isUncounted = false } = {},
): Promise<void> {
  await database.query(
    `UPDATE inbound_messages SET next_attempt_at = now() + make_interval(secs => $3), attempts = attempts - $4 WHERE ${isOurs}`,
    [id, attempts, waitMs / 1_000, isUncounted ? 1 : 0],
  );
}

/** Notes whose next try is due (or whose lease is dead) for more than that many seconds, the longest first. */
export async function listUntranscribed(database: Database, overdueSeconds: number, limit: number): Promise<string[]> {
  const rows: { id: string }[] = await database.query(
    `SELECT id FROM inbound_messages
     WHERE state = 'untranscribed' AND next_attempt_at <= now() - make_interval(secs => $1)
     ORDER BY next_attempt_at LIMIT $2`,
    [overdueSeconds, limit],
  );
  return rows.map(({ id }) => id);
}

/** The lodging's and its units' names, for the speech service to expect. */
export async function listOwnNames(database: Database): Promise<string[]> {
  const rows: { name: string }[] = await database.query(
    `SELECT name FROM (SELECT name, 0 AS rank FROM lodgings UNION ALL
       SELECT name, 1 + position FROM accommodations WHERE is_active) AS names ORDER BY rank, name`,
  );
  return rows.map(({ name }) => name);
}

/** Messages whose bytes were recorded more than `days` days ago, the oldest first. */
export async function listOldMedia(
  database: Database,
  days: number,
  limit: number,
): Promise<{ messageId: string; path: string }[]> {
  return database.query(
    `SELECT id AS "messageId", media_path AS path FROM inbound_messages
     WHERE media_path IS NOT NULL AND state <> 'untranscribed' AND recorded_at < now() - make_interval(days => $1)
     ORDER BY recorded_at LIMIT $2`,
    [days, limit],
  );
}

/** The bytes of these messages are gone. */
export async function forgetMedia(database: Database, messageIds: readonly string[]): Promise<void> {
  await database.query(`UPDATE inbound_messages SET media_path = NULL WHERE id = ANY($1::bigint[])`, [messageIds]);
}

/** TypeORM answers an UPDATE with its rows and their number. */
function wrote(answer: unknown): boolean {
  return (answer as [unknown[], number])[1] > 0;
}
