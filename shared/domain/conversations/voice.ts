import type { Language } from './conversation.ts';

/**
 * Why a voice note has no words: `silent` (or shorter than 0.6 s) · `too_long` · `too_large` · `unreadable` (no audio that can
 * be decoded) · `unclear` (nothing was understood, or the words cannot be what was said) · `not_received` (WhatsApp has it no
 * more) · `unavailable` (we cannot listen now: service away, refused, or none).
 */
export const voiceProblems = [
  'silent',
  'too_long',
  'too_large',
  'unreadable',
  'unclear',
  'not_received',
  'unavailable',
] as const;
export type VoiceProblem = (typeof voiceProblems)[number];

export function isVoiceProblem(word: unknown): word is VoiceProblem {
  return voiceProblems.includes(word as VoiceProblem);
}

/** What a voice note may be. */
export const voiceLimits = { bytes: 16 * 1024 * 1024, seconds: 180, leastSeconds: 0.6, silentBelowDb: -45 } as const;

/** The gate before any money is spent: what is wrong with a note by its length and its loudest moment, or null. */
export function judgeSound({ durationS, maxDb }: { durationS: number; maxDb: number }): VoiceProblem | null {
  // Decoders round: a note of exactly three minutes may come out some milliseconds longer.
  if (durationS > voiceLimits.seconds + 0.5) return 'too_long';
  if (durationS < voiceLimits.leastSeconds || maxDb < voiceLimits.silentBelowDb) return 'silent';
  return null;
}

/** Nobody says more characters in a second; above it a model repeats itself. */
const mostCharactersPerSecond = 35;
/** A long note of next to no letters is noise in which a model found a word: a "sí" of that kind must not confirm. */
const sparse = { aboveSeconds: 8, lettersPerSecond: 0.5 } as const;

/**
 * The words that were really said: credits that speech models invent for silence and music are taken out; null when nothing is
 * left, or when the length cannot belong to a note of so many seconds.
 */
export function acceptTranscript(text: string, durationS: number): string | null {
  const said = withoutCredits(text.replaceAll(/\s+/g, ' ').trim());
  const letters = said.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  if (letters === 0) return null;
  if (said.length > 40 + mostCharactersPerSecond * durationS) return null;
  if (durationS > sparse.aboveSeconds && letters < durationS * sparse.lettersPerSecond) return null;
  return said;
}

/**
 * Sentences that Whisper and its kin learned from subtitles and say when they hear nothing. Whole sentences only: a guest may
 * well say thanks or ask for a video.
 */
const credits: readonly RegExp[] = [
  /^(subtítulos|subtitulos|subtitulado|legendas|subtitles|sottotitoli|sous-titres|untertitel)( realizados| creados| hechos| feitas| made| created)?( e revisi[oó]n)? (por|de|pela|pelo|by|a cura di|par|im auftrag)\b/,
  /\bamara\s?\.?org\b/,
  /^(no (te )?olvides? (de )?)?(suscr[ií]b(e|ete|ite|irte|anse)|dale like)\b/,
  /^(inscreva-se|se inscreva|inscrevam-se|deixe (o )?(seu )?like)\b/,
  /^(please )?(like and )?subscribe( to (my|our|the) channel)?\b/,
  /^(muchas )?gracias por (ver|mirar|vernos|(su|la) visualizaci[oó]n)( (el|este|nuestro) (v[ií]deo|canal|programa))?$/,
  /^(muito )?obrigad[oa] por (assistir|ver)( (o|este) v[ií]deo)?$/,
  /^(thank you|thanks)( so much)? for (watching|viewing)( (the|this|my) video)?$/,
  /^(hasta|nos vemos en) (el|la) pr[oó]xim[oa] (v[ií]deo|video|cap[ií]tulo)\b/,
  /^see you (in the|next) (next )?(video|time)$/,
  /^(transcribed|transcrito|transcripci[oó]n) (by|por)\b/,
  /^(traducci[oó]n|tradução|translated|tradu[cz]ido)( por| by| de)?:? /,
  /^www\.[\w-]+\.[\w.]+$/,
  /^m[aá]s informaci[oó]n:? (en )?www\./,
  /^(m[uú]sica|música de fondo|music|background music|aplausos|applause|silencio|silence|risas)$/,
];

function withoutCredits(text: string): string {
  // A mark between brackets or notes tells of a sound, not of words.
  const spoken = text.replaceAll(/[[(*♪♫][^\])*♪♫]{0,60}[\])*♪♫]/gu, ' ').replaceAll(/[♪♫]/gu, ' ');
  const sentences = spoken.match(/(?:www\.\S+|\b\p{L}+\.(?:org|com|net)\b\S*|[^.!?…])+[.!?…]*/gu) ?? [];
  return sentences
    .filter((sentence) => !isCredit(sentence))
    .join('')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function isCredit(sentence: string): boolean {
  const bare = sentence
    .toLowerCase()
    .replaceAll(/^[\s¡!¿?"'«»-]+|[\s.!?…"'«»-]+$/g, '')
    .trim();
  return credits.some((pattern) => pattern.test(bare));
}

const months: Record<Language, readonly string[]> = {
  es: [
    'enero',
    'febrero',
    'marzo',
    'abril',
    'mayo',
    'junio',
    'julio',
    'agosto',
    'septiembre',
    'octubre',
    'noviembre',
    'diciembre',
  ],
  pt: [
    'janeiro',
    'fevereiro',
    'março',
    'abril',
    'maio',
    'junho',
    'julho',
    'agosto',
    'setembro',
    'outubro',
    'novembro',
    'dezembro',
  ],
  en: [
    'January',
    'February',
    'March',
    'April',
    'May',
    'June',
    'July',
    'August',
    'September',
    'October',
    'November',
    'December',
  ],
};
const trade: Record<Language, readonly string[]> = {
  es: [
    'seña',
    'cabaña',
    'finde',
    'finde largo',
    'check-in',
    'check-out',
    'noches',
    'adultos',
    'menores',
    'reserva',
    'Mercado Pago',
  ],
  pt: [
    'sinal',
    'cabana',
    'feriado',
    'fim de semana',
    'check-in',
    'check-out',
    'diárias',
    'adultos',
    'crianças',
    'reserva',
    'Mercado Pago',
  ],
  en: [
    'deposit',
    'cabin',
    'long weekend',
    'check-in',
    'check-out',
    'nights',
    'adults',
    'children',
    'booking',
    'Mercado Pago',
  ],
};

/** Words that a speech service should expect: the lodging's own names first, then the trade's. At most 60, each once. */
export function listKeywords(language: Language, ownNames: readonly string[]): string[] {
  const names = ownNames.map((name) => name.replaceAll(/[\s,;]+/g, ' ').trim()).filter((name) => name !== '');
  return [...new Set([...names, ...trade[language], ...months[language]])].slice(0, 60);
}

/** The language to expect: the conversation's; of a guest nobody has answered yet, Portuguese when the number is Brazilian. */
export function guessLanguage(language: Language, isNewGuest: boolean, phone: string | undefined): Language {
  return isNewGuest && phone?.startsWith('55') ? 'pt' : language;
}
