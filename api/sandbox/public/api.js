/** @typedef {import('../chat-view.ts').ChatView} ChatView */

const pollMs = 3000;
const lost = 'Sin conexión con Posada. Reintentando…';

/**
 * The server behind the page: its state by an event stream, or by asking again while there is none.
 * @param {{ onState: (view: ChatView) => void, onTrouble: (words: string) => void }} tools
 */
export function createApi({ onState, onTrouble }) {
  let waId = '';
  /** @type {EventSource | undefined} */
  let source;
  let timer = 0;

  async function call(/** @type {string} */ path, /** @type {RequestInit} */ init = {}) {
    try {
      const response = await fetch(`/sandbox/api/${path}`, init);
      const body = response.status === 204 ? undefined : await response.json();
      return { isOk: response.ok, status: response.status, body };
    } catch {
      return { isOk: false, status: 0, body: undefined };
    }
  }

  const post = (/** @type {string} */ path, /** @type {unknown} */ body) =>
    call(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const guestPath = (/** @type {string} */ id) => `guests/${encodeURIComponent(id)}`;

  async function refresh() {
    const asked = waId;
    const { isOk, body } = await call(guestPath(asked));
    if (asked !== waId) return;
    onTrouble(isOk ? '' : lost);
    if (isOk) onState(body);
  }

  /** While the stream is away: ask, and try to open it again. */
  function poll() {
    window.clearTimeout(timer);
    timer = window.setTimeout(async () => {
      await refresh();
      if (source?.readyState === EventSource.CLOSED) open();
      else if (source?.readyState !== EventSource.OPEN) poll();
    }, pollMs);
  }

  function open() {
    source?.close();
    window.clearTimeout(timer);
    source = new EventSource(`/sandbox/events?guest=${encodeURIComponent(waId)}`);
    source.addEventListener('state', (event) => {
      onTrouble('');
      onState(JSON.parse(event.data));
    });
    source.addEventListener('error', poll);
  }

  async function listGuests() {
    for (;;) {
      const { isOk, body } = await call('guests');
      onTrouble(isOk ? '' : lost);
      if (isOk) return body.guests;
      await new Promise((resolve) => window.setTimeout(resolve, pollMs));
    }
  }

  return {
    listGuests,
    refresh,
    /** Shows this guest from now on. */
    watch(/** @type {string} */ id) {
      waId = id;
      open();
    },
    async send(/** @type {string} */ to, /** @type {unknown} */ message) {
      const { isOk, status } = await post(`${guestPath(to)}/messages`, message);
      if (!isOk) onTrouble(status === 409 ? 'Esa opción ya no se puede elegir.' : 'No se pudo enviar. Probá de nuevo.');
      return isOk;
    },
    async speak(/** @type {string} */ to, /** @type {unknown} */ note) {
      const { isOk, status } = await post(`${guestPath(to)}/voice`, note);
      if (!isOk)
        onTrouble(
          status === 503
            ? 'Para grabar hace falta ffmpeg en esta máquina. Los audios de prueba andan igual.'
            : 'No se pudo enviar el audio. Probá de nuevo.',
        );
      return isOk;
    },
    async addGuest(/** @type {string} */ name) {
      const { isOk, body } = await post('guests', { name });
      if (!isOk) onTrouble('No se pudo agregar el huésped.');
      return isOk ? body : undefined;
    },
    forget: (/** @type {string} */ id) => call(guestPath(id), { method: 'DELETE' }),
    markRead: (/** @type {string} */ id) => post(`${guestPath(id)}/read`, {}),
  };
}
