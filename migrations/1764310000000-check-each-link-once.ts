import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Checking foreign keys was half of what writing a new feed's events cost. An event is of its feed's unit: one key says both. What
 * takes nights is a reservation, an event or a block, which is checked, and each of them is of a unit, which was checked. Only
 * reservations are in the index by reservation.
 */
export class CheckEachLinkOnce1764310000000 implements MigrationInterface {
  readonly name = 'CheckEachLinkOnce1764310000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE calendar_feeds ADD CONSTRAINT feed_of_accommodation UNIQUE (id, accommodation_id)');
    await runner.query(
      `ALTER TABLE calendar_events DROP CONSTRAINT event_feed, DROP CONSTRAINT event_accommodation,
         ADD CONSTRAINT event_feed FOREIGN KEY (feed_id, accommodation_id) REFERENCES calendar_feeds (id, accommodation_id)`,
    );
    await runner.query(
      `ALTER TABLE occupancies DROP CONSTRAINT occupancy_accommodation, DROP CONSTRAINT one_occupancy_per_reservation`,
    );
    await runner.query(
      `CREATE UNIQUE INDEX one_occupancy_per_reservation ON occupancies (reservation_id) WHERE reservation_id IS NOT NULL`,
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup instead.');
  }
}
