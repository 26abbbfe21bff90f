import { formatText } from './format-text.js';

/** @typedef {import('../chat-view.ts').MessageView} MessageView */

const statusWords = {
  pending: 'esperando',
  sent: 'enviado',
  delivered: 'entregado',
  read: 'leído',
  failed: 'no se pudo entregar',
};

const ticks = {
  pending: 'M12 7v5l3 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z',
  sent: 'm5 13 4 4L19 7',
  delivered: 'm2 13 4 4L15 8m-4 8 1 1L22 7',
  read: 'm2 13 4 4L15 8m-4 8 1 1L22 7',
  failed: 'M12 7v6m0 3.5v.5M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z',
};

/**
 * An element with a class, attributes and children.
 * @param {string} name
 * @param {Record<string, string | undefined>} attributes
 * @param {(Node | string | undefined)[]} children
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/**
 * One message as a list item: the bubble and what can be tapped below it. `onChoose` and `onList` get the taps.
 * @param {MessageView} message
 * @param {{ time: string, onChoose: (choice: { id: string, title: string }, on: string) => void, onList: (message: MessageView, opener: HTMLElement) => void }} tools
 */
export function drawMessage(message, { time, onChoose, onList }) {
  const isMine = message.from === 'guest';
  const bubble = element(
    'div',
    { class: 'bubble' },
    element('span', { class: 'hidden-text' }, isMine ? 'Huésped:' : 'Alojamiento:'),
    message.note && element('p', { class: 'note' }, message.note),
    message.quote && element('p', { class: 'quote' }, shorten(message.quote)),
    message.image && drawImage(message),
    message.audio &&
      element('audio', {
        class: 'voice',
        src: message.audio.src,
        controls: '',
        preload: 'metadata',
        'aria-label': 'Audio',
      }),
    message.header && element('p', { class: 'words header' }, formatText(message.header)),
    message.text !== '' ? element('p', { class: 'words' }, formatText(message.text)) : undefined,
    message.footer && element('p', { class: 'words footer' }, formatText(message.footer)),
    element(
      'p',
      { class: 'meta' },
      element('time', { datetime: message.at }, time),
      isMine || message.status === 'failed' ? drawTick(message.status) : undefined,
    ),
  );
  const item = element('li', { class: `message ${isMine ? 'mine' : 'theirs'}`, 'data-id': message.id }, bubble);
  if (message.buttons) {
    const row = element('div', { class: 'choices' });
    for (const choice of message.buttons) {
      const button = element('button', { type: 'button', class: 'choice' }, choice.title);
      button.addEventListener('click', () => onChoose(choice, message.id));
      row.append(button);
    }
    item.append(row);
  }
  if (message.list) {
    const opener = element(
      'button',
      { type: 'button', class: 'choice opener', 'aria-haspopup': 'dialog' },
      message.list.button,
    );
    opener.addEventListener('click', () => onList(message, opener));
    item.append(element('div', { class: 'choices' }, opener));
  }
  return item;
}

/**
 * The mark of a message that is drawn already.
 * @param {Element} item
 * @param {MessageView['status']} status
 */
export function updateStatus(item, status) {
  const old = item.querySelector('.tick');
  if (old !== null && old.getAttribute('data-status') !== status) setTick(old, status);
  else if (old === null && status === 'failed') item.querySelector('.meta')?.append(drawTick(status));
}

/** @param {MessageView['status']} status */
function drawTick(status) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'tick');
  svg.setAttribute('role', 'img');
  svg.append(document.createElementNS('http://www.w3.org/2000/svg', 'path'));
  setTick(svg, status);
  return svg;
}

/**
 * @param {Element} svg
 * @param {MessageView['status']} status
 */
function setTick(svg, status) {
  svg.setAttribute('data-status', status);
  svg.setAttribute('aria-label', statusWords[status]);
  svg.firstElementChild?.setAttribute('d', ticks[status]);
}

/** @param {MessageView} message */
function drawImage({ image, text }) {
  const link = element('a', { class: 'picture', href: image.link, target: '_blank', rel: 'noopener' });
  const words = () => link.replaceChildren('Foto: ', element('span', {}, new URL(image.link).host));
  if (image.src === undefined) {
    words();
    return link;
  }
  const picture = element('img', { src: image.src, alt: text === '' ? 'Foto' : `Foto: ${text}` });
  picture.addEventListener('error', words, { once: true });
  link.append(picture);
  return link;
}

/**
 * The words of a message in one line, without marks, 90 characters at most.
 * @param {string} text
 */
export function shorten(text) {
  const line = text
    .replaceAll(/[*_~`]/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return line.length > 90 ? `${line.slice(0, 89)}…` : line;
}
