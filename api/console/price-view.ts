import type { Quote } from '#shared/domain/pricing.ts';
import { html, type Html } from '../html.ts';
import type { FieldProblems, SeasonFields, UnitFields, unitFieldNames } from './price-form.ts';
import { day, field, money, nightsText, select, tokenField, type Clock } from './parts.ts';

/** The stay that prices are tried on. */
export type Trial = { checkIn: string; checkOut: string; guests: string };
export type PriceView = {
  /** Undefined for a unit that is not there yet. */
  id: number | undefined;
  unit: UnitFields;
  seasons: readonly SeasonFields[];
  problems: FieldProblems;
  trial: Trial;
  /** The price of the trial by what the form says now, or why there is none. */
  result: Quote | string | undefined;
  currency: string;
  clock: Clock;
  formToken: string;
};

const kinds = [
  { value: 'cabin', words: 'Cabaña' },
  { value: 'apartment', words: 'Departamento' },
  { value: 'house', words: 'Casa' },
  { value: 'room', words: 'Habitación' },
];
const weekdays = ['domingo', 'lunes', 'martes', 'miércoles', 'jueves', 'viernes', 'sábado'];

/** The editor of one unit: what it is, what it costs, its seasons, and a stay to try the prices on before they are saved. */
export function priceForm(view: PriceView): Html {
  const { unit, currency } = view;
  const known = kinds.some(({ value }) => value === unit.kind)
    ? kinds
    : [...kinds, { value: unit.kind, words: unit.kind }];
  const input = (
    name: (typeof unitFieldNames)[number],
    label: string,
    more: { hint?: string; mode?: 'decimal' | 'numeric' | 'text' } = {},
  ): Html => textField(view.problems, name, label, unit[name], more);
  return html`<form method="post" action="/console/precios/${view.id ?? 'nueva'}" class="prices">
    ${tokenField(view.formToken)}
    <section class="card">
      <h2>La unidad</h2>
      <div class="fields">
        ${input('name', 'Nombre')} ${field('Tipo', 'kind', select('kind', 'kind', known, unit.kind))}
        ${input('capacity', 'Capacidad', { mode: 'numeric', hint: 'personas' })}
        ${input('minNights', 'Mínimo de noches', { mode: 'numeric' })}
        ${input('position', 'Orden en la lista', { mode: 'numeric' })}
      </div>
      ${field('Descripción', 'description', html`<textarea id="description" name="description" rows="2" maxlength="4000">${unit.description}</textarea>`)}
      <label class="check"
        ><input type="checkbox" name="isActive" value="1" ${unit.isActive ? html`checked` : undefined} /><span
          >Se alquila</span
        ></label
      >
    </section>
    <section class="card">
      <h2>Precios (${currency})</h2>
      <div class="fields">
        ${input('basePrice', 'Precio base por noche', { mode: 'decimal' })}
        ${input('includedGuests', 'Personas incluidas', { mode: 'numeric' })}
        ${input('extraGuest', 'Persona de más', { mode: 'decimal', hint: 'por noche' })}
        ${input('weekendPercent', 'Fin de semana', { mode: 'numeric', hint: '% del precio: 120 es un 20 % más' })}
        ${input('longStayNights', 'Estadía larga, desde', { mode: 'numeric', hint: 'noches; vacío: nunca' })}
        ${input('longStayDiscountPercent', 'Descuento', { mode: 'numeric', hint: '% en estadías largas' })}
        ${input('depositPercent', 'Seña', { mode: 'numeric', hint: '% del total' })}
      </div>
      <fieldset class="chips">
        <legend>Noches de fin de semana</legend>
        ${[1, 2, 3, 4, 5, 6, 0].map(
          (number) =>
            html`<label class="chip"
              ><input
                type="checkbox"
                name="weekendDays"
                value="${number}"
                ${unit.weekendDays.includes(String(number)) ? html`checked` : undefined}
              /><span>${weekdays[number] ?? ''}</span></label
            >`,
        )}
      </fieldset>
    </section>
    <section class="card">
      <h2>Temporadas</h2>
      <p class="soft">
        El precio de la temporada reemplaza al base en sus noches. Una fila vacía no cuenta: vaciala para quitarla.
      </p>
      <ol class="season-rows">
        ${[...view.seasons, emptySeason, emptySeason].map((season, index) => seasonRow(season, index, view.problems))}
      </ol>
    </section>
    <section class="card trial" id="probar">
      <h2>Probar con una estadía</h2>
      <div class="fields">
        ${field('Entrada', 'trial-in', html`<input id="trial-in" name="trialIn" type="date" value="${view.trial.checkIn}" />`)}
        ${field('Salida', 'trial-out', html`<input id="trial-out" name="trialOut" type="date" value="${view.trial.checkOut}" />`)}
        ${field('Personas', 'trial-guests', html`<input id="trial-guests" name="trialGuests" inputmode="numeric" value="${view.trial.guests}" />`)}
        <button class="button quiet" name="do" value="try" formnovalidate>Calcular sin guardar</button>
      </div>
      ${trialResult(view)}
    </section>
    <div class="actions sticky">
      <button class="button main" name="do" value="save">Guardar</button
      ><a class="button quiet" href="/console/precios">Volver sin guardar</a>
    </div>
  </form>`;
}

