import type { OutboundMessage } from '#shared/domain/conversations/message.ts';

/**
 * WhatsApp's limits, counted in code points. Source: Meta, Cloud API reference "Messages" (text body 4,096; reply
 * buttons 3 of 20; list 10 rows in all, title 24, description 72, button 20, section title 24; header and footer 60;
 * caption 1,024), and `rules.md`: bodies of interactive messages are kept to 1,024 for lists too.
 */
export const whatsAppLimits = {
  textBody: 4096,
  interactiveBody: 1024,
  caption: 1024,
  headerOrFooter: 60,
  buttons: 3,
  buttonTitle: 20,
  listButton: 20,
  rows: 10,
  sectionTitle: 24,
  rowTitle: 24,
  rowDescription: 72,
  templateParameter: 1024,
} as const;

const graphemes = new Intl.Segmenter('es', { granularity: 'grapheme' });

/** Length as WhatsApp counts it: code points, not UTF-16 units. */
export function countCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** The text cut to `limit` code points with an ellipsis, never through an emoji or an accented letter. */
function cut(text: string, limit: number): string {
  const whole = text.replaceAll('\0', '').toWellFormed().trim();
  if (countCodePoints(whole) <= limit) return whole;
  let kept = '';
  let count = 0;
  for (const { segment } of graphemes.segment(whole)) {
    const size = countCodePoints(segment);
    if (count + size > limit - 1) break;
    kept += segment;
    count += size;
  }
  return `${kept.trimEnd()}…`;
}

/** One line: titles and template parameters may hold no line break nor tab. */
function oneLine(text: string): string {
  return text.replace(/\s+/gu, ' ');
}

/** A title of one line that is never empty: WhatsApp refuses empty ones. */
function title(text: string, limit: number): string {
  const fitted = cut(oneLine(text), limit);
  return fitted === '' ? '…' : fitted;
}

/** Titles cut to `limit` and kept different from each other: a later twin gets a number. */
function distinctTitles(titles: readonly string[], limit: number): string[] {
  const taken = new Set<string>();
  return titles.map((wanted) => {
    let fitted = title(wanted, limit);
    for (let number = 2; taken.has(fitted.toLowerCase()); number += 1) {
      const suffix = ` ${number}`;
      fitted = `${cut(oneLine(wanted), limit - suffix.length)}${suffix}`.trim();
    }
    taken.add(fitted.toLowerCase());
    return fitted;
  });
}

function distinctIds<T extends { id: string }>(items: readonly T[]): T[] {
  const seen = new Set<string>();
  return items.filter(({ id }) => !seen.has(id) && seen.add(id));
}

type Frame = { header?: string | undefined; footer?: string | undefined };

/** Header and footer where they say something; WhatsApp refuses empty ones. */
function frame(message: Frame): { header?: string; footer?: string } {
  const header = cut(oneLine(message.header ?? ''), whatsAppLimits.headerOrFooter);
  const footer = cut(oneLine(message.footer ?? ''), whatsAppLimits.headerOrFooter);
  return { ...(header === '' ? {} : { header }), ...(footer === '' ? {} : { footer }) };
}

type ButtonsMessage = Extract<OutboundMessage, { kind: 'buttons' }>;
type ListMessage = Extract<OutboundMessage, { kind: 'list' }>;

function fitButtons(message: ButtonsMessage): ButtonsMessage {
  const buttons = distinctIds(message.buttons).slice(0, whatsAppLimits.buttons);
  const titles = distinctTitles(
    buttons.map((button) => button.title),
    whatsAppLimits.buttonTitle,
  );
  return {
    kind: 'buttons',
    body: cut(message.body, whatsAppLimits.interactiveBody),
    ...frame(message),
    buttons: buttons.map(({ id }, index) => ({ id, title: titles[index]! })),
  };
}

function fitList(message: ListMessage): ListMessage {
  const flat = message.sections.flatMap((section, index) => section.rows.map((row) => ({ ...row, section: index })));
  const rows = distinctIds(flat).slice(0, whatsAppLimits.rows);
  const titles = distinctTitles(
    rows.map((row) => row.title),
    whatsAppLimits.rowTitle,
  );
  const fitted = rows.map(({ id, section, description }, index) => {
    const words = cut(oneLine(description ?? ''), whatsAppLimits.rowDescription);
    return { section, row: { id, title: titles[index]!, ...(words === '' ? {} : { description: words }) } };
  });
  const sections = message.sections
    .map((section, index) => ({
      title: section.title,
      rows: fitted.filter((entry) => entry.section === index).map((entry) => entry.row),
    }))
    .filter((section) => section.rows.length > 0);
  return {
    kind: 'list',
    body: cut(message.body, whatsAppLimits.interactiveBody),
    button: title(message.button, whatsAppLimits.listButton),
    ...frame(message),
    // With more than one section each needs a title (Graph error 131009).
    sections: sections.map((section) =>
      sections.length > 1 || (section.title ?? '').trim() !== ''
        ? { title: title(section.title ?? '', whatsAppLimits.sectionTitle), rows: section.rows }
        : { rows: section.rows },
    ),
  };
}

/**
 * The message as WhatsApp accepts it: texts cut with an ellipsis, at most 3 buttons and 10 rows, titles different from
 * each other, template parameters on one line and never empty. Ids and template names are never cut. Idempotent.
 */
export function fitLimits(message: OutboundMessage): OutboundMessage {
  switch (message.kind) {
    case 'text':
      return { ...message, body: cut(message.body, whatsAppLimits.textBody) };
    case 'buttons':
      return fitButtons(message);
    case 'list':
      return fitList(message);
    case 'image': {
      const { caption, ...image } = message;
      const words = cut(caption ?? '', whatsAppLimits.caption);
      return words === '' ? image : { ...image, caption: words };
    }
    case 'template':
      return {
        ...message,
        bodyParameters: message.bodyParameters.map((text) => {
          const fitted = cut(oneLine(text), whatsAppLimits.templateParameter);
          return fitted === '' ? '-' : fitted;
        }),
      };
  }
}
