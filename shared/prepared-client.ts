import pg from 'pg';
import { writeTogether } from './write-together.ts';

/** Statements that one connection keeps; those written for many rows differ with each number of them. */
const mostPrepared = 500;
/** Bulk statements are long, rarely the same, and not worth a place. */
const longestPrepared = 6_000;

/** After comments, as BullMQ's begin. */
const selectsAll = /^(\s|--[^\n]*\n)*SELECT \*/i;

/**
 * A client that has each statement with parameters parsed and planned once per connection instead of each time: of what
 * answering a message cost the server, more than half was planning. Postgres goes on planning for the values themselves where
 * that is cheaper (`plan_cache_mode = auto`). A `SELECT *` is not kept: prepared, it would fail once a migration adds a column.
 */
export class PreparedClient extends pg.Client {
  readonly #names = new Map<string, string>();

  // pg's own signature is a dozen overloads; only the form that TypeORM uses is given a name.
  override query(...args: unknown[]): never {
    writeTogether(this.connection.stream);
    const [text, values, callback] = args;
    const name = typeof text === 'string' && Array.isArray(values) ? this.#nameOf(text, values) : undefined;
    const query = super.query.bind(this) as (...args: unknown[]) => never;
    return name ? query({ name, text, values }, callback) : query(...args);
  }

  #nameOf(text: string, values: unknown[]): string | undefined {
    if (values.length === 0 || text.length > longestPrepared) return undefined;
    const known = this.#names.get(text);
    if (known || this.#names.size >= mostPrepared || selectsAll.test(text)) return known;
    const name = `s${this.#names.size + 1}`;
    this.#names.set(text, name);
    return name;
  }
}

/**
 * How long a pool keeps a client that nobody needs, in milliseconds: a new one has everything to learn again, and comes when there
 * is much to do. pg's 10 s would end most of them between two rounds of sweeps.
 */
export const clientIdleMs = 600_000;
