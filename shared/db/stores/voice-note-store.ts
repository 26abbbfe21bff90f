import type { EntityManager } from 'typeorm';
import type { Language } from '#shared/domain/conversations/conversation.ts';
import type { InboundMessage } from '#shared/domain/conversations/message.ts';
import type { ClaimedNote, VoiceNoteStore } from '#shared/domain/conversations/voice-note.ts';

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

/** Whoever has a note is known by the number of its attempt; with another one it was taken over, or is done. */
const isOurs = `id = $1 AND state = 'untranscribed' AND attempts = $2`;

/** The store of voice notes on one transaction. */
export function createVoiceNoteStore(manager: EntityManager): VoiceNoteStore {
  return {
    async claim(messageId, leaseMs) {
      const [rows]: [ClaimRow[], number] = await manager.query(
        `UPDATE inbound_messages m
         SET attempts = m.attempts + 1, next_attempt_at = now() + make_interval(secs => $2)
         FROM conversations c
         WHERE m.id = $1 AND m.state = 'untranscribed' AND m.next_attempt_at <= now() AND c.id = m.conversation_id
         RETURNING m.id, m.conversation_id, m.payload, m.attempts, m.media_path, c.language,
           extract(epoch FROM now() - m.recorded_at) AS age_seconds,
           c.last_answered_at IS NULL AS is_new_guest, coalesce(c.paused_until > now(), false) AS is_paused`,
        [messageId, leaseMs / 1_000],
      );
      if (rows[0]) return { type: 'claimed', note: toNote(rows[0]) };
      const [waiting]: { wait_ms: string }[] = await manager.query(
        `SELECT greatest(0, extract(epoch FROM next_attempt_at - now()) * 1000) AS wait_ms
         FROM inbound_messages WHERE id = $1 AND state = 'untranscribed'`,
        [messageId],
      );
      return waiting ? { type: 'later', waitMs: Number(waiting.wait_ms) } : { type: 'none' };
    },

    async keep({ id, attempts }, leaseMs) {
      const answer: unknown = await manager.query(
        `UPDATE inbound_messages SET next_attempt_at = now() + make_interval(secs => $3) WHERE ${isOurs}`,
        [id, attempts, leaseMs / 1_000],
      );
      return hasWritten(answer);
    },

    async recordMedia({ id, attempts }, { path, sha256 }) {
      await manager.query(`UPDATE inbound_messages SET media_path = $3, media_sha256 = $4 WHERE ${isOurs}`, [
        id,
        attempts,
        path,
        sha256,
      ]);
    },

    async finish({ id, attempts }, result) {
      const [text, problem] = 'text' in result ? [result.text, null] : [null, result.problem];
      const answer: unknown = await manager.query(
        `UPDATE inbound_messages
         SET state = 'unanswered', text = $3, media_problem = $4, attempts = 0, next_attempt_at = now() WHERE ${isOurs}`,
        [id, attempts, text?.replaceAll('\u0000', '').toWellFormed() ?? null, problem],
      );
      return hasWritten(answer);
    },

    async postpone({ id, attempts }, waitMs, { isUncounted = false } = {}) {
      await manager.query(
        `UPDATE inbound_messages SET next_attempt_at = now() + make_interval(secs => $3), attempts = attempts - $4
         WHERE ${isOurs}`,
        [id, attempts, waitMs / 1_000, isUncounted ? 1 : 0],
      );
    },

    async listUntranscribed(overdueSeconds, limit) {
      const rows: { id: string }[] = await manager.query(
        `SELECT id FROM inbound_messages
         WHERE state = 'untranscribed' AND next_attempt_at <= now() - make_interval(secs => $1)
         ORDER BY next_attempt_at LIMIT $2`,
        [overdueSeconds, limit],
      );
      return rows.map(({ id }) => id);
    },

    async listOldMedia(days, limit) {
      return manager.query(
        `SELECT id AS "messageId", media_path AS path FROM inbound_messages
         WHERE media_path IS NOT NULL AND state <> 'untranscribed' AND recorded_at < now() - make_interval(days => $1)
         ORDER BY recorded_at LIMIT $2`,
        [days, limit],
      );
    },

    async forgetMedia(messageIds) {
      await manager.query(`UPDATE inbound_messages SET media_path = NULL WHERE id = ANY($1::bigint[])`, [messageIds]);
    },
  };
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

/** TypeORM answers an UPDATE with its rows and their number. */
function hasWritten(answer: unknown): boolean {
  return (answer as [unknown[], number])[1] > 0;
}
