import { expect } from 'chai';
import { nightsOf, type Stay } from '#shared/domain/stay.ts';
import { createPlatform, type Platform } from '#shared/integrations/icalendar/platform.ts';
import { channels, styleOf, type Answer, type Channel, type History, type Step } from './histories.ts';

/** What a fetch of ours gets: a text with its hash, or no answer. */
export type Fetched = { text: string } | 'error';

/** Our side of a history: in memory, or on a real database. */
export type OurSide = {
  import(from: Channel, fetched: Fetched): Promise<void>;
  /** What the channel reads at our link. */
  serve(to: Channel): Promise<string>;
  /** Undefined when the nights are taken. */
  hold(stay: Stay): Promise<string | undefined>;
  confirm(id: string): Promise<void>;
  /** Cancels or expires. */
  drop(id: string): Promise<void>;
  block(stay: Stay): Promise<string>;
  unblock(id: string): Promise<void>;
  wait(minutes: number): Promise<void>;
  /** Live reservations by id; a hold may have given way. */
  reservations(): Promise<Map<string, { stay: Stay; isConfirmed: boolean }>>;
  /** Nights that are taken, for whatever reason. */
  taken(): Promise<Set<string>>;
  /** Nights of echoes whose origin was freed: for a day they count for nothing, although the platform may have sold them. */
  doubted(): Promise<Set<string>>;
  /** Feeds in quarantine now. */
  quarantined(): Promise<Set<Channel>>;
  /** Throws when the occupancies are not what they must be. */
  checkInvariant(): Promise<void>;
};

type World = {
  us: OurSide;
  platforms: Record<Channel, Platform>;
  history: History;
  blocks: Map<string, Stay>;
  today: string;
  /** What each feed told at its last whole answer. */
  told: Map<Channel, Set<string>>;
};

/** Plays a history, then lets things go quiet, and holds our nights against the truth. */
export async function playHistory(history: History, us: OurSide, today: string): Promise<void> {
  const platforms = Object.fromEntries(
    channels.map((name, index) => [
      name,
      createPlatform({ name, style: styleOf[name], reexports: history.reexports[name], seed: index + 1 }),
    ]),
  ) as Record<Channel, Platform>;
  const world: World = { us, platforms, history, blocks: new Map(), today, told: new Map() };
  for (const step of history.steps) {
    await takeStep(step, world);
    await us.checkInvariant();
  }
  await goQuiet(world);
}

async function takeStep(step: Step, world: World): Promise<void> {
  const { us, platforms, history, blocks } = world;
  switch (step.type) {
    case 'book':
      platforms[step.at].book(step.stay);
      return;
    case 'close':
      platforms[step.at].close(step.stay);
      return;
    case 'open': {
      const closed = pick(platforms[step.at].state.closed, step.nth);
      if (closed) platforms[step.at].open(closed);
      return;
    }
    case 'move': {
      const booking = pick(platforms[step.at].state.bookings, step.nth);
      if (booking) platforms[step.at].move(booking.id, step.stay);
      return;
    }
    case 'cancel': {
      const booking = pick(platforms[step.at].state.bookings, step.nth);
      if (booking) platforms[step.at].cancel(booking.id);
      return;
    }
    case 'poll us':
      platforms[step.at].import('us', await us.serve(step.at));
      return;
    case 'poll other':
      // A ghost must have no circle to live in: only one reads others, and only what they sold themselves.
      if (history.reader === step.at && step.from !== step.at && !history.reexports[step.from])
        platforms[step.at].import(step.from, platforms[step.from].export(world.today));
      return;
    case 'import':
      return importFrom(step.from, step.answer, world);
    case 'hold':
      return hold(step.stay, world);
    case 'confirm':
    case 'drop': {
      const id = pick([...(await us.reservations()).keys()], step.nth);
      if (id) await (step.type === 'confirm' ? us.confirm(id) : us.drop(id));
      return;
    }
    case 'block':
      blocks.set(await us.block(step.stay), step.stay);
      return;
    case 'unblock': {
      const id = pick([...blocks.keys()], step.nth);
      if (id) await us.unblock(id);
      if (id) blocks.delete(id);
      return;
    }
    case 'wait':
      return us.wait(step.minutes);
  }
}

function pick<T>(items: readonly T[], nth: number): T | undefined {
  return items[nth % Math.max(1, items.length)];
}

async function importFrom(from: Channel, answer: Answer, world: World): Promise<void> {
  const { platforms, today, told, us } = world;
  const whole = platforms[from].export(today);
  if (answer === 'whole') told.set(from, new Set(platforms[from].state.bookings.flatMap(({ stay }) => nightsOf(stay))));
  await us.import(from, answer === 'error' ? 'error' : { text: damage(whole, answer) });
}

function damage(text: string, answer: Answer): string {
  if (answer === 'half') return text.slice(0, Math.max(20, text.lastIndexOf('DTSTART')));
  if (answer === 'html') return '<html><body>Please sign in</body></html>';
  return answer === 'empty' ? 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n' : text;
}

/** Never a double booking made by us: what a platform with marks of its own has told us as sold cannot be held. */
async function hold(stay: Stay, { us, told }: World): Promise<void> {
  const id = await us.hold(stay);
  if (id === undefined) return;
  const sold = new Set([...(told.get('airbnb') ?? []), ...(told.get('vrbo') ?? [])]);
  const twice = nightsOf(stay).filter((night) => sold.has(night));
  expect(twice, 'held although a platform had told us that it was sold').to.deep.equal([]);
}

/** Platforms and we fetch from each other while nothing happens; what is then taken must be what is true. */
async function goQuiet(world: World): Promise<void> {
  const { us } = world;
  for (let round = 0; round < 8; round += 1) await pollAround(world, 15);
  await us.checkInvariant();
  const [truth, taken, doubted] = [await readTruth(world), await us.taken(), await us.doubted()];
  const free = [...truth].filter((night) => !taken.has(night) && !doubted.has(night));
  expect(free, 'a sold night is free').to.deep.equal([]);
  // A quarantine may block too much, and what it blocks may have gone round.
  if ((await us.quarantined()).size === 0)
    expect(
      [...taken].filter((night) => !truth.has(night)),
      'a ghost blocks',
    ).to.deep.equal([]);
  // Quarantines believe themselves, and echoes without an origin block, within a day.
  for (let round = 0; round < 3; round += 1) await pollAround(world, 25 * 60);
  for (let round = 0; round < 8; round += 1) await pollAround(world, 15);
  await us.checkInvariant();
  const later = [await us.taken(), await readTruth(world)] as const;
  expect([...later[0]].toSorted(), 'a day later').to.deep.equal([...later[1]].toSorted());
}

async function pollAround(world: World, minutes: number): Promise<void> {
  const { platforms, history, us, today } = world;
  for (const at of channels) {
    platforms[at].import('us', await us.serve(at));
    if (history.reader !== at) continue;
    for (const from of channels)
      if (from !== at && !history.reexports[from]) platforms[at].import(from, platforms[from].export(today));
  }
  for (const from of channels) await importFrom(from, 'whole', world);
  await us.wait(minutes);
}

/** What must be taken: our live stays and blocks, what platforms sold and what their owners closed. */
async function readTruth({ us, platforms, blocks }: World): Promise<Set<string>> {
  const ours = [...(await us.reservations()).values()].map(({ stay }) => stay);
  const theirs = channels.flatMap((name) => [
    ...platforms[name].state.bookings.map(({ stay }) => stay),
    ...platforms[name].state.closed,
  ]);
  return new Set([...ours, ...blocks.values(), ...theirs].flatMap(nightsOf));
}
