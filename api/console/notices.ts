import { listNotices } from '#shared/db/stores/operations-notices.ts';
import { DomainError } from '#shared/domain/errors.ts';
import { html } from '../html.ts';
import { noticeItem } from './notice-view.ts';
import { emptyState } from './parts.ts';
import { act, get, post, withQuery, type ConsoleRequest } from './route.ts';

/** What the owner has to hear or decide: open ones first asked for, all on request. */
export const noticeRoutes = [get('/avisos', showNotices), post('/avisos/:id/listo', finish)];

async function showNotices({ desk, clock, session, query }: ConsoleRequest) {
  const isAll = query['ver'] === 'todos';
  const states = isAll ? undefined : ['kept', 'told'];
  const found =
    (await listNotices(desk.database, { states }, { limit: 50, cursor: query['pagina'] })) ??
    (await listNotices(desk.database, { states }, { limit: 50 }));
  const here = withQuery('/console/avisos', { ver: isAll ? 'todos' : undefined });
  const items = found?.items ?? [];
  const body = html`
    <div class="head">
      <h1>Avisos</h1>
      <nav class="tabs" aria-label="Qué avisos">
        <a href="/console/avisos" ${isAll ? undefined : html`aria-current="page"`}>Sin resolver</a>
        <a href="/console/avisos?ver=todos" ${isAll ? html`aria-current="page"` : undefined}>Todos</a>
      </nav>
    </div>
    <section class="card" data-live="notices">
      ${
        items.length === 0
          ? emptyState('No hay avisos sin resolver.')
          : html`<ul class="items">
              ${items.map((notice) => noticeItem(notice, clock, session.formToken, here))}
            </ul>`
      }
    </section>
    ${
      found?.nextCursor
        ? html`<nav class="pager" aria-label="Páginas">
            <a
              class="button quiet"
              rel="next"
              href="${withQuery(here, {})}${isAll ? '&' : '?'}pagina=${found.nextCursor}"
              >Anteriores</a
            >
          </nav>`
        : undefined
    }
  `;
  return { page: { title: 'Avisos', part: 'avisos', body } };
}

async function finish({ desk, form, params }: ConsoleRequest) {
  const asked = form.get('volver') ?? '';
  const back = /^\/console(\/avisos(\?ver=todos)?)?$/.test(asked) ? asked : '/console/avisos';
  return act(back, async () => {
    const id = params['id'] ?? '';
    const isDone = /^\d{1,18}$/.test(id) && (await desk.inTransaction((stores) => stores.outbox.finishOwnerNotice(id)));
    if (!isDone) throw new DomainError('notice_not_found');
    return { seeOther: back, done: 'notice_done' };
  });
}
