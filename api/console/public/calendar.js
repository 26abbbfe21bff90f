// On a narrow screen the occupancy begins at today and not at the first of the month.

const frame = document.querySelector('.grid-frame');
const today = frame?.querySelector('th.is-today');
if (today) {
  const unit = frame.querySelector('th.unit');
  frame.scrollLeft = Math.max(0, today.offsetLeft - unit.offsetWidth - 2 * today.offsetWidth);
}
