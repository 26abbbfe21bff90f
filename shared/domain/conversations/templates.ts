import type { Language } from './understanding.ts';
import { choiceIds, parseChoice } from './choice-ids.ts';
import type { OutboundMessage } from './message.ts';

/** The templates that WhatsApp must have approved: what is said when a guest's 24 hours are over, and all that the owner hears. */
export const templateNames = ['booking_confirmed', 'offer', 'refund_done', 'checkin_reminder', 'owner_alert'] as const;
export type TemplateName = (typeof templateNames)[number];

/** How one is called at WhatsApp, and in which language it was approved ("es_AR"). */
export type ApprovedTemplate = { name: string; language: string };
export type Templates = Readonly<Record<string, ApprovedTemplate>>;

/** The template for what is said, which is why messages are put into the outbox under these purposes; undefined: there is none. */
export function templateFor(purpose: string): TemplateName | undefined {
  return templateNames.find((name) => name === purpose);
}

/** The language of ours in which a template's variable words are written; undefined for one that we do not speak. */
export function languageOfTemplate({ language }: ApprovedTemplate): Language | undefined {
  const code = language.slice(0, 2);
  return code === 'es' || code === 'pt' || code === 'en' ? code : undefined;
}

/** The words of a message on one line, as a template's variable takes them. */
export function toTemplateText(message: OutboundMessage): string {
  const words = message.kind === 'image' ? (message.caption ?? '') : message.kind === 'template' ? '' : message.body;
  return words
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' · ');
}

/**
 * A message as its approved template. Guests' templates have two variables, the lodging's name and what is to be said;
 * `owner_alert` has the latter alone. `offer` has two quick replies (see the options, money back), `owner_alert` two
 * (do it, leave it) for the decisions that the message's own buttons carry.
 */
export function asTemplate(
  name: TemplateName,
  approved: ApprovedTemplate,
  { message, text, lodging }: { message: OutboundMessage; text: string | null; lodging: string },
): OutboundMessage {
  const words = text ?? toTemplateText(message);
  const buttons =
    name === 'owner_alert' ? choicesOf(message).slice(0, 2) : name === 'offer' ? offerChoices(message) : [];
  return {
    kind: 'template',
    ...approved,
    bodyParameters: name === 'owner_alert' ? [words] : [lodging, words],
    ...(buttons.length > 0 ? { buttons: buttons.map((payload) => ({ payload })) } : {}),
  };
}

function choicesOf(message: OutboundMessage): string[] {
  if (message.kind === 'buttons') return message.buttons.map(({ id }) => id);
  return message.kind === 'list' ? message.sections.flatMap(({ rows }) => rows.map(({ id }) => id)) : [];
}

/** A template has room for two answers: what is free on those nights, and the money back. */
function offerChoices(message: OutboundMessage): string[] {
  const ids = choicesOf(message);
  const giveBack = ids.find((id) => parseChoice(id)?.type === 'give_back');
  if (giveBack === undefined) return [];
  const shown = ids.map(parseChoice).find((choice) => choice?.type === 'unit' || choice?.type === 'dates');
  const see =
    shown?.type === 'unit' || shown?.type === 'dates'
      ? choiceIds.dates(shown.stay, shown.party)
      : choiceIds.menu('availability');
  return [see, giveBack];
}
