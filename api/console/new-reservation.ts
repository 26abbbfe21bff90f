import { z } from 'zod';
import { DomainError } from '#shared/domain/errors.ts';
import { toIdentities } from '#shared/domain/contacts.ts';
import { holdStay } from '#shared/domain/reservations/hold-stay.ts';
import { listAvailability, type Availability } from '#shared/domain/reservations/list-availability.ts';
import { addDays, isCalendarDate } from '#shared/domain/stay.ts';
import { html, type Html } from '../html.ts';
import { money, nightsText, stayShort, tokenField } from './parts.ts';
import { get, parseForm, post, refusalOf, withQuery, type Answer, type ConsoleRequest } from './route.ts';
import { problemWords } from './words.ts';

/** A reservation made by the owner (a call, somebody at the door): what is free with its price, then the hold. */
export const newReservationRoutes = [
  get('/reservas/nueva', (request) => showSearch(request)),
  post('/reservas/nueva', hold),
];

type Search = { checkIn: string; checkOut: string; adults: string; children: string };

function readSearch({ query, form, clock }: ConsoleRequest): Search {
  const value = (name: string): string | undefined => form.get(name) ?? query[name];
  const checkIn = value('checkIn') ?? addDays(clock.today, 1);
  return {
    checkIn,
    checkOut: value('checkOut') ?? (isCalendarDate(checkIn) ? addDays(checkIn, 2) : ''),
    adults: value('adults') ?? '2',
    children: value('children') ?? '0',
  };
}

async function showSearch(request: ConsoleRequest, problem?: string): Promise<Answer> {
  const search = readSearch(request);
  const isAsked = request.query['checkIn'] !== undefined || request.form.has('checkIn');
  const party = { adults: Number(search.adults), children: Number(search.children) };
  let found: Availability[] = [];
  let refusal = problem;
  if (isAsked) {
    try {
      found = await request.desk.inTransaction((stores) =>
        listAvailability({ checkIn: search.checkIn, checkOut: search.checkOut }, party.adults + party.children, stores),
      );
    } catch (error) {
      refusal ??= refusalOf(error);
    }
  }
  const field = (name: keyof Search, label: string, type: string): Html =>
    html`<div class="field">
      <label for="${name}">${label}</label
      ><input
        id="${name}"
        name="${name}"
        type="${type}"
        required
        value="${search[name]}"
        ${type === 'number' ? html`min="${name === 'adults' ? 1 : 0}" max="100"` : undefined}
      />
    </div>`;
  const body = html`
    <p class="crumbs"><a href="/console/reservas">Reservas</a></p>
    <h1>Nueva reserva</h1>
    <form class="card" method="get" action="/console/reservas/nueva">
      <div class="fields">
        ${field('checkIn', 'Entrada', 'date')} ${field('checkOut', 'Salida', 'date')}
        ${field('adults', 'Adultos', 'number')} ${field('children', 'Menores', 'number')}
        <button class="button main">Ver qué hay libre</button>
      </div>
    </form>
    ${
      found.length === 0
        ? undefined
        : html`<h2>${stayShort(search)}</h2>
            <ul class="cards">
              ${found.map((each) => unitCard(each, search, request.session.formToken))}
            </ul>`
    }
  `;
  return {
    page: { title: 'Nueva reserva', part: 'reservas', body },
    ...(refusal === undefined ? {} : { problem: refusal, status: problem === undefined ? 200 : 422 }),
  };
}

function unitCard(found: Availability, search: Search, formToken: string): Html {
  const { id, name, capacity } = found.accommodation;
  if (!found.isFree)
    return html`<li class="card unit-card is-taken">
      <h3>${name}</h3>
      <p class="soft">${found.reason === 'taken' ? problemWords('stay_unavailable') : problemWords(found.reason)}</p>
    </li>`;
  const { quote } = found;
  return html`<li class="card unit-card">
    <h3>${name} <span class="soft">hasta ${capacity}</span></h3>
    <p class="price">
      ${money(quote.totalCents, quote.currency)}
      <span class="soft">${nightsText(quote.nights.length)}, seña ${money(quote.depositCents, quote.currency)}</span>
    </p>
    <details>
      <summary class="button quiet">Guardar las noches</summary>
      <form method="post" action="/console/reservas/nueva">
        ${tokenField(formToken)}<input type="hidden" name="unit" value="${id}" />
        ${(['checkIn', 'checkOut', 'adults', 'children'] as const).map((key) => html`<input type="hidden" name="${key}" value="${search[key]}" />`)}
        <div class="field">
          <label for="name-${id}">Nombre</label
          ><input id="name-${id}" name="name" required maxlength="200" autocomplete="off" />
        </div>
        <div class="field">
          <label for="phone-${id}">WhatsApp</label
          ><input
            id="phone-${id}"
            name="phone"
            type="tel"
            autocomplete="off"
            placeholder="+54 9 294 …"
            aria-describedby="phone-${id}-hint"
          />
          <p class="hint" id="phone-${id}-hint">
            Con código de país. Ahí le llega el link de pago; sin número, no se le escribe.
          </p>
        </div>
        <button class="button main">Guardar por 30 minutos</button>
      </form>
    </details>
  </li>`;
}

const holdFields = z.object({
  unit: z.coerce.number().int().positive(),
  checkIn: z.string(),
  checkOut: z.string(),
  adults: z.coerce.number().int().min(1).max(100),
  children: z.coerce.number().int().min(0).max(100),
  name: z.string().trim().min(1).max(200),
  phone: z
    .string()
    .transform((text) => text.replaceAll(/\D/g, ''))
    .pipe(z.union([z.literal(''), z.string().min(8).max(15)])),
});

async function hold(request: ConsoleRequest): Promise<Answer> {
  const given = parseForm(request.form, holdFields);
  if (!given) return showSearch(request, 'invalid_form');
  const { unit, name, phone, ...stay } = given;
  try {
    const outcome = await request.desk.inTransaction(async (stores) => {
      const accommodation = (await stores.lodging.listAccommodations()).find(({ id }) => id === unit);
      if (!accommodation) throw new DomainError('accommodation_not_found');
      const contactId = await stores.conversations.ensureContact(toIdentities(phone === '' ? {} : { phone }), name);
      return holdStay(
        { ...stay, accommodation, contactId, channel: 'owner', actor: 'operator' },
        stores,
        request.desk.courtesy,
      );
    });
    if (outcome.type === 'unavailable') return await showSearch(request, 'stay_unavailable');
    return { seeOther: withQuery(`/console/reservas/${outcome.reservation.code}`, {}), done: 'held' };
  } catch (error) {
    return showSearch(request, refusalOf(error));
  }
}
