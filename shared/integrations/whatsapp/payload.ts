import { z } from 'zod';
import type { InboundMessage, StatusUpdate } from '#shared/domain/conversations/message.ts';
import { toEcho, toInboundMessage, toStatusUpdate } from './normalise.ts';

export type { OutboundMessage } from '#shared/domain/conversations/message.ts';

/** Why an element of a webhook led to nothing; bounded, so it may be a metric's label. */
export type IgnoredReason =
  | 'foreign_phone_number'
  | 'malformed'
  | 'no_sender'
  | 'history'
  | 'app_state_sync'
  | 'standby'
  | 'errors_only'
  | 'other_field';

/** All that one POST told; nothing of it is lost silently. */
export type WebhookParts = {
  messages: InboundMessage[];
  statuses: StatusUpdate[];
  ignored: { reason: IgnoredReason; field?: string }[];
};

// Absent is the usual case, and no error on the way to the default.
const list = z.array(z.unknown()).default([]).catch([]);
const envelope = z.looseObject({ entry: list });
const entryShape = z.looseObject({ changes: list });
const changeShape = z.looseObject({
  field: z.string().max(64).optional().catch(undefined),
  value: z.looseObject({
    metadata: z
      .looseObject({ phone_number_id: z.union([z.string(), z.number()]).transform(String) })
      .optional()
      .catch(undefined),
    contacts: list,
    messages: list,
    message_echoes: list,
    statuses: list,
    errors: list,
  }),
});
/** The `value` of one change, its lists present. */
export type WebhookValue = z.output<typeof changeShape>['value'];

/** Fields that carry what others said or what was said before: stored by nobody here, never answered. */
const silentFields: Readonly<Record<string, IgnoredReason>> = {
  history: 'history',
  smb_app_state_sync: 'app_state_sync',
  standby: 'standby',
};

function splitChange(change: unknown, ours: string, receivedAt: Date, parts: WebhookParts): void {
  const parsed = changeShape.safeParse(change);
  if (!parsed.success) {
    parts.ignored.push({ reason: 'malformed' });
    return;
  }
  const { field, value } = parsed.data;
  const about = field === undefined ? {} : { field };
  const phoneNumberId = value.metadata?.phone_number_id ?? ours;
  if (phoneNumberId !== ours) {
    parts.ignored.push({ reason: 'foreign_phone_number', ...about });
    return;
  }
  const silent = field === undefined ? undefined : silentFields[field];
  if (silent !== undefined) {
    parts.ignored.push({ reason: silent, ...about });
    return;
  }
  const count = value.messages.length + value.message_echoes.length + value.statuses.length;
  if (count === 0) {
    const isError = value.errors.length > 0;
    const isEmpty = field === 'messages' && !isError;
    parts.ignored.push({ reason: isError ? 'errors_only' : isEmpty ? 'malformed' : 'other_field', ...about });
    return;
  }
  const context = { value, phoneNumberId, receivedAt };
  const keep = (found: InboundMessage | IgnoredReason): void => {
    if (typeof found === 'string') parts.ignored.push({ reason: found, ...about });
    else parts.messages.push(found);
  };
  for (const message of value.messages) keep(toInboundMessage(message, context));
  for (const echo of value.message_echoes) keep(toEcho(echo, context));
  for (const status of value.statuses) {
    const found = toStatusUpdate(status, context);
    if (found === undefined) parts.ignored.push({ reason: 'malformed', ...about });
    else parts.statuses.push(found);
  }
}

/**
 * Takes a verified webhook body apart: every message and status of every change of every entry, in order. One malformed
 * element never loses the others, what belongs to another of Meta's numbers is ignored, and nothing throws.
 * `receivedAt` stands in for timestamps that are missing or absurd.
 */
export function splitWebhook(body: unknown, ourPhoneNumberId: string, receivedAt: Date = new Date()): WebhookParts {
  const parts: WebhookParts = { messages: [], statuses: [], ignored: [] };
  const parsed = envelope.safeParse(body);
  if (!parsed.success) {
    parts.ignored.push({ reason: 'malformed' });
    return parts;
  }
  for (const entry of parsed.data.entry) {
    const changes = entryShape.safeParse(entry);
    if (!changes.success) parts.ignored.push({ reason: 'malformed' });
    else for (const change of changes.data.changes) splitChange(change, ourPhoneNumberId, receivedAt, parts);
  }
  return parts;
}
