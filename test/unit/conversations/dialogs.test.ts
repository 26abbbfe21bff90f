import { readFileSync, readdirSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'yaml';
import type { ActOutcome, ConversationState, GuestMessage } from '#shared/domain/conversations/conversation.ts';
import type { OutboundMessage } from '#shared/integrations/whatsapp/payload.ts';
import { understand } from '#shared/nlu/understand.ts';
import type { Language } from '#shared/domain/conversations/understanding.ts';
import { expectSendable, readable } from './check-limits.ts';
import { addBooking, buildMessage, createWorld, takeTurn, toUnderstandOptions, type World } from './world.ts';

type OneOrMany<T> = T | T[];
/** A step: what the guest does, then what must come of it. README.md beside the fixtures explains each field. */
type Step = {
  say?: OneOrMany<string | number>;
  tap?: string | { title: string; step: number };
  tapId?: string;
  voice?: string;
  late?: string;
  send?: string;
  outcome?: ActOutcome;
  hours?: number;
  contains?: OneOrMany<string>;
  lacks?: OneOrMany<string>;
  matches?: string;
  kind?: OutboundMessage['kind'] | 'none';
  messages?: number;
  covered?: number;
  act?: 'hold' | 'cancel' | 'hand_over' | 'none';
  reason?: string;
  language?: Language;
  state?: Record<string, unknown>;
};
type Dialog = {
  name: string;
  language?: Language;
  now?: string;
  taken?: { unit: number; from: string; to: string }[];
  bookings?: { unit: number; from: string; to: string; status?: 'held' | 'confirmed'; adults?: number }[];
  steps: Step[];
};

const folder = new URL('../../fixtures/dialogs/', import.meta.url);
const unitIds = /^(?:unit|dates|confirm|guests|nights|cancel|change|menu)/;

describe('dialogs', () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
    describe(file, () => {
      for (const dialog of parse(readFileSync(new URL(file, folder), 'utf8')) as Dialog[])
        it(dialog.name, () => play(dialog));
    });
  }
});

async function play(dialog: Dialog): Promise<void> {
  const world = createWorld({
    language: dialog.language ?? 'es',
    ...(dialog.now === undefined ? {} : { now: new Date(dialog.now) }),
    taken: (dialog.taken ?? []).map(({ unit, from, to }) => ({ unitId: unit, stay: { checkIn: from, checkOut: to } })),
  });
  for (const { unit, from, to, status = 'held', adults = 2 } of dialog.bookings ?? [])
    addBooking(world, {
      accommodationId: unit,
      checkIn: from,
      checkOut: to,
      status,
      adults,
      confirmedAt: status === 'confirmed' ? world.now : null,
    });
  const shown: OutboundMessage[][] = [];
  for (const [index, step] of dialog.steps.entries()) {
    if (step.hours !== undefined) world.now = new Date(world.now.getTime() + step.hours * 3_600_000);
    const batch = toMessages(step, world, shown);
    const turn = await takeTurn(world, batch, step.outcome);
    shown.push(turn.replies);
    const said = turn.replies.map(readable).join('\n\n');
    const label = `step ${index + 1} (${JSON.stringify(step.say ?? step.tap ?? step.tapId ?? step.voice ?? step.late ?? step.send)}) said:\n${said}\nstate: ${JSON.stringify(world.state)}\n`;
    if (process.env.SHOW_DIALOGS) console.log(`\n> ${label}`);
    for (const message of turn.replies) expectSendable(message);
    for (const words of many(step.contains)) expect(said, label).to.include(words);
    for (const words of many(step.lacks)) expect(said, label).not.to.include(words);
    if (step.matches !== undefined) expect(said, label).to.match(new RegExp(step.matches, 'su'));
    if (step.kind === 'none') expect(turn.replies, label).to.have.length(0);
    else if (step.kind !== undefined) expect(turn.replies.at(-1)?.kind, label).to.equal(step.kind);
    if (step.messages !== undefined) expect(turn.replies, label).to.have.length(step.messages);
    expect(turn.decision.covered, `${label}covered`).to.equal(step.covered ?? batch.length);
    if (step.act !== undefined) expect(turn.decision.act?.type ?? 'none', `${label}act`).to.equal(step.act);
    else expect(turn.decision.act, `${label}no act is expected`).to.equal(null);
    if (step.reason !== undefined) expect(turn.decision.act, label).to.include({ reason: step.reason });
    if (step.language !== undefined) expect(world.language, label).to.equal(step.language);
    for (const [key, value] of Object.entries(step.state ?? {}))
      expect(slot(world.state, key), `${label}${key}`).to.deep.equal(value ?? undefined);
  }
}

function many<T>(value: OneOrMany<T> | undefined): T[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

/** `party` is compared by its total, `summary` by whether there is one. */
function slot(state: ConversationState, key: string): unknown {
  if (key === 'party') return state.party?.total;
  if (key === 'summary') return state.summary !== undefined;
  return state[key as keyof ConversationState];
}

function toMessages(step: Step, world: World, shown: readonly OutboundMessage[][]): GuestMessage[] {
  const read = (text: string): GuestMessage['understanding'] =>
    understand(text, toUnderstandOptions(world.state, world.language, world.now.toISOString().slice(0, 10)));
  if (step.tap !== undefined)
    return [tap(idOf(step.tap, shown), typeof step.tap === 'string' ? step.tap : step.tap.title)];
  if (step.tapId !== undefined) return [tap(step.tapId, '…')];
  if (step.send !== undefined) return [{ ...buildMessage(), type: step.send, text: null }];
  if (step.voice !== undefined)
    return [{ ...buildMessage(), type: 'audio', text: step.voice, isVoice: true, understanding: read(step.voice) }];
  if (step.late !== undefined)
    return [{ ...buildMessage(), text: step.late, isLate: true, understanding: read(step.late) }];
  return many<string | number>(step.say).map((said) => {
    const text = String(said);
    const match = /^<(.+)>$/.exec(text);
    if (match) {
      const inner = match[1]!;
      return unitIds.test(inner) || !/^[a-z]+$/.test(inner)
        ? tap(idOf(inner, shown), inner)
        : { ...buildMessage(), type: inner, text: null };
    }
    return { ...buildMessage(), text, understanding: read(text) };
  });
}

function tap(id: string, title: string): GuestMessage {
  return { ...buildMessage(), type: 'choice', choiceId: id, text: title };
}

/** The id behind a title of the latest message that shows it, or of a step's (from 1). */
function idOf(wanted: string | { title: string; step: number }, shown: readonly OutboundMessage[][]): string {
  const title = typeof wanted === 'string' ? wanted : wanted.title;
  const messages = typeof wanted === 'string' ? shown.flat().toReversed() : (shown[wanted.step - 1] ?? []);
  for (const message of messages) {
    const items =
      message.kind === 'buttons'
        ? message.buttons
        : message.kind === 'list'
          ? message.sections.flatMap((s) => s.rows)
          : [];
    const found = items.find((item) => item.title.startsWith(title));
    if (found !== undefined) return found.id;
  }
  throw new Error(`nothing titled "${title}" was shown`);
}
