/**
 * @typedef {{ kind: 'text', text: string }
 *   | { kind: 'link', text: string }
 *   | { kind: 'code', text: string }
 *   | { kind: 'strong' | 'em' | 's', parts: Part[] }} Part
 */

const pattern =
  /```([\s\S]+?)```|`([^`\n]+)`|(https?:\/\/[^\s<>]+)|(?<![\p{L}\p{N}])([*_~])(?=[^\s*_~])(.+?)(?<=\S)\4(?![\p{L}\p{N}])/gu;
const marks = { '*': 'strong', _: 'em', '~': 's' };

/**
 * Reads WhatsApp's marks: *bold*, _italic_, ~struck~, `code` and http(s) links. What is no mark stays as it is.
 * @param {string} text
 * @returns {Part[]}
 */
export function parseMarks(text) {
  /** @type {Part[]} */
  const parts = [];
  let from = 0;
  const plain = (/** @type {number} */ to) => {
    if (to > from) parts.push({ kind: 'text', text: text.slice(from, to) });
  };
  pattern.lastIndex = 0;
  for (const match of text.matchAll(pattern)) {
    const [whole, block, code, link, mark, inner] = match;
    plain(match.index);
    from = match.index + whole.length;
    if (link !== undefined) {
      // The sentence's own punctuation is no part of an address.
      const url = link.replace(/[.,;:!?)\]'"*_~]+$/u, '');
      parts.push({ kind: 'link', text: url });
      from = match.index + url.length;
    } else if (mark !== undefined) {
      parts.push({ kind: marks[mark], parts: parseMarks(inner) });
    } else {
      parts.push({ kind: 'code', text: block ?? code });
    }
  }
  plain(text.length);
  return parts;
}

/**
 * The text as nodes; data only ever becomes text nodes and the address of an http(s) link.
 * @param {string} text
 * @returns {DocumentFragment}
 */
export function formatText(text) {
  const fragment = document.createDocumentFragment();
  fragment.append(...parseMarks(text).map(toNode));
  return fragment;
}

/** @param {Part} part */
function toNode(part) {
  if (part.kind === 'text') return toWords(part.text);
  if (part.kind === 'link') {
    const link = document.createElement('a');
    link.href = part.text;
    link.target = '_blank';
    link.rel = 'noopener';
    link.textContent = part.text;
    return link;
  }
  const element = document.createElement(part.kind);
  if (part.kind === 'code') element.textContent = part.text;
  else element.append(...part.parts.map(toNode));
  return element;
}

/**
 * Plain words; an amount does not break after its sign.
 * @param {string} text
 */
function toWords(text) {
  const fragment = document.createDocumentFragment();
  for (const piece of text.split(/(\$ \d[\d.,]*)/)) {
    if (!piece.startsWith('$ ')) {
      fragment.append(piece);
      continue;
    }
    const amount = document.createElement('span');
    amount.className = 'amount';
    amount.textContent = piece;
    fragment.append(amount);
  }
  return fragment;
}
