// Keeps what a page shows up to date: the server says that something changed, the page is asked for again, and the regions that
// differ are replaced. Without this script the pages are the same, only as old as their last load.

const regionsOf = (root) =>
  new Map(Array.from(root.querySelectorAll('[data-live]'), (each) => [each.dataset.live, each]));

let isLooking = false;
let isAsked = false;

async function look() {
  isAsked = true;
  if (isLooking) return;
  isLooking = true;
  while (isAsked) {
    isAsked = false;
    try {
      await refresh();
    } catch {
      // Away for a moment: the stream comes again and says so.
    }
  }
  isLooking = false;
}

async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: 'text/html' } });
  if (answer.status === 401) {
    location.reload();
    return;
  }
  if (!answer.ok) return;
  const fresh = regionsOf(new DOMParser().parseFromString(await answer.text(), 'text/html'));
  for (const [name, region] of regionsOf(document)) {
    const other = fresh.get(name);
    if (!other || isBusy(region)) continue;
    keepOpen(region, other);
    if (plain(other) === plain(region)) continue;
    const detail = { region, isAtEnd: isAtEnd(region.parentElement) };
    const focused = region.contains(document.activeElement) ? keyOf(document.activeElement) : undefined;
    region.innerHTML = other.innerHTML;
    if (focused)
      [...region.querySelectorAll('a, button, summary')]
        .find((each) => keyOf(each) === focused)
        ?.focus({ preventScroll: true });
    document.dispatchEvent(new CustomEvent('refreshed', { detail }));
  }
}

const plain = (region) => region.innerHTML.replaceAll(/\s+/g, ' ');

// What somebody is writing or has written in stays until it is sent.
function isBusy(region) {
  return [...region.querySelectorAll('input:not([type=hidden]), textarea')].some(
    (field) => field === document.activeElement || field.value !== field.defaultValue,
  );
}

// What somebody has opened stays open: a fold is known by the form or the words in it.
function keepOpen(region, other) {
  const nameOf = (fold) =>
    fold.querySelector('form')?.getAttribute('action') ?? fold.textContent.replaceAll(/\s+/g, ' ');
  const open = new Set(Array.from(region.querySelectorAll('details[open]'), nameOf));
  for (const fold of other.querySelectorAll('details')) if (open.has(nameOf(fold))) fold.open = true;
}

// The same link or button before and after: by where it leads.
function keyOf(element) {
  const target = element.getAttribute('href') ?? element.closest('form')?.getAttribute('action') ?? '';
  return `${element.tagName} ${target} ${element.textContent.trim()}`;
}

function isAtEnd(box) {
  return box !== null && box.scrollHeight - box.scrollTop - box.clientHeight < 80;
}

function listen() {
  const chat = document.querySelector('[data-chat]')?.dataset.chat ?? '';
  const stream = new EventSource(`/console/eventos?chat=${encodeURIComponent(chat)}`);
  let told;
  stream.addEventListener('version', (event) => {
    if (event.data !== told) void look();
    told = event.data;
    document.documentElement.dataset.stream = 'open';
  });
  stream.addEventListener('error', () => {
    document.documentElement.dataset.stream = 'away';
    // Refused for good (the session is over): the page says what is to be done.
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => look().then(listen), 5_000);
  });
  addEventListener('pagehide', () => stream.close());
}

if (document.querySelector('[data-live]')) listen();

// Ages ("hace 3 min") grow also when nothing happens.
setInterval(() => {
  if (!document.hidden) void look();
}, 60_000);
