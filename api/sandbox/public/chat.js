import { createApi } from './api.js';
import { drawMessage, element, updateStatus } from './message-view.js';
import { createPanel } from './panel.js';
import { createRecorder } from './recorder.js';
import { createSheet } from './sheet.js';

/** @typedef {import('../chat-view.ts').ChatView} ChatView */

const find = (/** @type {string} */ id) => document.getElementById(id);
const list = find('messages');
const scroller = find('scroller');
const text = find('text');
const timeZone = find('chat').dataset.timeZone;
const clock = new Intl.DateTimeFormat('es-AR', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone });
const dayKey = new Intl.DateTimeFormat('en-CA', { dateStyle: 'short', timeZone });
const dayName = new Intl.DateTimeFormat('es-AR', { weekday: 'long', day: 'numeric', month: 'long', timeZone });

/** What is on the screen; another guest starts from nothing. */
let waId = '';
let typingTimer = 0;
/** Whether the end was in sight, and so shall stay. */
let sticks = true;
let sending = Promise.resolve();

const api = createApi({ onState: draw, onTrouble: showTrouble });
const sheet = createSheet({ onChoose: choose });
const panel = createPanel({
  onGuest: (id) => {
    watch(id);
    panel.close();
    text.focus();
  },
  onSuggestion: (words) => {
    panel.close();
    text.value = words;
    growText();
    text.focus();
  },
  onNote: (note) => {
    panel.close();
    speak({ note });
  },
  onNewGuest: async (name) => {
    const guest = await api.addGuest(name);
    if (guest === undefined) return;
    watch(guest.waId);
    panel.close();
    text.focus();
  },
  onReset: () => api.forget(waId),
});

function watch(/** @type {string} */ id) {
  waId = id;
  remember(id);
  list.setAttribute('aria-busy', 'true');
  list.replaceChildren();
  api.watch(id);
}

function draw(/** @type {ChatView} */ view) {
  if (view.guest.waId !== waId) return;
  const wasAtEnd = isAtEnd();
  const isFirst = list.getAttribute('aria-busy') === 'true';
  const added = drawMessages(view.messages);
  list.setAttribute('aria-busy', 'false');
  find('welcome').hidden = view.messages.length > 0;
  find('welcome-name').textContent = view.guest.name;
  showTyping(view.typingMs);
  panel.draw(view);
  if (isFirst || wasAtEnd || added.some((message) => message.from === 'guest')) scrollToEnd();
  else if (added.length > 0) find('to-end').classList.add('news');
  showEnd();
  markRead(view);
}

/** Adds what is new, drops what is gone and marks what went on; what is drawn stays, so that focus and the log's voice do. */
function drawMessages(/** @type {ChatView['messages']} */ messages) {
  const ids = new Set(messages.map(({ id }) => id));
  const drawn = new Map();
  for (const item of list.querySelectorAll('[data-id]')) {
    if (ids.has(item.dataset.id)) drawn.set(item.dataset.id, item);
    else item.remove();
  }
  if (messages.length === 0) list.replaceChildren();
  const added = [];
  for (const message of messages) {
    const known = drawn.get(message.id);
    if (known) {
      updateStatus(known, message.status);
      continue;
    }
    addDay(message.at);
    list.append(
      drawMessage(message, {
        time: clock.format(new Date(message.at)),
        onChoose: choose,
        onList: (shown) => sheet.open(shown),
      }),
    );
    added.push(message);
  }
  return added;
}

function addDay(/** @type {string} */ at) {
  const key = dayKey.format(new Date(at));
  const days = list.querySelectorAll('[data-day]');
  if (days[days.length - 1]?.dataset.day === key) return;
  const ago = Math.round((Date.parse(dayKey.format(new Date())) - Date.parse(key)) / 86_400_000);
  const name = ago === 0 ? 'Hoy' : ago === 1 ? 'Ayer' : dayName.format(new Date(at));
  list.append(element('li', { class: 'day', 'data-day': key }, name));
}

function showTyping(/** @type {number} */ ms) {
  window.clearTimeout(typingTimer);
  const isTyping = ms > 0;
  find('typing').hidden = !isTyping;
  find('presence').textContent = isTyping ? 'escribiendo…' : 'en línea';
  if (isTyping) typingTimer = window.setTimeout(() => showTyping(0), ms);
}

function markRead(/** @type {ChatView} */ view) {
  const unread = view.guests.find((guest) => guest.waId === waId)?.unread ?? 0;
  if (unread > 0 && document.visibilityState === 'visible') void api.markRead(waId);
}

/** One after the other, in the order in which they were written. */
function send(/** @type {() => Promise<boolean>} */ job) {
  sending = sending.then(job).catch(() => undefined);
  return sending;
}

function choose(/** @type {{ id: string, title: string }} */ choice, /** @type {string} */ on) {
  const to = waId;
  sheet.close();
  scrollToEnd();
  void send(() => api.send(to, { choice, on }));
}

function sendText() {
  const words = text.value.trim();
  if (words === '') return;
  const to = waId;
  text.value = '';
  growText();
  scrollToEnd();
  void send(async () => {
    const isSent = await api.send(to, { text: words });
    if (!isSent && to === waId && text.value === '') text.value = words;
    return isSent;
  });
}

function speak(/** @type {unknown} */ note) {
  const to = waId;
  scrollToEnd();
  void send(() => api.speak(to, note));
}

function isAtEnd() {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;
}

function scrollToEnd() {
  scroller.scrollTop = scroller.scrollHeight;
  showEnd();
}

function showEnd() {
  const button = find('to-end');
  sticks = isAtEnd();
  button.hidden = sticks;
  if (button.hidden) button.classList.remove('news');
}

function growText() {
  text.style.height = 'auto';
  text.style.height = `${text.scrollHeight}px`;
}

function showTrouble(/** @type {string} */ words) {
  find('trouble').hidden = words === '';
  find('trouble').textContent = words;
}

function remember(/** @type {string} */ id) {
  history.replaceState(null, '', `/sandbox?guest=${encodeURIComponent(id)}`);
  try {
    localStorage.setItem('sandbox-guest', id);
  } catch {
    // A browser that keeps nothing starts with the first guest.
  }
}

function remembered() {
  try {
    return localStorage.getItem('sandbox-guest');
  } catch {
    return null;
  }
}

text.addEventListener('input', growText);
text.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  sendText();
});
find('composer').addEventListener('submit', (event) => {
  event.preventDefault();
  sendText();
  text.focus();
});
find('to-end').addEventListener('click', () => {
  scrollToEnd();
  scroller.focus();
});
scroller.addEventListener('scroll', showEnd, { passive: true });
// A picture that arrives, or the keyboard of the phone, must not push the end out of sight.
scroller.addEventListener('load', () => sticks && scrollToEnd(), true);
window.addEventListener('resize', () => sticks && scrollToEnd());
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') void api.refresh();
});
createRecorder({ isSimulated: find('chat').dataset.speech === 'simulated', onNote: speak, onTrouble: showTrouble });
find('welcome').addEventListener('click', panel.onSuggestionClick);

const guests = await api.listGuests();
const wanted = [new URLSearchParams(location.search).get('guest'), remembered()];
watch(wanted.find((id) => guests.some((guest) => guest.waId === id)) ?? guests[0].waId);
if (window.matchMedia('(hover: hover)').matches) text.focus();
