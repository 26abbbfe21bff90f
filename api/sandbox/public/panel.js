import { element, shorten } from './message-view.js';

/** @typedef {import('../chat-view.ts').ChatView} ChatView */

const find = (/** @type {string} */ id) => document.getElementById(id);

/**
 * What lies beside the phone, or over it on a narrow screen: suggestions, guests, starting over.
 * @param {{ onGuest: (waId: string) => void, onSuggestion: (words: string) => void, onNote: (name: string) => void, onNewGuest: (name: string) => Promise<void>, onReset: () => unknown }} tools
 */
export function createPanel({ onGuest, onSuggestion, onNote, onNewGuest, onReset }) {
  const panel = find('panel');
  const opener = find('open-panel');
  const guests = find('guests');
  let drawn = '';

  const isOpen = () => panel.classList.contains('open');
  function close() {
    if (!isOpen()) return;
    panel.classList.remove('open');
    opener.setAttribute('aria-expanded', 'false');
    opener.focus();
  }
  function open() {
    panel.classList.add('open');
    opener.setAttribute('aria-expanded', 'true');
    find('close-panel').focus();
  }
  function onSuggestionClick(/** @type {Event} */ event) {
    const { note, suggestion: words } = event.target.closest('[data-suggestion]')?.dataset ?? {};
    if (note) return onNote(note);
    if (words !== undefined) onSuggestion(words);
  }

  opener.addEventListener('click', () => (isOpen() ? close() : open()));
  find('close-panel').addEventListener('click', close);
  panel.addEventListener('click', onSuggestionClick);
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !find('sheet').open) close();
  });
  guests.addEventListener('click', (event) => {
    const id = event.target.closest('[data-guest]')?.dataset.guest;
    if (id !== undefined) onGuest(id);
  });
  find('new-guest').addEventListener('submit', (event) => {
    event.preventDefault();
    const field = find('new-name');
    const name = field.value.trim();
    if (name === '') return;
    field.value = '';
    void onNewGuest(name);
  });
  find('reset').addEventListener('click', () => onReset());

  return {
    close,
    onSuggestionClick,
    draw(/** @type {ChatView} */ view) {
      const now = JSON.stringify([view.guest.waId, view.guests]);
      if (now === drawn) return;
      drawn = now;
      const focused = document.activeElement?.closest('[data-guest]')?.dataset.guest;
      guests.replaceChildren(...view.guests.map((guest) => drawGuest(guest, guest.waId === view.guest.waId)));
      if (focused !== undefined) guests.querySelector(`[data-guest="${CSS.escape(focused)}"]`)?.focus();
      find('unread-elsewhere').hidden = !view.guests.some(
        (guest) => guest.unread > 0 && guest.waId !== view.guest.waId,
      );
    },
  };
}

/**
 * @param {ChatView['guests'][number]} guest
 * @param {boolean} isCurrent
 */
function drawGuest({ waId, name, unread, last }, isCurrent) {
  return element(
    'li',
    {},
    element(
      'button',
      { type: 'button', class: 'guest', 'data-guest': waId, 'aria-current': isCurrent ? 'true' : undefined },
      element('span', { class: 'avatar small', 'aria-hidden': 'true' }, initials(name)),
      element(
        'span',
        { class: 'guest-words' },
        element('span', { class: 'guest-name' }, name),
        element('span', { class: 'guest-number' }, last === undefined ? toNumber(waId) : shorten(last.text)),
      ),
      unread > 0 && !isCurrent
        ? element('span', { class: 'unread' }, String(unread), element('span', { class: 'hidden-text' }, ' sin leer'))
        : undefined,
    ),
  );
}

/** @param {string} name */
function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  return [words[0], words.length > 1 ? words[words.length - 1] : undefined]
    .map((word) => (word === undefined ? '' : String.fromCodePoint(word.codePointAt(0)).toUpperCase()))
    .join('');
}

/**
 * A number as a person reads it: +54 9 11 5555-0101; anything else as it is.
 * @param {string} waId
 */
function toNumber(waId) {
  const parts = /^549(11|\d{3})(\d{3,4})(\d{4})$/.exec(waId);
  return parts ? `+54 9 ${parts[1]} ${parts[2]}-${parts[3]}` : /^\d+$/.test(waId) ? `+${waId}` : waId;
}
