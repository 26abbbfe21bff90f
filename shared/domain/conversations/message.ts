import { z } from 'zod';

/** What a guest's message is, whatever WhatsApp calls it; `providerType` keeps the vendor's word. */
export const inboundTypes = [
  'text',
  'choice',
  'audio',
  'image',
  'video',
  'document',
  'sticker',
  'location',
  'contacts',
  'reaction',
  'order',
  'form',
  'edit',
  'revoke',
  'system',
  'echo',
  'opened',
  'unsupported',
] as const;
export type InboundType = (typeof inboundTypes)[number];

/** An error as Meta reports it; build on `code`, titles change. */
const providerError = z.object({ code: z.number(), title: z.string().optional(), details: z.string().optional() });
export type ProviderError = z.output<typeof providerError>;

/**
 * Who wrote, or (echo) who was written to. At least one of `waId`, `phone` and `bsuid` is there. All as received:
 * a phone is digits without a plus, a BSUID (`AR.1349…`) is opaque and is never rewritten.
 */
const contact = z.object({
  waId: z.string().optional(),
  phone: z.string().optional(),
  bsuid: z.string().optional(),
  profileName: z.string().optional(),
});
export type InboundContact = z.output<typeof contact>;

/** One message of a webhook, normalised: the payload of `reply-to-message`. Plain JSON; unknown keys are stripped. */
export const inboundMessage = z.object({
  providerMessageId: z.string().min(1).max(512),
  phoneNumberId: z.string(),
  contact,
  /** ISO; WhatsApp's time in whole seconds, or `receivedAt` when theirs is missing or absurd. */
  sentAt: z.string(),
  /** ISO; when our webhook took it. */
  receivedAt: z.string(),
  /** A type of a newer release reads as `unsupported` after a roll-back instead of killing the job. */
  type: z.enum(inboundTypes).catch('unsupported'),
  /** Meta's own type (`interactive`, `button`, `voice`, …). */
  providerType: z.string().optional(),
  /** The written text, the caption, the title of what was tapped, or the new text of an edit. */
  text: z.string().optional(),
  choice: z.object({ id: z.string(), title: z.string() }).optional(),
  media: z
    .object({
      id: z.string(),
      mimeType: z.string().optional(),
      sha256: z.string().optional(),
      voice: z.boolean().optional(),
      filename: z.string().optional(),
      caption: z.string().optional(),
    })
    .optional(),
  location: z
    .object({
      latitude: z.number().optional(),
      longitude: z.number().optional(),
      name: z.string().optional(),
      address: z.string().optional(),
    })
    .optional(),
  /** `emoji` absent: the reaction was taken back. */
  reaction: z.object({ messageId: z.string(), emoji: z.string().optional() }).optional(),
  /** The answer of a WhatsApp Flow, JSON as text. */
  form: z.object({ name: z.string().optional(), response: z.string() }).optional(),
  /** The message that was quoted or whose button was tapped. */
  replyTo: z.string().optional(),
  /** The message that an edit or a revocation is about. */
  original: z.string().optional(),
  /** In a group nobody asked us: consumers record it and stay silent. */
  groupId: z.string().optional(),
  /** Written long ago and handed on many times, or only forwarded. */
  isForwarded: z.boolean().optional(),
  /** Came through an advertisement or a post. */
  referral: z.object({ sourceType: z.string().optional(), sourceId: z.string().optional() }).optional(),
  /** `user_changed_number`, `user_changed_user_id`, …; old values are in `contact`. */
  system: z
    .object({
      type: z.string(),
      body: z.string().optional(),
      newWaId: z.string().optional(),
      newBsuid: z.string().optional(),
    })
    .optional(),
  errors: z.array(providerError).optional(),
});
export type InboundMessage = z.output<typeof inboundMessage>;

/** One status of a message of ours, normalised: the payload of `record-delivery`. Statuses come in any order. */
export const statusUpdate = z.object({
  providerMessageId: z.string().min(1).max(512),
  phoneNumberId: z.string(),
  /** `sent`, `delivered`, `read`, `failed`, and words that Meta adds without asking (`played`, `deleted`, …). */
  status: z.string(),
  /** ISO. */
  at: z.string(),
  receivedAt: z.string(),
  recipient: z.object({ waId: z.string().optional(), bsuid: z.string().optional() }),
  /** Our own message id, as given to `send` (`biz_opaque_callback_data`). */
  opaqueId: z.string().optional(),
  errors: z.array(providerError),
  /** It was about none of our messages a moment ago; not asked a third time. */
  isSecondLook: z.boolean().optional(),
  pricing: z
    .object({ category: z.string().optional(), billable: z.boolean().optional(), model: z.string().optional() })
    .optional(),
});
export type StatusUpdate = z.output<typeof statusUpdate>;

const button = z.object({ id: z.string(), title: z.string() });
const row = z.object({ id: z.string(), title: z.string(), description: z.string().optional() });

/** What we send, as outbound rows hold it; `fitLimits` cuts it to WhatsApp's limits. */
export const outboundMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), body: z.string(), previewUrl: z.boolean().optional() }),
  z.object({
    kind: z.literal('buttons'),
    body: z.string(),
    header: z.string().optional(),
    footer: z.string().optional(),
    buttons: z.array(button),
  }),
  z.object({
    kind: z.literal('list'),
    body: z.string(),
    /** The words on the button that opens the list. */
    button: z.string(),
    sections: z.array(z.object({ title: z.string().optional(), rows: z.array(row) })),
    header: z.string().optional(),
    footer: z.string().optional(),
  }),
  z.object({ kind: z.literal('image'), link: z.string(), caption: z.string().optional() }),
  z.object({
    kind: z.literal('template'),
    name: z.string(),
    language: z.string(),
    bodyParameters: z.array(z.string()),
    /** Quick replies in the template's order; the payload comes back as `choice.id`. */
    buttons: z.array(z.object({ payload: z.string() })).optional(),
  }),
]);
export type OutboundMessage = z.output<typeof outboundMessage>;
