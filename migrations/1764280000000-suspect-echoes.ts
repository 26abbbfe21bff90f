import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An event that may be nights of ours that a channel read before we took them back: it blocks, but nobody else is told. */
export class SuspectEchoes1764280000000 implements MigrationInterface {
  readonly name = 'SuspectEchoes1764280000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE calendar_events ADD COLUMN suspect_since timestamptz');
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup instead.');
  }
}
