import { randomUUID } from 'node:crypto';
import type { ListedReservation } from '#shared/db/stores/operations-reservations.ts';
import type { Accommodation } from '#shared/domain/lodging/accommodation.ts';
import { html, type Html } from '../html.ts';
import { money, plainMoney, select, tokenField, type Clock } from './parts.ts';

type View = { found: ListedReservation; units: readonly Accommodation[]; formToken: string; clock: Clock };

/** What can be done with a reservation in its state; each form says what it will do before it does it. */
export function reservationForms(view: View): Html {
  const { status } = view.found;
  const isLive = status === 'held' || status === 'confirmed';
  const forms = [
    ...(status === 'held' || status === 'expired' ? [confirmForm(view)] : []),
    ...(isLive || status === 'expired' ? [paymentForm(view)] : []),
    ...(isLive ? [moveForm(view), cancelForm(view)] : []),
  ];
  return html`${forms}`;
}

function confirmForm({ found, formToken }: View): Html {
  const words =
    found.status === 'held'
      ? 'La confirma sin esperar la seña, cierra el link de pago y le avisa al huésped.'
      : 'Vuelve a tomar las noches, si siguen libres, y le avisa al huésped.';
  return html`<form class="card" method="post" action="/console/reservas/${found.code}/confirmar">
    <h2>Confirmar</h2>
    ${tokenField(formToken)}
    <p class="soft">${words}</p>
    <button class="button main">Confirmar la reserva</button>
  </form>`;
}

function paymentForm({ found, formToken }: View): Html {
  const owed = found.totalCents - found.paidCents;
  const missing = found.paidCents < found.depositCents ? found.depositCents - found.paidCents : owed;
  return html`<form class="card" method="post" action="/console/reservas/${found.code}/pagos" id="pagar">
    <h2>Registrar un pago</h2>
    ${tokenField(formToken)}<input type="hidden" name="once" value="${randomUUID()}" />
    <p class="soft">Efectivo o transferencia que recibiste. Si cubre la seña, la reserva queda confirmada.</p>
    <div class="fields">
      <div class="field">
        <label for="amount">Importe (${found.currency})</label>
        <input
          id="amount"
          name="amount"
          inputmode="decimal"
          required
          autocomplete="off"
          value="${missing > 0 ? plainMoney(missing) : ''}"
          aria-describedby="amount-hint"
        />
        <p class="hint" id="amount-hint">
          ${owed > 0 ? `Falta ${money(owed, found.currency)}` : 'Ya está todo pagado'}
        </p>
      </div>
      <div class="field">
        <label for="method">Cómo</label>${select(
          'method',
          'method',
          [
            { value: 'cash', words: 'Efectivo' },
            { value: 'transfer', words: 'Transferencia' },
          ],
          'cash',
        )}
      </div>
    </div>
    <button class="button main">Registrar</button>
  </form>`;
}

function moveForm({ found, units, formToken, clock }: View): Html {
  const options = units.map(({ id, name }) => ({ value: String(id), words: name }));
  return html`<form class="card" method="post" action="/console/reservas/${found.code}/mover" id="mover">
    <h2>Mover</h2>
    ${tokenField(formToken)}
    <p class="soft">A otras fechas o a otra unidad. Antes de cambiar nada te mostramos la diferencia de precio.</p>
    <div class="fields">
      <div class="field">
        <label for="move-in">Entrada</label
        ><input
          id="move-in"
          name="checkIn"
          type="date"
          required
          value="${found.checkIn}"
          min="${found.status === 'held' ? clock.today : ''}"
        />
      </div>
      <div class="field">
        <label for="move-out">Salida</label
        ><input id="move-out" name="checkOut" type="date" required value="${found.checkOut}" />
      </div>
      <div class="field">
        <label for="move-unit">Unidad</label>${select('unit', 'move-unit', options, String(found.accommodation.id))}
      </div>
    </div>
    <button class="button quiet">Ver la diferencia</button>
  </form>`;
}

function cancelForm({ found, formToken }: View): Html {
  return html`<details class="card danger">
    <summary><h2>Cancelar</h2></summary>
    <form method="post" action="/console/reservas/${found.code}/cancelar">
      ${tokenField(formToken)}
      <p class="soft">
        Las noches quedan libres al momento.
        ${found.paidCents > 0 ? 'Lo pagado se devuelve, salvo que marques lo contrario.' : ''}
      </p>
      <div class="field">
        <label for="reason">Motivo (lo ve solo el alojamiento)</label
        ><input id="reason" name="reason" maxlength="500" autocomplete="off" />
      </div>
      ${
        found.status === 'confirmed'
          ? html`<label class="check"
              ><input type="checkbox" name="keepsDeposit" value="1" /><span
                >La seña queda para el alojamiento</span
              ></label
            >`
          : undefined
      }
      <button class="button bad">Cancelar la reserva</button>
    </form>
  </details>`;
}
