import { checkSeasons, type ListedAccommodation } from '#shared/domain/lodging/edit-accommodation.ts';
import { DomainError } from '#shared/domain/errors.ts';
import { quote, type PriceList, type Quote } from '#shared/domain/pricing.ts';
import { addDays, daysBetween, isCalendarDate } from '#shared/domain/stay.ts';
import { html } from '../html.ts';
import { emptyState, money } from './parts.ts';
import {
  newUnitFields,
  parseSeasons,
  parseUnit,
  readSeasonFields,
  readUnitFields,
  toSeasonFields,
  toUnitFields,
  type FieldProblems,
  type SeasonFields,
  type UnitFields,
} from './price-form.ts';
import { priceForm, type Trial } from './price-view.ts';
import { get, post, refusalOf, type Answer, type ConsoleRequest } from './route.ts';
import { problemWords } from './words.ts';

/** The units and what they cost. What was booked keeps its price; a unit is never deleted, only no longer let. */
export const priceRoutes = [
  get('/precios', listUnits),
  get('/precios/nueva', (request) => showEditor(request, { unit: newUnitFields, seasons: [] })),
  get('/precios/:id', async (request) => {
    const found = await findUnit(request);
    return showEditor(request, {
      id: found.id,
      unit: toUnitFields(found),
      seasons: toSeasonFields(found.prices.seasons),
    });
  }),
  post('/precios/:id', saveUnit),
];

async function listUnits({ desk }: ConsoleRequest): Promise<Answer> {
  const units = await desk.inTransaction((stores) => stores.lodging.listEveryAccommodation());
  const body = html`
    <div class="head">
      <h1>Precios y unidades</h1>
      <div class="actions"><a class="button main" href="/console/precios/nueva">Agregar una unidad</a></div>
    </div>
    ${units.length === 0 ? emptyState('Todavía no hay unidades.') : undefined}
    <ul class="cards">
      ${units.map(
        ({ id, name, capacity, minNights, isActive, prices }) =>
          html`<li class="card unit-card">
            <h2>
              <a href="/console/precios/${id}">${name}</a>
              ${isActive ? undefined : html`<span class="badge">no se alquila</span>`}
            </h2>
            <p class="price">${money(prices.basePriceCents, prices.currency)} <span class="soft">por noche</span></p>
            <p class="soft">
              Hasta ${capacity} personas · desde ${minNights} ${minNights === 1 ? 'noche' : 'noches'} · fin de semana
              ${prices.weekendPercent} % · seña ${prices.depositPercent} %
            </p>
            <p class="soft">${prices.seasons.length} ${prices.seasons.length === 1 ? 'temporada' : 'temporadas'}</p>
          </li>`,
      )}
    </ul>
  `;
  return { page: { title: 'Precios', part: 'precios', body } };
}

async function findUnit({ desk, params }: ConsoleRequest): Promise<ListedAccommodation> {
  const units = await desk.inTransaction((stores) => stores.lodging.listEveryAccommodation());
  const found = units.find(({ id }) => String(id) === params['id']);
  if (!found) throw new DomainError('accommodation_not_found');
  return found;
}

type Editor = {
  id?: number;
  unit: UnitFields;
  seasons: SeasonFields[];
  problems?: FieldProblems;
  trial?: Trial;
  result?: Quote | string;
  problem?: string;
};

async function showEditor({ desk, clock, session }: ConsoleRequest, editor: Editor): Promise<Answer> {
  const trial = editor.trial ?? {
    checkIn: addDays(clock.today, 7),
    checkOut: addDays(clock.today, 9),
    guests: editor.unit.includedGuests,
  };
  const title = editor.id === undefined ? 'Nueva unidad' : editor.unit.name || 'Unidad';
  const body = html`
    <p class="crumbs"><a href="/console/precios">Precios</a></p>
    <h1>${title}</h1>
    ${priceForm({
      id: editor.id,
      unit: editor.unit,
      seasons: editor.seasons,
      problems: editor.problems ?? {},
      trial,
      result: editor.result,
      currency: desk.env.currency,
      clock,
      formToken: session.formToken,
    })}
  `;
  const isRefused = editor.problem !== undefined;
  return { page: { title, part: 'precios', body }, ...(isRefused ? { status: 422, problem: editor.problem! } : {}) };
}

async function saveUnit(request: ConsoleRequest): Promise<Answer> {
  const { desk, form, params } = request;
  const isNew = params['id'] === 'nueva';
  const known = isNew ? undefined : await findUnit(request);
  const unit = readUnitFields(form);
  const seasons = readSeasonFields(form).filter((row) => Object.values(row).some((text) => text.trim() !== ''));
  const trial = {
    checkIn: form.get('trialIn') ?? '',
    checkOut: form.get('trialOut') ?? '',
    guests: form.get('trialGuests') ?? '',
  };
  const editor: Editor = { ...(known ? { id: known.id } : {}), unit, seasons, trial };

  const parsedUnit = parseUnit(unit);
  const parsedSeasons = parseSeasons(seasons);
  if ('problems' in parsedUnit || 'problems' in parsedSeasons) {
    const problems = {
      ...('problems' in parsedUnit ? parsedUnit.problems : {}),
      ...('problems' in parsedSeasons ? parsedSeasons.problems : {}),
    };
    return showEditor(request, { ...editor, problems, problem: 'invalid_form' });
  }
  const { draft } = parsedUnit;
  try {
    checkSeasons(parsedSeasons.seasons);
    if (form.get('do') === 'try') {
      const prices: PriceList = { ...draft, currency: desk.env.currency, seasons: parsedSeasons.seasons };
      return await showEditor(request, { ...editor, result: tryPrices(prices, trial, draft.capacity) });
    }
    const id = await desk.inTransaction(async (stores) => {
      const written =
        known?.id ?? (await stores.lodging.insertAccommodation({ ...draft, facts: {}, lastArrivalHour: null }));
      if (known) await stores.lodging.updateAccommodation(written, draft);
      await stores.lodging.replaceSeasons(written, parsedSeasons.seasons);
      return written;
    });
    return { seeOther: `/console/precios/${id}`, done: isNew ? 'added' : 'saved' };
  } catch (error) {
    return showEditor(request, { ...editor, problem: refusalOf(error) });
  }
}

/** The price of the stay by the form's own prices, by the function of every door; or what stands against it. */
function tryPrices(prices: PriceList, trial: Trial, capacity: number): Quote | string {
  const { checkIn, checkOut } = trial;
  if (!isCalendarDate(checkIn) || !isCalendarDate(checkOut)) return problemWords('invalid_dates');
  if (daysBetween(checkIn, checkOut) > 366) return problemWords('stay_too_long');
  const guests = Number(trial.guests);
  if (guests > capacity) return problemWords('too_many_guests');
  try {
    return quote(prices, { checkIn, checkOut }, guests);
  } catch (error) {
    return problemWords(refusalOf(error));
  }
}
