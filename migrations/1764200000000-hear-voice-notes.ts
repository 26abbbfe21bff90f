import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A voice note waits for its words in a state of its own; where its bytes are kept, and why it has none. */
export class HearVoiceNotes1764200000000 implements MigrationInterface {
  readonly name = 'HearVoiceNotes1764200000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup instead.');
  }
}

const statements = [
  `ALTER TABLE inbound_messages DROP CONSTRAINT inbound_state`,
  `ALTER TABLE inbound_messages ADD CONSTRAINT inbound_state
     CHECK (state IN ('untranscribed', 'unanswered', 'answered', 'failed', 'left_to_person', 'ignored'))`,
  // The path is below MEDIA_DIR; NULL again when the bytes are gone.
  `ALTER TABLE inbound_messages ADD COLUMN media_path text, ADD COLUMN media_sha256 text, ADD COLUMN media_problem text`,
  `CREATE INDEX untranscribed_notes ON inbound_messages (conversation_id, sent_at, id) WHERE state = 'untranscribed'`,
  `CREATE INDEX kept_media ON inbound_messages (recorded_at) WHERE media_path IS NOT NULL`,
];