const emptySeason: SeasonFields = { name: '', firstNight: '', lastNight: '', price: '', minNights: '' };

function textField(
  problems: FieldProblems,
  name: string,
  label: string,
  value: string,
  { hint, mode = 'text' }: { hint?: string; mode?: 'decimal' | 'numeric' | 'text' },
): Html {
  const problem = problems[name];
  const described = [hint && `${name}-hint`, problem && `${name}-problem`].filter(Boolean).join(' ');
  return html`<div class="field">
    <label for="${name}">${label}</label>
    <input
      id="${name}"
      name="${name}"
      inputmode="${mode}"
      autocomplete="off"
      value="${value}"
      ${problem ? html`aria-invalid="true"` : undefined}
      ${described ? html`aria-describedby="${described}"` : undefined}
    />
    ${hint ? html`<p class="hint" id="${name}-hint">${hint}</p>` : undefined}
    ${problem ? html`<p class="wrong" id="${name}-problem">${problem}</p>` : undefined}
  </div>`;
}

function seasonRow(season: SeasonFields, index: number, problems: FieldProblems): Html {
  const cell = (label: string, name: string, key: keyof SeasonFields, type: string): Html => {
    const problem = problems[`${index}.${key}`];
    const id = `season-${index}-${key}`;
    return html`<div class="field">
      <label for="${id}">${label}</label>
      <input
        id="${id}"
        name="${name}"
        type="${type}"
        value="${season[key]}"
        autocomplete="off"
        ${problem ? html`aria-invalid="true" aria-describedby="${id}-problem"` : undefined}
      />
      ${problem ? html`<p class="wrong" id="${id}-problem">${problem}</p>` : undefined}
    </div>`;
  };
  return html`<li>
    <fieldset class="season">
      <legend class="hidden-text">Temporada ${index + 1}</legend>
      ${cell('Nombre', 'seasonName', 'name', 'text')} ${cell('Primera noche', 'firstNight', 'firstNight', 'date')}
      ${cell('Última noche', 'lastNight', 'lastNight', 'date')} ${cell('Precio por noche', 'price', 'price', 'text')}
      ${cell('Mínimo de noches', 'seasonMinNights', 'minNights', 'text')}
    </fieldset>
  </li>`;
}

function trialResult({ result, clock }: PriceView): Html {
  if (result === undefined)
    return html`<p class="empty">Elegí las fechas y calculá: es el mismo precio que va a ver el huésped.</p>`;
  if (typeof result === 'string') return html`<p class="line line-bad" role="alert">${result}</p>`;
  return html`<div class="quote" role="status">
    <ul class="rows">
      ${result.nights.map(({ date, cents }) => html`<li><span>${day(date, clock)}</span><span>${money(cents, result.currency)}</span></li>`)}
    </ul>
    <p class="total">
      ${nightsText(result.nights.length)}: <b>${money(result.totalCents, result.currency)}</b>, seña
      ${money(result.depositCents, result.currency)}
    </p>
  </div>`;
}
