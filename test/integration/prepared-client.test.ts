import { expect } from 'chai';
import { PreparedClient } from '#shared/prepared-client.ts';
import { createEmptyDatabase } from '../support/database.ts';

describe('a client that keeps its statements prepared', () => {
  let database: { url: string; drop: () => Promise<void> };
  let client: PreparedClient;

  const ask = (text: string, values?: unknown[]): Promise<{ rows: unknown[] }> => client.query(text, values);

  before(async () => {
    database = await createEmptyDatabase();
    client = new PreparedClient(database.url);
    await client.connect();
    await ask('CREATE TABLE guests (id int, name text)');
    await ask(`INSERT INTO guests VALUES (1, 'Ana'), (2, 'Beto')`);
  });
  after(async () => {
    await client.end();
    await database.drop();
  });

  const kept = async (): Promise<string[]> => {
    const { rows } = await ask('SELECT statement FROM pg_prepared_statements');
    return (rows as { statement: string }[]).map(({ statement }) => statement);
  };

  it('keeps one that has values, once, and answers each time by its values', async () => {
    const text = 'SELECT name FROM guests WHERE id = $1';
    expect((await ask(text, [1])).rows).to.deep.equal([{ name: 'Ana' }]);
    expect((await ask(text, [2])).rows).to.deep.equal([{ name: 'Beto' }]);
    expect((await kept()).filter((statement) => statement === text)).to.have.length(1);
  });

  it('does not keep what says SELECT *, so that a column may be added beside running processes', async () => {
    const text = '-- every guest\nSELECT * FROM guests WHERE id = $1';
    await ask(text, [1]);
    await ask('ALTER TABLE guests ADD COLUMN city text');
    expect((await ask(text, [1])).rows).to.deep.equal([{ id: 1, name: 'Ana', city: null }]);
    expect(await kept()).not.to.include(text);
  });

  it('keeps at most 500, and answers beyond them', async () => {
    for (let count = 1; count <= 520; count += 1) {
      const { rows } = await ask(`SELECT $1::int + ${count} AS sum`, [1]);
      expect(rows).to.deep.equal([{ sum: count + 1 }]);
    }
    expect(await kept()).to.have.length(500);
  });
});
