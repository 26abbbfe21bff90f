import type { Database } from '#shared/db/data-source.ts';
import { addDays, toCalendarDate, type CalendarDate } from '#shared/domain/stay.ts';
import { quote } from '#shared/domain/pricing.ts';
import { createInTransaction } from '#shared/db/transaction.ts';
import { testSettings } from './records.ts';

export type WorldStay = {
  unit: string;
  /** Days from today to the check-in; negative for stays that have begun. */
  from: number;
  nights: number;
  status: 'held' | 'confirmed' | 'completed' | 'cancelled' | 'expired';
  guest?: string;
  phone?: string;
  paidPercent?: number;
};

/** Today in the lodging's zone. */
export function today(): CalendarDate {
  return toCalendarDate(new Date(), testSettings.timeZone);
}

/** Puts a stay into the tables as if it had come about, past ones too, with its guest, event, nights and payment; gives its code. */
export async function addStay(database: Database, stay: WorldStay): Promise<string> {
  const inTransaction = createInTransaction(database, testSettings, () => Promise.resolve());
  const unit = await inTransaction(async (stores) => {
    const found = (await stores.lodging.listAccommodations()).find(({ name }) => name === stay.unit);
    if (!found) throw new Error(`no unit ${stay.unit}`);
    return found;
  });
  const checkIn = addDays(today(), stay.from);
  const checkOut = addDays(checkIn, stay.nights);
  const price = quote(unit.prices, { checkIn, checkOut }, 2);
  const contactId = stay.guest === undefined ? null : await addContact(database, stay.guest, stay.phone);
  const [{ code, id }]: [{ code: string; id: string }] = await database.query(
    `INSERT INTO reservations (code, accommodation_id, contact_id, status, check_in, check_out, adults, currency, total_cents, deposit_cents,
       quote, hold_expires_at, release_at, confirmed_at, cancelled_at, expired_at, completed_at)
     VALUES ('RES' || to_char(now(), 'YYMMDD') || upper(substr(md5(random()::text), 1, 6)), $1, $2, $3, $4, $5, 2, 'ARS', $6, $7, $8,
       now() + interval '24 minutes', now() + interval '26 minutes',
       CASE WHEN $3 IN ('confirmed', 'completed') THEN now() END, CASE WHEN $3 = 'cancelled' THEN now() END,
       CASE WHEN $3 = 'expired' THEN now() END, CASE WHEN $3 = 'completed' THEN now() END)
     RETURNING code, id`,
    [unit.id, contactId, stay.status, checkIn, checkOut, price.totalCents, price.depositCents, JSON.stringify(price)],
  );
  if (stay.status === 'held' || stay.status === 'confirmed')
    await database.query(
      `INSERT INTO occupancies (accommodation_id, nights, kind, reservation_id) VALUES ($1, daterange($2::date, $3::date), 'reservation', $4)`,
      [unit.id, checkIn, checkOut, id],
    );
  await database.query(
    `INSERT INTO reservation_events (reservation_id, actor, type, data) VALUES ($1, 'guest', 'held', $2)`,
    [id, JSON.stringify({ to: 'held', totalCents: price.totalCents, depositCents: price.depositCents })],
  );
  if (stay.paidPercent)
    await addPayment(
      database,
      id,
      Math.round((price.totalCents * stay.paidPercent) / 100),
      stay.paidPercent >= 30 ? 'deposit' : 'parked',
    );
  return code;
}

async function addPayment(
  database: Database,
  reservationId: string,
  cents: number,
  purpose: 'deposit' | 'parked',
): Promise<void> {
  await database.transaction(async (manager) => {
    const [row]: { id: string }[] = await manager.query(
      `INSERT INTO payments (provider, provider_payment_id, reservation_id, status, amount_cents, approved_cents, currency, outcome, provider_updated_at, received_at, is_live)
       VALUES ('mercadopago', $1, $2, 'approved', $3, $3, 'ARS', $4, now(), now(), true) RETURNING id`,
      [
        String(10_000_000_000 + Math.floor(Math.random() * 1e9)),
        reservationId,
        cents,
        purpose === 'deposit' ? 'confirmed' : 'parked:insufficient',
      ],
    );
    await manager.query(
      `INSERT INTO payment_allocations (payment_id, purpose, cents, reason) VALUES ($1, $2, $3, 'test')`,
      [row!.id, purpose, cents],
    );
  });
}

