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
    if (!other || stripTimes(other.innerHTML) === stripTimes(region.innerHTML)) continue;
    // What somebody is writing in or has opened stays until they are done.
    if (region.contains(document.activeElement) && document.activeElement.matches('input, textarea, select')) continue;
    const detail = { region, isAtEnd: isAtEnd(region.parentElement) };
    region.innerHTML = other.innerHTML;
    document.dispatchEvent(new CustomEvent('refreshed', { detail }));
  }
}

// Every form carries the same token; a page that was asked for anew has it too.
const stripTimes = (markup) => markup.replaceAll(/\s+/g, ' ');

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
