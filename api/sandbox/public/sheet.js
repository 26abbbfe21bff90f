import { formatText } from './format-text.js';
import { element } from './message-view.js';

/** @typedef {import('../chat-view.ts').MessageView} MessageView */

const find = (/** @type {string} */ id) => document.getElementById(id);

/**
 * The rows of a list message, from below. Escape, the close button and a tap beside it close it, and the focus goes back to
 * where it was; arrows walk the rows.
 * @param {{ onChoose: (choice: { id: string, title: string }, on: string) => void }} tools
 */
export function createSheet({ onChoose }) {
  const dialog = find('sheet');
  const rows = find('sheet-rows');

  function close() {
    if (dialog.open) dialog.close();
  }

  /** Where the phone is: on a wide screen the sheet comes up inside it. */
  function place() {
    const phone = document.querySelector('.phone');
    const { left, bottom } = phone.getBoundingClientRect();
    const sizes = {
      left: left + phone.clientLeft,
      bottom: window.innerHeight - bottom + phone.clientTop,
      width: phone.clientWidth,
      height: phone.clientHeight,
    };
    for (const [name, px] of Object.entries(sizes)) dialog.style.setProperty(`--phone-${name}`, `${px}px`);
  }

  function walk(/** @type {KeyboardEvent} */ event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const all = [...rows.querySelectorAll('button')];
    if (step === undefined || all.length === 0) return;
    event.preventDefault();
    const at = all.indexOf(document.activeElement);
    all[(at + step + all.length) % all.length].focus();
  }

  find('close-sheet').addEventListener('click', close);
  window.addEventListener('resize', place);
  dialog.addEventListener('keydown', walk);
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) close();
  });

  return {
    close,
    open(/** @type {MessageView} */ message) {
      find('sheet-title').textContent = message.list.button;
      rows.replaceChildren(
        ...message.list.sections.map((section) => {
          const items = section.rows.map((row) => {
            const button = element(
              'button',
              { type: 'button', class: 'row' },
              element('span', { class: 'row-title' }, row.title),
              row.description && element('span', { class: 'row-words' }, formatText(row.description)),
            );
            button.addEventListener('click', () => onChoose(row, message.id));
            return element('li', {}, button);
          });
          return element('section', {}, section.title && element('h3', {}, section.title), element('ul', {}, ...items));
        }),
      );
      place();
      dialog.showModal();
      rows.querySelector('button')?.focus();
    },
  };
}
