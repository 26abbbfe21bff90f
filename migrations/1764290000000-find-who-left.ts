import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Guests who left yesterday are thanked: found by the day they left, completed or not, without reading years of stays. */
export class FindWhoLeft1764290000000 implements MigrationInterface {
  readonly name = 'FindWhoLeft1764290000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX stays_by_check_out ON reservations (check_out) WHERE status IN ('confirmed', 'completed')`,
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup instead.');
  }
}
