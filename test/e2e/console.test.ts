import { expect } from 'chai';
import { addDays } from '#shared/domain/stay.ts';
import { openBrowser, overflowOf, saveScreenshot, type TestBrowser } from '../support/browser.ts';
import { openConsole, type ConsolePage } from '../support/console-page.ts';
import { addFeed, addStay, today } from '../support/console-world.ts';
import { eventually } from '../support/eventually.ts';
import { openHouse, type House } from '../support/house.ts';
import { testOperator } from '../support/operator.ts';

describe('the console', function () {
  this.timeout(60_000);
  let house: House;
  let browser: TestBrowser;
  let console: ConsolePage;

  before(async () => {
    house = await openHouse('postgres', { pools: [] });
    browser = await openBrowser();
    console = await openConsole(await browser.openPage(), house.url);
  });
  after(async () => {
    await browser?.close();
    await house?.close();
  });

  const text = (): Promise<string> => console.page.locator('main').innerText();
  const occupied = async (code: string): Promise<number> => {
    const [row]: { count: number }[] = await house.database.query(
      `SELECT count(*)::int AS count FROM occupancies o JOIN reservations r ON r.id = o.reservation_id WHERE r.code = $1`,
      [code],
    );
    return row!.count;
  };

  it('holds a stay for somebody who called, takes the deposit once and confirms', async () => {
    const { page } = console;
    await console.follow('Reservas');
    await page.getByRole('link', { name: 'Nueva reserva' }).click();
    await page.getByLabel('Entrada').fill(addDays(today(), 40));
    await page.getByLabel('Salida').fill(addDays(today(), 43));
    await console.press('Ver qué hay libre');
    const unit = page.locator('.unit-card', { hasText: 'Cabaña Lenga' });
    await unit.getByText('Guardar las noches').click();
    await unit.getByLabel('Nombre').fill('Nora Llamó');
    await unit.getByLabel('WhatsApp').fill('+54 9 294 455-7001');
    await console.press('Guardar por 30 minutos');
    expect(await console.done()).to.contain('quedaron guardadas');
    expect(await text())
      .to.contain('Nora Llamó')
      .and.to.contain('Por pagar');

    const code = page.url().match(/RES\w+/)![0];
    await page.getByLabel('Importe (ARS)').fill('nada');
    await console.press('Registrar');
    expect(await console.refused()).to.contain('El importe no se entiende');
    await page.getByLabel('Importe (ARS)').fill('150.000,00');
    const form = String(
      await page.evaluate("new URLSearchParams(new FormData(document.querySelector('#pagar'))).toString()"),
    );
    await console.press('Registrar');
    expect(await console.done()).to.contain('registrado');
    expect(await text())
      .to.contain('Confirmada')
      .and.to.contain('$ 150.000');
    expect(await page.locator('.timeline').innerText()).to.contain(testOperator.email);

    // The same form again, as a second click or a reload sends it.
    const again = await page.request.post(`${house.url}/console/reservas/${code}/pagos`, {
      data: form,
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: house.url },
      maxRedirects: 0,
    });
    expect(again.headers()['location']).to.contain('hecho=paid_before');
    const [sum]: { cents: string }[] = await house.database.query(
      `SELECT sum(amount_cents) AS cents FROM payments WHERE provider = 'cash'`,
    );
    expect(Number(sum!.cents)).to.equal(15_000_000);
  });

  it('moves a stay in two steps, the first of which changes nothing', async () => {
    const { page } = console;
    const code = await addStay(house.database, {
      unit: 'Cabaña Lenga',
      from: 60,
      nights: 2,
      status: 'confirmed',
      guest: 'Mudanza',
      paidPercent: 30,
    });
    await console.go(`/reservas/${code}`);
    await page.getByLabel('Unidad').selectOption('Cabaña Arrayán');
    await console.press('Ver la diferencia');
    expect(await text()).to.match(/Cuesta \$\s[\d.]+ más que lo acordado/);
    expect(await occupied(code)).to.equal(1);
    const [still]: { name: string }[] = await house.database.query(
      `SELECT a.name FROM reservations r JOIN accommodations a ON a.id = r.accommodation_id WHERE r.code = $1`,
      [code],
    );
    expect(still!.name).to.equal('Cabaña Lenga');
    await page.getByLabel('Mantener el precio acordado').check();
    await console.press('Mover y avisar al huésped');
    expect(await console.done()).to.contain('cambiada');
    expect(await text())
      .to.contain('Cabaña Arrayán')
      .and.to.contain('Estadía cambiada');
    await page.getByLabel('Entrada').fill(addDays(today(), 65));
    await page.getByLabel('Salida').fill(addDays(today(), 64));
    await console.press('Ver la diferencia');
    expect(await console.refused()).to.contain('Las fechas no forman una estadía');
  });

  it('cancels with a reason; the nights are free and it cannot be done twice', async () => {
    const { page } = console;
    const code = await addStay(house.database, {
      unit: 'Casa Ñire',
      from: 30,
      nights: 3,
      status: 'confirmed',
      guest: 'Ida',
      paidPercent: 30,
    });
    await console.go(`/reservas/${code}`);
    await page.locator('summary', { hasText: 'Cancelar' }).click();
    await page.getByLabel('Motivo').fill('se enfermó');
    await page.getByLabel('La seña queda').check();
    await console.press('Cancelar la reserva');
    expect(await console.done()).to.contain('cancelada');
    expect(await text())
      .to.contain('se enfermó')
      .and.to.contain('La seña queda para el alojamiento');
    expect(await occupied(code)).to.equal(0);
    expect(await page.getByRole('button', { name: 'Cancelar la reserva' }).count()).to.equal(0);
  });

  it('confirms by hand, and says so when the nights are gone meanwhile', async () => {
    const held = await addStay(house.database, {
      unit: 'Departamento Coihue',
      from: 20,
      nights: 2,
      status: 'held',
      guest: 'Palabra',
    });
    await console.go(`/reservas/${held}`);
    await console.press('Confirmar la reserva');
    expect(await console.done()).to.contain('confirmada');
    const late = await addStay(house.database, {
      unit: 'Departamento Coihue',
      from: 21,
      nights: 2,
      status: 'expired',
      guest: 'Tarde',
    });
    await console.go(`/reservas/${late}`);
    await console.press('Confirmar la reserva');
    expect(await console.refused()).to.contain('Esas noches ya están ocupadas');
  });

  it('decides about money that waits: accepts it, gives it back', async () => {
    const stays = [
      await addStay(house.database, {
        unit: 'Casa Ñire',
        from: 50,
        nights: 2,
        status: 'held',
        guest: 'Poquito',
        paidPercent: 10,
      }),
      await addStay(house.database, {
        unit: 'Casa Ñire',
        from: 55,
        nights: 2,
        status: 'held',
        guest: 'Poquito B',
        paidPercent: 10,
      }),
    ];
    await console.follow('Hoy');
    expect(await text())
      .to.contain('Dinero en espera')
      .and.to.contain('no llega a la seña');
    await console.go(`/reservas/${stays[0]}`);
    await console.press('Aceptarlo');
    expect(await console.done()).to.contain('aceptado');
    expect(await text()).to.contain('Confirmada');
    await console.go(`/reservas/${stays[1]}`);
    await console.press('Devolverlo');
    expect(await console.done()).to.contain('devolución');
    expect(await text()).to.contain('devolución en camino');
  });

  it('keeps the filters of the list in the address, pages, and gives the same as CSV', async () => {
    const { page } = console;
    for (let index = 0; index < 32; index += 1)
      await addStay(house.database, {
        unit: 'Cabaña Lenga',
        from: 100 + index,
        nights: 1,
        status: 'cancelled',
        guest: index === 7 ? '=2+5 Fórmula' : `Fila ${index}`,
      });
    await console.go('/reservas?estado=cancelled');
    await page.getByLabel('Orden').selectOption('checkIn');
    await console.press('Buscar');
    expect(page.url()).to.contain('estado=cancelled').and.to.contain('orden=checkIn');
    expect(await page.getByLabel('Cancelada').isChecked()).to.equal(true);
    expect(await page.locator('.list tbody tr').count()).to.equal(30);
    expect(await page.getByRole('status').innerText()).to.match(/^3[2-4] reservas, 30 en esta página/);
    const first = await page.locator('.list tbody th').allInnerTexts();
    await page.getByRole('link', { name: 'Siguientes' }).click();
    await page.getByRole('link', { name: 'Primera página' }).waitFor();
    const second = await page.locator('.list tbody th').allInnerTexts();
    expect(second.length).to.be.within(2, 4);
    expect(first.filter((code) => second.includes(code))).to.deep.equal([]);

    await console.go('/reservas');
    await page.getByLabel('Buscar', { exact: true }).fill('fórmula');
    await console.press('Buscar');
    expect(await page.locator('.list tbody tr').count()).to.equal(1);
    const csv = await page.request.get(`${house.url}/console/reservas.csv?buscar=f%C3%B3rmula`);
    expect(csv.headers()['content-disposition']).to.match(/attachment; filename="reservas-\d{4}-\d\d-\d\d\.csv"/);
    expect(await csv.text()).to.contain(`"'=2+5 Fórmula"`);
    await page.getByRole('link', { name: 'Quitar los filtros' }).click();
    await page.waitForURL(/\/reservas$/);
    await console.go('/reservas?buscar=nadie-se-llama-asi&desde=2026-02-31&pagina=nonsense&orden=x');
    expect(await text()).to.contain('Ninguna reserva es así');
  });

  it('tries prices before they are saved, refuses what cannot be, saves', async () => {
    const { page } = console;
    await console.go('/precios');
    await page.getByRole('link', { name: 'Departamento Coihue' }).click();
    await page.getByLabel('Precio base por noche').fill('12.000');
    await page.getByLabel('Fin de semana', { exact: true }).fill('150');
    for (const [label, value] of [
      ['Entrada', '2025-01-03'],
      ['Salida', '2025-01-06'],
      ['Personas', '2'],
    ] as const)
      await page.locator('#probar').getByLabel(label, { exact: true }).fill(value);
    // Out of season, so that the example of the rules can be seen.
    for (const field of await page.locator('.season input').all()) await field.fill('');
    await console.press('Calcular sin guardar');
    expect((await page.locator('.quote').innerText()).replaceAll(/\s+/g, ' ')).to.contain(
      '3 noches: $ 48.000, seña $ 14.400',
    );
    await console.go('/precios');
    expect(await text()).to.contain('$ 49.000');

    await page.getByRole('link', { name: 'Departamento Coihue' }).click();
    await page.getByLabel('Precio base por noche').fill('gratis');
    await page.getByLabel('Personas incluidas').fill('0');
    await console.press('Guardar');
    expect(await console.refused()).to.contain('Revisá los campos');
    expect(await page.getByLabel('Precio base por noche').getAttribute('aria-invalid')).to.equal('true');
    expect(await page.getByLabel('Precio base por noche').inputValue()).to.equal('gratis');
    await page.getByLabel('Precio base por noche').fill('55000,50');
    await page.getByLabel('Personas incluidas').fill('2');
    const season = page.locator('.season').last();
    const fill = async (values: string[]): Promise<void> => {
      const inputs = await season.locator('input').all();
      for (const [index, value] of values.entries()) await inputs[index]!.fill(value);
    };
    await fill(['Semana Santa', '2031-04-10', '2031-04-13', '99000', '3']);
    await console.press('Guardar');
    expect(await console.done()).to.contain('guardados');
    expect(await page.getByLabel('Precio base por noche').inputValue()).to.equal('55000,50');
    expect(
      await page
        .locator('.season input')
        .evaluateAll((inputs) => inputs.map((input) => (input as { value?: string }).value)),
    ).to.include('Semana Santa');
    await fill(['Otra', '2031-04-12', '2031-04-15', '1', '']);
    await console.press('Guardar');
    expect(await console.refused()).to.contain('Dos temporadas comparten una noche');
  });

  it('adds a unit and refuses a second one of its name', async () => {
    const { page } = console;
    for (const outcome of ['added', 'refused']) {
      await console.go('/precios/nueva');
      await page.getByLabel('Nombre').first().fill('Refugio Maitén');
      await page.getByLabel('Precio base por noche').fill('30.000');
      await console.press('Guardar');
      if (outcome === 'added') expect(await console.done()).to.contain('agregada');
      else expect(await console.refused()).to.contain('Ya hay otra unidad con ese nombre');
    }
  });

  it('blocks nights, warns of the stays on them, and gives them back', async () => {
    const { page } = console;
    const code = await addStay(house.database, {
      unit: 'Cabaña Arrayán',
      from: 80,
      nights: 2,
      status: 'confirmed',
      guest: 'Bajo pintura',
    });
    await console.follow('Bloqueos');
    await page.getByLabel('Unidad').selectOption('Cabaña Arrayán');
    await page.getByLabel('Primera noche').fill(addDays(today(), 79));
    await page.getByLabel('Libre otra vez el').fill(addDays(today(), 84));
    await page.getByLabel('Motivo').fill('Pintura');
    await console.press('Bloquear');
    expect(await console.done()).to.contain('bloqueadas');
    expect(await text())
      .to.contain(code)
      .and.to.contain('5 noches · Pintura');
    await console.press('Levantar');
    expect(await console.done()).to.contain('levantado');
    await page.getByLabel('Libre otra vez el').fill(addDays(today(), -3));
    await console.press('Bloquear');
    expect(await console.refused()).to.contain('Las fechas no forman');
  });

  it('reads calendars of others, and hands out and revokes links', async () => {
    const { page } = console;
    await console.follow('Canales');
    const lenga = page.locator('section', { has: page.getByRole('heading', { name: 'Cabaña Lenga' }) });
    await lenga.getByText('Leer el calendario de otro sitio').click();
    await lenga.getByLabel('Dirección del calendario').fill('http://user:secret@example.com/x.ics');
    await lenga.getByRole('button', { name: 'Agregar' }).click();
    expect(await console.refused()).to.contain('Esa dirección no sirve');
    await lenga.getByLabel('Dirección del calendario').fill('https://www.airbnb.com/calendar/ical/1.ics?s=geheim');
    await lenga.getByRole('button', { name: 'Agregar' }).click();
    expect(await console.done()).to.contain('agregado');
    expect(await page.content())
      .to.contain('https://www.airbnb.com/…')
      .and.not.to.contain('geheim');
    await lenga.getByText('Enlaces para los otros sitios').click();
    const link = await lenga.getByLabel('Booking.com', { exact: true }).inputValue();
    expect(link).to.match(/\/calendars\/[^/]+\.ics$/);
    await lenga.getByRole('button', { name: 'Copiar' }).nth(1).click();
    await lenga.getByRole('button', { name: 'Copiado' }).waitFor();
    await lenga
      .locator('.links li', { hasText: 'Booking.com' })
      .getByRole('button', { name: 'Anular y hacer otro' })
      .click();
    expect(await console.done()).to.contain('ya no funciona');
    await lenga.getByText('Enlaces para los otros sitios').click();
    expect(await lenga.getByLabel('Booking.com', { exact: true }).inputValue()).to.not.equal(link);
    await console.press('Pausar');
    await lenga.getByText('en pausa').waitFor();
    // The page is drawn anew when the feed is read meanwhile: what was opened stays open, where one was one stays.
    const fold = lenga.locator('summary', { hasText: 'Cambiar o quitar' });
    await fold.click();
    await house.database.query(
      `UPDATE calendar_feeds SET is_paused = false, last_good_at = now() WHERE removed_at IS NULL`,
    );
    await lenga.getByText('recién').waitFor();
    expect(await page.evaluate('document.activeElement.textContent')).to.equal('Cambiar o quitar');
    await lenga.getByRole('button', { name: 'Quitar este calendario' }).click();
    expect(await console.done()).to.contain('quitado');
  });

  it('shows the occupancy, months away too, and what a conflict could do', async () => {
    const { page } = console;
    const code = await addStay(house.database, {
      unit: 'Cabaña Lenga',
      from: 1,
      nights: 3,
      status: 'confirmed',
      guest: 'Doble',
    });
    const [event] = await addFeed(house.database, {
      unit: 'Cabaña Lenga',
      channel: 'booking',
      ageMinutes: 1,
      events: [[2, 3]],
    });
    await house.database.query(
      `INSERT INTO calendar_conflicts (accommodation_id, reservation_id, calendar_event_id) SELECT accommodation_id, id, $2 FROM reservations WHERE code = $1`,
      [code, event],
    );
    await console.follow('Calendario');
    expect(await page.locator('.bar-conflict:not(.sample)').count()).to.equal(2);
    await page.locator('summary', { hasText: 'Booking.com' }).click();
    await page.locator('.bar-more', { hasText: 'Booking.com, en conflicto' }).waitFor();
    await page.locator(`a.bar[href$="${code}"]`).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Booking.com también vendió estas noches').waitFor();
    await console.press('Ver');
    expect(await text()).to.contain('Mover la estadía');
    await page.goBack();
    await console.press('Ya lo arreglé por otro lado');
    expect(await console.done()).to.contain('cerrado');
    await console.go('/calendario');
    await page.emulateMedia({ media: 'print' });
    await page.setViewportSize({ width: 1_040, height: 720 }); // A4 across, less its margins
    expect(await page.getByRole('navigation', { name: 'Consola' }).isVisible()).to.equal(false);
    expect(await page.locator('.grid').isVisible()).to.equal(true);
    expect(await overflowOf(page), 'px beyond the paper').to.equal(0);
    await saveScreenshot(page, 'console-calendario-print');
    await page.emulateMedia({ media: 'screen' });
    await page.setViewportSize({ width: 1_280, height: 800 });
    await console.go('/calendario?mes=2027-02');
    expect(await page.locator('.grid th.day').count()).to.equal(28);
    await page.getByRole('link', { name: 'Marzo', exact: false }).click();
    await page.getByRole('heading', { name: 'Marzo 2027' }).waitFor();
    await console.go('/calendario?mes=9999-99');
    await page.getByRole('heading', { name: 'Próximas semanas' }).waitFor();
  });

  it('ends a notice', async () => {
    await house.database.query(`INSERT INTO owner_notices (type, data) VALUES ('link_late', '{}')`);
    await console.follow('Avisos');
    const before = await console.page.locator('.item').count();
    await console.press('Listo');
    expect(await console.done()).to.contain('resuelto');
    expect(await console.page.locator('.item').count()).to.equal(before - 1);
  });

  it('tells of news on the page that is open, without a reload', async () => {
    await console.follow('Hoy');
    await console.page.locator('html[data-stream=open]').waitFor();
    await addStay(house.database, {
      unit: 'Casa Ñire',
      from: 0,
      nights: 1,
      status: 'confirmed',
      guest: 'Recién Llegada',
    });
    await console.page.getByText('Recién Llegada').waitFor();
  });

  it('is at home on the keyboard', async () => {
    const { page } = console;
    await console.go('');
    await page.keyboard.press('Tab');
    await page.locator('.skip:focus').waitFor();
    await page.keyboard.press('Enter');
    await eventually(async () => expect(page.url()).to.contain('#content'));
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.closest("main") !== null')).to.equal(true);
  });

  it('says what is not there', async () => {
    for (const path of [
      '/reservas/RES000000ZZZZZZ',
      '/precios/999',
      '/mensajes/999',
      '/pagos/999',
      '/nada',
      '/precios/9999999999999999',
    ]) {
      const answer = await console.page.request.get(`${house.url}/console${path}`);
      expect(answer.status(), path).to.equal(404);
    }
    expect(browser.problems()).to.deep.equal(browser.problems().filter((problem) => / (401|422) /.test(problem)));
  });
});
