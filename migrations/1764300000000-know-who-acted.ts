import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Which operator acted (what came before nobody knows any more: null), and failed logins counted by all processes together. A
 * key is a digest: neither accounts nor addresses are kept. Unlogged: a try waits for no disk, however many come at once; only a
 * crash of the database forgets them.
 */
export class KnowWhoActed1764300000000 implements MigrationInterface {
  readonly name = 'KnowWhoActed1764300000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE reservation_events ADD COLUMN account text');
    await runner.query(
      `CREATE UNLOGGED TABLE login_attempts (
         key text PRIMARY KEY,
         tries integer NOT NULL,
         until timestamptz NOT NULL
       )`,
    );
    await runner.query('CREATE INDEX attempts_by_end ON login_attempts (until)');
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup instead.');
  }
}
