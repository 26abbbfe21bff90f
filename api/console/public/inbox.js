// The chat stays at its end while news come, and Ctrl + Enter sends.

const scroller = document.querySelector('.chat-scroll');
const composer = document.querySelector('.composer');

if (scroller && !new URLSearchParams(location.search).has('antes')) {
  const toEnd = () => {
    scroller.scrollTop = scroller.scrollHeight;
  };
  toEnd();
  document.addEventListener('refreshed', ({ detail }) => {
    if (scroller.contains(detail.region) && detail.isAtEnd) toEnd();
  });
}

composer?.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) composer.requestSubmit();
});

// Half a sentence outlives a reload and a login in between.
const text = composer?.querySelector('textarea');
if (text) {
  const key = `draft:${location.pathname}`;
  text.value = sessionStorage.getItem(key) ?? text.value;
  text.addEventListener('input', () => sessionStorage.setItem(key, text.value));
  composer.addEventListener('submit', () => sessionStorage.removeItem(key));
  if (location.hash === '#escribir') text.focus({ preventScroll: true });
}
