const find = (/** @type {string} */ id) => document.getElementById(id);
/** A little more than what the lodging listens to. */
const longestMs = 200_000;

/**
 * Records a voice note with the microphone: one button begins, the bar that then takes the place of the text ends it or
 * throws it away. Where nobody listens (`isSimulated`) the newcomer is asked what was said, and that goes along as `words`.
 * @param {{ isSimulated: boolean, onNote: (note: { audio: string, words?: string }) => void, onTrouble: (words: string) => void }} tools
 */
export function createRecorder({ isSimulated, onNote, onTrouble }) {
  const opener = find('record');
  const bar = find('recording');
  const clock = find('recording-time');
  const dialog = find('said');
  const said = find('said-words');
  /** @type {MediaRecorder | undefined} */
  let recorder;
  let isKept = false;
  let ticking = 0;
  let pending = '';

  // Without a microphone's API (an old browser, http on another host) the ready-made notes remain.
  opener.hidden = navigator.mediaDevices?.getUserMedia === undefined || window.MediaRecorder === undefined;

  async function begin() {
    if (recorder !== undefined) return;
    onTrouble('');
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      onTrouble('No se pudo usar el micrófono. Podés mandar uno de los audios de prueba.');
      return;
    }
    const chunks = [];
    const begun = Date.now();
    isKept = false;
    recorder = new MediaRecorder(stream);
    recorder.addEventListener('dataavailable', (event) => chunks.push(event.data));
    recorder.addEventListener('stop', () => {
      window.clearInterval(ticking);
      for (const track of stream.getTracks()) track.stop();
      recorder = undefined;
      show(false);
      if (isKept) void offer(new Blob(chunks));
    });
    recorder.start();
    tick(begun);
    ticking = window.setInterval(() => tick(begun), 250);
    show(true);
    find('record-done').focus();
  }

  function tick(/** @type {number} */ begun) {
    const ms = Date.now() - begun;
    const seconds = Math.floor(ms / 1000);
    clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    if (ms > longestMs) end(true);
  }

  function show(/** @type {boolean} */ isRecording) {
    bar.hidden = !isRecording;
    find('composer').hidden = isRecording;
    if (!isRecording) opener.focus();
  }

  function end(/** @type {boolean} */ keep) {
    isKept = keep;
    if (recorder?.state === 'recording') recorder.stop();
  }

  async function offer(/** @type {Blob} */ blob) {
    pending = await toBase64(blob);
    if (!isSimulated) return onNote({ audio: pending });
    said.value = '';
    dialog.showModal();
    said.focus();
  }

  opener.addEventListener('click', () => void begin());
  find('record-done').addEventListener('click', () => end(true));
  find('record-drop').addEventListener('click', () => end(false));
  find('said-drop').addEventListener('click', () => dialog.close());
  find('said-form').addEventListener('submit', (event) => {
    event.preventDefault();
    dialog.close();
    onNote({ audio: pending, words: said.value.trim() });
  });
  dialog.addEventListener('close', () => opener.focus());
}

/** @param {Blob} blob */
function toBase64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => {
      const url = typeof reader.result === 'string' ? reader.result : '';
      resolve(url.slice(url.indexOf(',') + 1));
    });
    reader.addEventListener('error', () => reject(reader.error));
    reader.readAsDataURL(blob);
  });
}
