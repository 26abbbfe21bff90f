import type { OutboundMessage } from './message.ts';
import { countCodePoints, cut, distinctTitles, limits } from './limits.ts';

export type Button = { id: string; title: string };
export type Row = { id: string; title: string; description?: string };

/** What is said at the end of an answer: a question, with something to tap where that helps. */
export type Say = {
  text: string;
  buttons?: Button[];
  list?: { button: string; sections: { title?: string; rows: Row[] }[] };
};

/**
 * One answer in as few messages as WhatsApp allows (each is charged): the paragraphs and what is asked go into one body;
 * only when that is too long do the paragraphs come first, in a text of their own. Pictures always come last but the question.
 */
export function compose(
  paragraphs: readonly string[],
  say: Say | null,
  images: OutboundMessage[] = [],
): OutboundMessage[] {
  const before = paragraphs.filter((text) => text.trim() !== '');
  if (say === null) return [...texts(before.join('\n\n')), ...images];
  const whole = [...before, say.text].filter((text) => text.trim() !== '').join('\n\n');
  const isInteractive = say.buttons !== undefined || say.list !== undefined;
  if (!isInteractive) return [...images, ...texts(whole)];
  if (countCodePoints(whole) <= limits.interactiveBody) return [...images, interactive(whole, say)];
  return [...texts(before.join('\n\n')), ...images, interactive(cut(say.text, limits.interactiveBody), say)];
}

/** A text as one message, or several when an owner's facts are very long; nothing is lost. */
function texts(body: string): OutboundMessage[] {
  const messages: OutboundMessage[] = [];
  let rest = body.trim();
  while (countCodePoints(rest) > limits.text) {
    const head = Array.from(rest).slice(0, limits.text).join('');
    const at = Math.max(head.lastIndexOf('\n'), head.lastIndexOf(' '));
    const part = at > 0 ? head.slice(0, at) : head;
    messages.push({ kind: 'text', body: part.trimEnd() });
    rest = rest.slice(part.length).trim();
  }
  if (rest !== '') messages.push({ kind: 'text', body: rest });
  return messages;
}

function interactive(body: string, say: Say): OutboundMessage {
  if (say.list !== undefined) return list(body, say.list);
  const buttons = (say.buttons ?? []).slice(0, limits.buttons);
  const titles = distinctTitles(
    buttons.map((button) => button.title),
    limits.buttonTitle,
  );
  return { kind: 'buttons', body, buttons: buttons.map(({ id }, i) => ({ id, title: titles[i]! })) };
}

function list(body: string, { button, sections }: NonNullable<Say['list']>): OutboundMessage {
  const flat = sections
    .flatMap((section, index) => section.rows.map((row) => ({ ...row, index })))
    .slice(0, limits.rows);
  const titles = distinctTitles(
    flat.map((row) => row.title),
    limits.rowTitle,
  );
  const rows = flat.map(({ id, description, index }, i) => ({
    index,
    row: { id, title: titles[i]!, ...(description ? { description: cut(description, limits.rowDescription) } : {}) },
  }));
  const kept = sections
    .map((section, index) => ({ title: section.title, rows: rows.filter((r) => r.index === index).map((r) => r.row) }))
    .filter((section) => section.rows.length > 0);
  return {
    kind: 'list',
    body,
    button: cut(button, limits.buttonTitle),
    // With several sections each needs a title.
    sections: kept.map(({ title, rows: its }) =>
      title === undefined && kept.length === 1
        ? { rows: its }
        : { title: cut(title ?? '…', limits.sectionTitle), rows: its },
    ),
  };
}

/** A text on its own. */
export function text(body: string): OutboundMessage {
  return { kind: 'text', body: cut(body, limits.text) };
}
