import { z } from 'zod';
import { blockNights, unblockNights } from '#shared/domain/calendars/blocks.ts';
import { DomainError } from '#shared/domain/errors.ts';
import { addDays, daysBetween } from '#shared/domain/stay.ts';
import { html } from '../html.ts';
import { buttonForm, emptyState, nightsText, select, stayShort, tokenField } from './parts.ts';
import { act, get, parseForm, post, refusalOf, type Answer, type ConsoleRequest } from './route.ts';

/** Nights that the owner takes by hand: works, family. */
export const blockRoutes = [
  get('/bloqueos', (request) => showBlocks(request)),
  post('/bloqueos', addBlock),
  post('/bloqueos/:id/quitar', ({ desk, params }) =>
    act('/console/bloqueos', async () => {
      const id = params['id'] ?? '';
      if (!/^\d{1,18}$/.test(id)) throw new DomainError('block_not_found');
      await desk.inTransaction((stores) => unblockNights(id, stores));
      return { seeOther: '/console/bloqueos', done: 'unblocked' };
    }),
  ),
];

async function showBlocks(request: ConsoleRequest, problem?: string): Promise<Answer> {
  const { desk, clock, session, form, query } = request;
  const { blocks, units } = await desk.inTransaction(async (stores) => ({
    blocks: await stores.calendars.listBlocks(stores.today),
    units: await stores.lodging.listEveryAccommodation(),
  }));
  const names = new Map(units.map(({ id, name }) => [id, name]));
  const codes = (query['sobre'] ?? '').split(',').filter((code) => /^[A-Z0-9]{6,40}$/.test(code));
  const given = (name: string, otherwise: string): string => form.get(name) ?? otherwise;
  const body = html`
    <h1>Bloqueos</h1>
    ${
      codes.length === 0
        ? undefined
        : html`<p class="line line-bad" role="alert">
            Ojo: en esas noches ya hay estadías, que siguen como estaban:
            ${codes.map((code) => html`<a href="/console/reservas/${code}">${code}</a> `)}
          </p>`
    }
    <div class="columns">
      <form class="card" method="post" action="/console/bloqueos">
        <h2>Bloquear noches</h2>
        ${tokenField(session.formToken)}
        <div class="fields">
          <div class="field">
            <label for="unit">Unidad</label>${select(
              'unit',
              'unit',
              units.filter(({ isActive }) => isActive).map(({ id, name }) => ({ value: String(id), words: name })),
              given('unit', ''),
            )}
          </div>
          <div class="field">
            <label for="from">Primera noche</label
            ><input id="from" name="from" type="date" required value="${given('from', clock.today)}" />
          </div>
          <div class="field">
            <label for="to">Libre otra vez el</label
            ><input
              id="to"
              name="to"
              type="date"
              required
              value="${given('to', addDays(clock.today, 1))}"
              aria-describedby="to-hint"
            />
            <p class="hint" id="to-hint">ese día ya puede entrar alguien</p>
          </div>
        </div>
        <div class="field">
          <label for="reason">Motivo (opcional)</label
          ><input id="reason" name="reason" maxlength="200" autocomplete="off" value="${given('reason', '')}" />
        </div>
        <button class="button main">Bloquear</button>
      </form>
      <section class="card" data-live="blocks">
        <h2>Bloqueadas <span class="many">${blocks.length}</span></h2>
        ${
          blocks.length === 0
            ? emptyState('Ninguna noche está bloqueada a mano.')
            : html`<ul class="items">
                ${blocks.map(
                  ({ id, accommodationId, nights, reason }) =>
                    html`<li class="item">
                      <span class="item-main"
                        ><strong>${names.get(accommodationId) ?? '—'}</strong> ${stayShort(nights)}
                        <span class="soft"
                          >${nightsText(daysBetween(nights.checkIn, nights.checkOut))}${reason === '' ? '' : ` · ${reason}`}</span
                        ></span
                      >${buttonForm(`/console/bloqueos/${id}/quitar`, 'Levantar', session.formToken)}
                    </li>`,
                )}
              </ul>`
        }
      </section>
    </div>
  `;
  return {
    page: { title: 'Bloqueos', part: 'bloqueos', body },
    ...(problem === undefined ? {} : { problem, status: 422 }),
  };
}

const blockFields = z.object({
  unit: z.coerce.number().int().positive(),
  from: z.string(),
  to: z.string(),
  reason: z.string().trim().max(200),
});

async function addBlock(request: ConsoleRequest): Promise<Answer> {
  const given = parseForm(request.form, blockFields);
  if (!given) return showBlocks(request, 'invalid_form');
  const { unit: accommodationId, from, to, reason } = given;
  try {
    const { codesOnThem } = await request.desk.inTransaction((stores) =>
      blockNights({ accommodationId, nights: { checkIn: from, checkOut: to }, reason }, stores),
    );
    const told = codesOnThem.length === 0 ? '' : `?sobre=${codesOnThem.slice(0, 20).join(',')}`;
    return { seeOther: `/console/bloqueos${told}`, done: 'blocked' };
  } catch (error) {
    return showBlocks(request, refusalOf(error));
  }
}
