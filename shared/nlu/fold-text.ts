/** The longest message that is read; WhatsApp's own limit. The rest is cut, never refused. */
export const maxTextLength = 4096;

/** A text in plain lower-case letters, with the way back to what the guest wrote. */
export type FoldedText = {
  text: string;
  /** For each UTF-16 unit of `text`, its place in the original. */
  origin: number[];
  original: string;
};

const marks = /\p{M}/gu;
/** Letters, digits, punctuation and money; pictures count as spaces. */
const isWritten = /^[\p{L}\p{N}\p{P}\p{Sc}+<=>|~ ]/u;
const lookAlikes: Record<string, string> = {
  а: 'a',
  е: 'e',
  о: 'o',
  р: 'p',
  с: 'c',
  х: 'x',
  у: 'y',
  і: 'i',
  ѕ: 's',
  ј: 'j',
  '’': "'",
  '‘': "'",
  '´': "'",
  '–': '-',
  '—': '-',
  '−': '-',
  '‐': '-',
  '‑': '-',
  '→': '>',
  '⇒': '>',
  '➡': '>',
  '►': '>',
};

/** Lower case without accents; invisible signs vanish, full-width and look-alike letters become plain ones. */
export function foldText(input: string): FoldedText {
  const original = input.length > maxTextLength ? input.slice(0, maxTextLength) : input;
  let text = '';
  const origin: number[] = [];
  for (let at = 0; at < original.length;) {
    const code = original.codePointAt(at)!;
    const width = code > 0xffff ? 2 : 1;
    const plain = foldCached(code);
    for (let k = 0; k < plain.length; k++) origin.push(at);
    text += plain;
    at += width;
  }
  origin.push(original.length);
  return { text, origin, original };
}

const folds = new Map<number, string>();
/** Only letters that people use are kept; a text of odd signs must not grow the memory. */
function foldCached(code: number): string {
  const known = folds.get(code);
  if (known !== undefined) return known;
  const plain = foldCodePoint(code);
  if (folds.size < 4000) folds.set(code, plain);
  return plain;
}

function foldCodePoint(code: number): string {
  if (code < 128) {
    if (code >= 65 && code <= 90) return String.fromCharCode(code + 32);
    return code < 32 || code === 127 ? ' ' : String.fromCharCode(code);
  }
  if (isInvisible(code)) return '';
  const char = String.fromCodePoint(code);
  const similar = lookAlikes[char.toLowerCase()];
  if (similar) return similar;
  const plain = char.normalize('NFKD').replace(marks, '').toLowerCase();
  return plain === '' || (plain.length < 4 && isWritten.test(plain)) ? plain : ' ';
}

/** Zero-width, direction and byte-order signs: they carry no meaning for us and hide words from readers. */
function isInvisible(code: number): boolean {
  return (
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f) ||
    code === 0xfeff ||
    code === 0xad
  );
}
