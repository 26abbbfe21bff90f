// Copy buttons, shown only where they work; without them the fields can be selected by hand.

async function copy(field, button) {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    document.execCommand('copy'); // pages that are not served by https have no clipboard
  }
  button.textContent = 'Copiado';
  setTimeout(() => (button.textContent = 'Copiar'), 2_000);
}

for (const button of document.querySelectorAll('[data-copy]')) {
  const field = document.getElementById(button.dataset.copy);
  button.hidden = !field;
  button.addEventListener('click', () => void copy(field, button));
  field?.addEventListener('focus', () => field.select());
}
