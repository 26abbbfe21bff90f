import { z } from 'zod';
import { countCodePoints, whatsAppLimits } from './fit-limits.ts';

/** A refusal as the Graph API words it. */
export type GraphRefusal = { status: number; code: number; details: string };

/** The Graph API's error body. */
export function toGraphError(code: number, details = 'simulated'): unknown {
  return {
    error: {
      message: `(#${code}) ${details}`,
      type: code === 190 || code === 0 ? 'OAuthException' : 'GraphMethodException',
      code,
      error_data: { messaging_product: 'whatsapp', details },
      fbtrace_id: 'SIMULATED',
    },
  };
}

const upTo = (limit: number): z.ZodType<string> =>
  z.string().refine((text) => text.trim() !== '' && countCodePoints(text) <= limit, `1 to ${limit} characters`);
const differ = (values: readonly string[]): boolean => new Set(values).size === values.length;

const words = z.strictObject({ text: upTo(whatsAppLimits.headerOrFooter) });
const header = words.extend({ type: z.literal('text') });
const reply = z.strictObject({
  type: z.literal('reply'),
  reply: z.strictObject({ id: upTo(256), title: upTo(whatsAppLimits.buttonTitle) }),
});
const row = z.strictObject({
  id: upTo(200),
  title: upTo(whatsAppLimits.rowTitle),
  description: upTo(whatsAppLimits.rowDescription).optional(),
});
const section = z.strictObject({ title: upTo(whatsAppLimits.sectionTitle).optional(), rows: z.array(row).min(1) });

const buttonsMessage = z.strictObject({
  type: z.literal('button'),
  header: header.optional(),
  body: z.strictObject({ text: upTo(whatsAppLimits.interactiveBody) }),
  footer: words.optional(),
  action: z.strictObject({
    buttons: z
      .array(reply)
      .min(1)
      .max(whatsAppLimits.buttons)
      .refine((all) => differ(all.map((one) => one.reply.title)), 'button titles differ')
      .refine((all) => differ(all.map((one) => one.reply.id)), 'button ids differ'),
  }),
});
const listMessage = z.strictObject({
  type: z.literal('list'),
  header: header.optional(),
  // Meta allows 4,096 here.
  body: z.strictObject({ text: upTo(4096) }),
  footer: words.optional(),
  action: z.strictObject({
    button: upTo(whatsAppLimits.listButton),
    sections: z
      .array(section)
      .min(1)
      .max(10)
      .refine((all) => all.flatMap((one) => one.rows).length <= whatsAppLimits.rows, 'at most 10 rows in all')
      .refine((all) => all.length === 1 || all.every((one) => one.title !== undefined), 'sections need titles')
      .refine((all) => differ(all.flatMap((one) => one.rows.map((each) => each.id))), 'row ids differ'),
  }),
});

const parameter = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('text'),
    text: upTo(1024).refine((text) => !/[\n\t]| {5}/.test(text), 'no line break, tab or 5 spaces'),
  }),
  z.strictObject({ type: z.literal('payload'), payload: upTo(256) }),
]);

const frame = {
  messaging_product: z.literal('whatsapp'),
  recipient_type: z.literal('individual').optional(),
  to: z
    .string()
    .regex(/^\+?\d{6,15}$/, 'a phone number')
    .optional(),
  recipient: z.string().min(3).optional(),
  biz_opaque_callback_data: z.string().max(512).optional(),
  context: z.strictObject({ message_id: z.string() }).optional(),
};

const send = z
  .discriminatedUnion('type', [
    z.strictObject({
      ...frame,
      type: z.literal('text'),
      text: z.strictObject({ body: upTo(whatsAppLimits.textBody), preview_url: z.boolean().optional() }),
    }),
    z.strictObject({
      ...frame,
      type: z.literal('interactive'),
      interactive: z.discriminatedUnion('type', [buttonsMessage, listMessage]),
    }),
    z.strictObject({
      ...frame,
      type: z.literal('image'),
      image: z.strictObject({
        link: z.url({ protocol: /^https?$/ }),
        caption: upTo(whatsAppLimits.caption).optional(),
      }),
    }),
    z.strictObject({
      ...frame,
      type: z.literal('template'),
      template: z.strictObject({
        name: z.string().regex(/^[a-z0-9_]{1,512}$/, 'a template name'),
        language: z.looseObject({ code: z.string().regex(/^[a-z]{2,3}(_[A-Z]{2})?$/, 'a language code') }),
        components: z
          .array(
            z.looseObject({
              type: z.enum(['header', 'body', 'button']),
              sub_type: z.string().optional(),
              index: z.string().optional(),
              parameters: z.array(parameter),
            }),
          )
          .optional(),
      }),
    }),
  ])
  .refine((message) => message.to !== undefined || message.recipient !== undefined, 'to or recipient');

/** A message that our app sent, as accepted. */
export type GraphSend = z.output<typeof send>;

const read = z.strictObject({
  messaging_product: z.literal('whatsapp'),
  status: z.literal('read'),
  message_id: z.string().min(1),
  typing_indicator: z.strictObject({ type: z.literal('text') }).optional(),
});

/** A "read" with or without the typing indicator. */
export type GraphRead = z.output<typeof read>;

/** What a POST to `/messages` asks for, judged by WhatsApp's limits; errors are 100 (malformed) or 131009 (a value). */
export function judgeSend(body: unknown): { send: GraphSend } | { read: GraphRead } | { refusal: GraphRefusal } {
  const asRead = read.safeParse(body);
  if (asRead.success) return { read: asRead.data };
  const asSend = send.safeParse(body);
  if (asSend.success) return { send: asSend.data };
  const issue = asSend.error.issues[0]!;
  const details = `${issue.path.join('.')}: ${issue.message}`;
  return { refusal: { status: 400, code: issue.code === 'custom' ? 131009 : 100, details } };
}

/** The choices that a sent message shows, with the way a tap on each is reported. */
export function choicesOf(
  sent: GraphSend,
): { id: string; title: string; via: 'button_reply' | 'list_reply' | 'button' }[] {
  if (sent.type === 'template') {
    return (sent.template.components ?? [])
      .filter((component) => component.type === 'button')
      .flatMap((component) => component.parameters)
      .flatMap((each) =>
        each.type === 'payload' ? [{ id: each.payload, title: each.payload, via: 'button' as const }] : [],
      );
  }
  if (sent.type !== 'interactive') return [];
  if (sent.interactive.type === 'button') {
    return sent.interactive.action.buttons.map((each) => ({ ...each.reply, via: 'button_reply' as const }));
  }
  return sent.interactive.action.sections
    .flatMap((each) => each.rows)
    .map(({ id, title }) => ({ id, title, via: 'list_reply' as const }));
}

/** The words of a sent message, for lists and tests. */
export function textOf(sent: GraphSend): string {
  switch (sent.type) {
    case 'text':
      return sent.text.body;
    case 'interactive':
      return sent.interactive.body.text;
    case 'image':
      return sent.image.caption ?? '';
    case 'template':
      return (sent.template.components ?? [])
        .flatMap((component) => component.parameters)
        .flatMap((each) => (each.type === 'text' ? [each.text] : []))
        .join(' · ');
  }
}
