import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What lets a sweep find raw payloads that are old enough to be forgotten. */
export class ForgetInTime1764250000000 implements MigrationInterface {
  readonly name = 'ForgetInTime1764250000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX kept_payloads ON inbound_messages (recorded_at) WHERE payload <> '{}'::jsonb`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup instead.');
  }
}
