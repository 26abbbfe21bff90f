import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a channel last fetched from us, night by night: what comes back from there is judged by it. */
export class RememberWhatWasServed1764270000000 implements MigrationInterface {
  readonly name = 'RememberWhatWasServed1764270000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE calendar_exports ADD COLUMN served_nights jsonb NOT NULL DEFAULT '[]'`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup instead.');
  }
}