/** A contact with a chat; the same phone is the same contact. */
export async function addContact(database: Database, name: string, phone?: string): Promise<string> {
  const key = phone === undefined ? null : `AR${phone.slice(-10)}`;
  const [known]: { contact_id: string }[] = await database.query(
    'SELECT contact_id FROM contact_identities WHERE match_key = $1',
    [key],
  );
  if (known) return known.contact_id;
  const [contact]: { id: string }[] = await database.query(
    'INSERT INTO contacts (profile_name) VALUES ($1) RETURNING id',
    [name],
  );
  if (phone !== undefined)
    await database.query(
      `INSERT INTO contact_identities (contact_id, kind, value, match_key) VALUES ($1, 'phone', $2, $3)`,
      [contact!.id, phone, key],
    );
  await database.query('INSERT INTO conversations (contact_id) VALUES ($1)', [contact!.id]);
  return contact!.id;
}

/** A feed of a channel with events `[days from today, nights]`; gives the events' ids. */
export async function addFeed(
  database: Database,
  feed: {
    unit: string;
    channel: string;
    ageMinutes: number;
    events: [from: number, nights: number, isEcho?: boolean][];
  },
): Promise<string[]> {
  const [row]: { id: number; accommodation_id: number }[] = await database.query(
    `INSERT INTO calendar_feeds (accommodation_id, channel, sealed_url, host, last_good_at, next_fetch_at)
     SELECT id, $2, 'sealed', 'www.example.com', now() - make_interval(mins => $3), now() + interval '1 day' FROM accommodations WHERE name = $1
     RETURNING id, accommodation_id`,
    [feed.unit, feed.channel, feed.ageMinutes],
  );
  const ids: string[] = [];
  for (const [from, nights, isEcho = false] of feed.events) {
    const first = addDays(today(), from);
    const [event]: { id: string }[] = await database.query(
      `INSERT INTO calendar_events (feed_id, accommodation_id, uid, kind, nights, is_echo)
       VALUES ($1, $2, gen_random_uuid()::text, 'reservation', daterange($3::date, $4::date), $5) RETURNING id`,
      [row!.id, row!.accommodation_id, first, addDays(first, nights), isEcho],
    );
    ids.push(event!.id);
  }
  return ids;
}

/** A house in the middle of its season: everything that the console can show. */
export async function fillHouse(
  database: Database,
): Promise<{ held: string; confirmed: string; conflicted: string; parked: string }> {
  const stay = (
    unit: string,
    from: number,
    nights: number,
    status: WorldStay['status'],
    more: Partial<WorldStay> = {},
  ): Promise<string> => addStay(database, { unit, from, nights, status, ...more });
  await stay('Cabaña Lenga', -9, 4, 'completed', { guest: 'Marta Quiroga', phone: '5492945550101', paidPercent: 100 });
  await stay('Cabaña Lenga', -3, 3, 'confirmed', {
    guest: 'Julián Ferreyra',
    phone: '5492945550102',
    paidPercent: 100,
  });
  await stay('Cabaña Lenga', 0, 3, 'confirmed', { guest: 'Lucía Benítez', phone: '5492945550103', paidPercent: 30 });
  const confirmed = await stay('Cabaña Arrayán', -1, 4, 'confirmed', {
    guest: 'Rodrigo y Ana Paz',
    phone: '5492945550104',
    paidPercent: 100,
  });
  const held = await stay('Cabaña Arrayán', 5, 3, 'held', { guest: 'Camila Sosa', phone: '5492945550105' });
  const parked = await stay('Departamento Coihue', 2, 2, 'held', {
    guest: 'Esteban Roldán',
    phone: '5492945550106',
    paidPercent: 5,
  });
  const conflicted = await stay('Casa Ñire', 6, 5, 'confirmed', {
    guest: 'Familia Echeverría',
    phone: '5492945550107',
    paidPercent: 30,
  });
  await stay('Casa Ñire', 0, 2, 'confirmed', { guest: 'Paula Medina', phone: '5492945550108', paidPercent: 30 });
  await stay('Departamento Coihue', 12, 3, 'cancelled', { guest: 'Ignacio Lagos', phone: '5492945550109' });
  await stay('Cabaña Lenga', 14, 2, 'expired', { guest: 'Rocío Vera', phone: '5492945550110' });
  const [event] = await addFeed(database, {
    unit: 'Casa Ñire',
    channel: 'booking',
    ageMinutes: 4,
    events: [
      [8, 4],
      [16, 3],
    ],
  });
  await addFeed(database, {
    unit: 'Cabaña Lenga',
    channel: 'airbnb',
    ageMinutes: 12,
    events: [
      [7, 4],
      [18, 2],
    ],
  });
  await addFeed(database, {
    unit: 'Cabaña Arrayán',
    channel: 'vrbo',
    ageMinutes: 26,
    events: [
      [10, 3],
      [-1, 4, true],
    ],
  });
  await addFeed(database, { unit: 'Departamento Coihue', channel: 'google', ageMinutes: 55, events: [[6, 2]] });
  await addFeed(database, { unit: 'Departamento Coihue', channel: 'other', ageMinutes: 9, events: [[15, 2]] });
  await database.query(
    `INSERT INTO calendar_conflicts (accommodation_id, reservation_id, calendar_event_id)
     SELECT r.accommodation_id, r.id, $2 FROM reservations r WHERE r.code = $1`,
    [conflicted, event],
  );
  await database.query(
    `INSERT INTO blocks (accommodation_id, nights, reason)
     SELECT id, daterange($2::date, $3::date), 'Pintura' FROM accommodations WHERE name = $1`,
    ['Cabaña Arrayán', addDays(today(), 15), addDays(today(), 18)],
  );
  await addChats(database);
  await database.query(
    `INSERT INTO owner_notices (type, reservation_id, data) SELECT 'payment_parked', id, '{}' FROM reservations WHERE code = $1`,
    [parked],
  );
  return { held, confirmed, conflicted, parked };
}

