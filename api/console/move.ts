import { z } from 'zod';
import { listConflicts, resolveConflict, type ConflictView } from '#shared/domain/calendars/conflicts.ts';
import { DomainError } from '#shared/domain/errors.ts';
import { moveStay, type MoveOutcome } from '#shared/domain/reservations/move-stay.ts';
import { daysBetween } from '#shared/domain/stay.ts';
import { html, type Html } from '../html.ts';
import { idOfCode } from '../v1/answers.ts';
import { buttonForm, feedName, money, nightsText, stayShort, tokenField } from './parts.ts';
import { act, parseForm, post, type Answer, type ConsoleRequest } from './route.ts';

/** Moving a stay, in two steps: what it would cost there, then the move. */
export const moveRoutes = [
  post('/reservas/:code/mover', move),
  post('/conflictos/:id/resolver', ({ desk, params, form }) => {
    const code = form.get('code') ?? '';
    const back = /^[A-Z0-9]{1,40}$/.test(code) ? `/console/reservas/${code}` : '/console';
    return act(back, async () => {
      const id = params['id'] ?? '';
      if (!/^\d{1,18}$/.test(id)) throw new DomainError('conflict_not_found');
      await desk.inTransaction((stores) => resolveConflict(id, 'settled', stores));
      return { seeOther: back, done: 'conflict_closed' };
    });
  }),
];

const moveFields = z.object({
  checkIn: z.string(),
  checkOut: z.string(),
  unit: z.coerce.number().int().positive(),
  sure: z.literal('1').optional(),
  keepsPrice: z.literal('1').optional(),
});
type MoveFields = z.output<typeof moveFields>;

/** Ends a transaction that was only to see what would come of it. */
class Undone extends Error {
  readonly outcome: MoveOutcome;
  constructor(outcome: MoveOutcome) {
    super('undone');
    this.outcome = outcome;
  }
}

async function move(request: ConsoleRequest): Promise<Answer> {
  const code = (request.params['code'] ?? '').toUpperCase();
  const back = `/console/reservas/${encodeURIComponent(code)}`;
  const given = parseForm(request.form, moveFields);
  if (!given) return { seeOther: `${back}#mover`, problem: 'invalid_form' };
  return act(`${back}#mover`, async () => {
    const outcome = await tryMove(request, code, given);
    return given.sure ? { seeOther: back, done: 'moved' } : showDifference(request, code, given, outcome);
  });
}

/** Moves; without the owner's last word everything is checked and calculated for real, and undone. */
async function tryMove({ desk }: ConsoleRequest, code: string, given: MoveFields): Promise<MoveOutcome> {
  const { checkIn, checkOut, unit } = given;
  const isSure = given.sure === '1';
  try {
    return await desk.inTransaction(async (stores) => {
      const id = await idOfCode(code, stores);
      const keepsPrice = isSure && given.keepsPrice === '1';
      const outcome = await moveStay(
        { id, accommodationId: unit, checkIn, checkOut, keepsPrice, actor: 'operator' },
        stores,
      );
      if (!isSure) throw new Undone(outcome);
      return outcome;
    });
  } catch (error) {
    if (error instanceof Undone) return error.outcome;
    throw error;
  }
}

async function showDifference(
  request: ConsoleRequest,
  code: string,
  given: MoveFields,
  outcome: MoveOutcome,
): Promise<Answer> {
  const { currency } = outcome.reservation;
  const unit = await request.desk.inTransaction((stores) => stores.lodging.getAccommodation(given.unit));
  const { differenceCents: difference } = outcome;
  const words =
    difference === 0
      ? 'Cuesta lo mismo.'
      : `Cuesta ${money(Math.abs(difference), currency)} ${difference > 0 ? 'más' : 'menos'} que lo acordado.`;
  const body = html`
    <p class="crumbs"><a href="/console/reservas/${code}">${code}</a></p>
    <h1>Mover la estadía</h1>
    <form class="card narrow" method="post" action="/console/reservas/${code}/mover">
      ${tokenField(request.session.formToken)}
      ${(['checkIn', 'checkOut', 'unit'] as const).map((name) => html`<input type="hidden" name="${name}" value="${given[name]}" />`)}
      <input type="hidden" name="sure" value="1" />
      <p>
        <strong>${unit.name}</strong>, ${stayShort(given)}, ${nightsText(daysBetween(given.checkIn, given.checkOut))}
      </p>
      <p class="price">${money(outcome.quotedCents, currency)}</p>
      <p>${words} La seña no cambia.</p>
      ${
        difference === 0
          ? undefined
          : html`<label class="check"
              ><input type="checkbox" name="keepsPrice" value="1" /><span>Mantener el precio acordado</span></label
            >`
      }
      <div class="actions">
        <button class="button main">Mover y avisar al huésped</button
        ><a class="button quiet" href="/console/reservas/${code}#mover">No mover</a>
      </div>
    </form>
  `;
  return { page: { title: `Mover ${code}`, part: 'reservas', body } };
}

/** The cases where a platform sold this stay's nights too, each with where the stay could go. */
export async function conflictCards(request: ConsoleRequest, reservationId: string, currency: string): Promise<Html[]> {
  const all = await request.desk.inTransaction(async (stores) => {
    const open = await stores.calendars.listConflicts('open');
    return open.some((conflict) => conflict.reservationId === reservationId)
      ? listConflicts(stores, { state: 'open' })
      : [];
  });
  return all
    .filter((conflict) => conflict.reservationId === reservationId)
    .map((conflict) => conflictCard(conflict, currency, request.session.formToken));
}

function conflictCard(conflict: ConflictView, currency: string, formToken: string): Html {
  const difference = (cents: number): string =>
    cents === 0 ? 'mismo precio' : `${money(Math.abs(cents), currency)} ${cents > 0 ? 'más' : 'menos'}`;
  return html`<section class="card card-bad">
    <h2>${feedName(conflict.channel)} también vendió estas noches</h2>
    <p>
      Allá: ${stayShort(conflict.foreignNights)}.
      ${conflict.moves.length > 0 ? 'Esta estadía podría ir a:' : 'No hay otro lugar libre para esta estadía.'}
    </p>
    <ul class="items">
      ${conflict.moves.map(
        (option) =>
          html`<li class="item">
            <span class="item-main"
              ><strong>${option.unit}</strong> ${stayShort(option.stay)}
              <span class="soft">${difference(option.differenceCents)}</span></span
            >
            ${buttonForm(`/console/reservas/${conflict.code}/mover`, 'Ver', formToken, 'quiet', [
              html`<input type="hidden" name="checkIn" value="${option.stay.checkIn}" /><input
                  type="hidden"
                  name="checkOut"
                  value="${option.stay.checkOut}"
                /><input type="hidden" name="unit" value="${option.accommodationId}" />`,
            ])}
          </li>`,
      )}
    </ul>
    <div class="actions">
      ${buttonForm(`/console/conflictos/${conflict.id}/resolver`, 'Ya lo arreglé por otro lado', formToken, 'quiet', [
        html`<input type="hidden" name="code" value="${conflict.code}" />`,
      ])}
    </div>
  </section>`;
}
