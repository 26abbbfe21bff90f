import { randomBytes } from 'node:crypto';

/** Texts that stand nowhere else, planted where a person's data goes, and looked for where it must not be. */
export type Canaries = {
  word(): string;
  phone(): string;
  email(): string;
  url(): string;
  /** As WhatsApp makes them: the phone in base64. */
  messageId(phone: string): string;
  bsuid(): string;
  /** A copy of a payload with a canary for every text in it, but where a word means something. */
  plant<T>(payload: T): T;
  /** Everything that was planted so far. */
  all(): string[];
  /** Those of them that stand in a text, in whatever case. */
  foundIn(text: string): string[];
};

/** Keys whose values decide what a payload is: they are words of the vendor, not of a person. */
const meaningful = new Set(
  `object field messaging_product phone_number_id display_phone_number type mime_type status timestamp action api_version live_mode
   kind method channel language`.split(/\s+/),
);

export function createCanaries(): Canaries {
  const run = randomBytes(3).toString('hex');
  const planted: string[] = [];
  let count = 0;
  const add = (text: string): string => {
    planted.push(text);
    return text;
  };
  const next = (): string => `${run}x${(count += 1)}z`;
  const canaries: Canaries = {
    word: () => add(`Canario${next()}`),
    phone: () =>
      add(`549294${String(parseInt(run, 16) % 1_000).padStart(3, '0')}${String((count += 1)).padStart(4, '0')}`),
    email: () => add(`canario.${next()}@correo.example`),
    url: () => add(`https://canario-${next()}.example/feed.ics?s=${next()}`),
    messageId: (phone) => add(`wamid.${Buffer.from(`HBgN${phone}${next()}`).toString('base64')}`),
    bsuid: () => add(`AR.${next()}canario`),
    plant: (payload) => plant(payload, '', canaries) as typeof payload,
    all: () => [...planted],
    foundIn: (text) => {
      const lower = text.toLowerCase();
      return planted.filter((canary) => lower.includes(canary.toLowerCase()));
    },
  };
  return canaries;
}

function plant(value: unknown, key: string, canaries: Canaries): unknown {
  if (Array.isArray(value)) return value.map((inner) => plant(inner, key, canaries));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plant(inner, name, canaries)]));
  if (typeof value !== 'string' || meaningful.has(key)) return value;
  // What is a canary already stays: a phone that stands in three places is one phone.
  return canaries.foundIn(value).length > 0 ? value : canaries.word();
}