async function addChats(database: Database): Promise<void> {
  const chatOf = async (phone: string): Promise<string> => {
    const [row]: { id: string }[] = await database.query(
      `SELECT v.id FROM conversations v JOIN contact_identities i ON i.contact_id = v.contact_id WHERE i.value = $1`,
      [phone],
    );
    return row!.id;
  };
  const wrote = (
    chat: string,
    minutesAgo: number,
    text: string | null,
    state = 'answered',
    type = 'text',
  ): Promise<unknown> =>
    database.query(
      `INSERT INTO inbound_messages (conversation_id, provider_message_id, type, text, payload, state, sent_at, received_at, recorded_at)
       SELECT $1, gen_random_uuid()::text, $2, $3, '{}', $4, t, t, t FROM (SELECT now() - make_interval(mins => $5) AS t) x`,
      [chat, type, text, state, minutesAgo],
    );
  const said = (
    chat: string,
    minutesAgo: number,
    payload: object,
    purpose = 'reply',
    delivery = 'read',
  ): Promise<unknown> =>
    database.query(
      `INSERT INTO outbound_messages (conversation_id, purpose, payload, state, delivery, provider_message_id, sent_at, created_at)
       SELECT $1, $2, $3, 'sent', $4, gen_random_uuid()::text, t, t FROM (SELECT now() - make_interval(mins => $5) AS t) x`,
      [chat, purpose, JSON.stringify(payload), delivery, minutesAgo],
    );
  const camila = await chatOf('5492945550105');
  await wrote(camila, 40, 'Hola! tienen lugar para 2 el finde que viene?');
  await said(camila, 39, {
    kind: 'buttons',
    body: 'Sí, la Cabaña Arrayán está libre esas 3 noches.\nTotal: $ 285.000, seña $ 85.500.\n\n¿La reservo?',
    buttons: [
      { id: 'a', title: 'Confirmar' },
      { id: 'b', title: 'Cambiar algo' },
    ],
  });
  await wrote(camila, 36, 'Confirmar', 'answered', 'choice');
  await said(
    camila,
    35,
    { kind: 'text', body: 'Listo, la guardo 30 minutos. Pagá la seña acá: https://www.mercadopago.com.ar/checkout/…' },
    'payment_link',
  );
  const lucia = await chatOf('5492945550103');
  await wrote(lucia, 95, 'Quería saber si puedo llegar a las 23, y si hay cuna');
  await said(lucia, 94, { kind: 'text', body: 'Eso lo ve una persona: ya le avisé al alojamiento.' });
  await wrote(lucia, 12, null, 'left_to_person', 'image');
  await wrote(lucia, 11, 'Somos 2 y un bebé de 8 meses', 'left_to_person');
  await database.query(`UPDATE conversations SET paused_until = now() + interval '10 hours' WHERE id = $1`, [lucia]);
  await database.query(
    `INSERT INTO owner_notices (type, conversation_id, data) VALUES ('guest_wants_person', $1, '{}')`,
    [lucia],
  );
  const rocio = await chatOf('5492945550110');
  await wrote(rocio, 1_500, 'somos 4, del 14 al 16', 'answered', 'audio');
  await said(
    rocio,
    1_499,
    { kind: 'text', body: 'Entendí: 2 noches para 4 personas. ¿Está bien?' },
    'reply',
    'delivered',
  );
}
