import type { Database } from '#shared/db/data-source.ts';
import type { Facts, Lodging } from '#shared/domain/lodging/accommodation.ts';

/** The demo lodging: made up, but whole enough to talk about. */
const lodging = {
  name: 'Cabañas del Arroyo Claro',
  address: 'Camino de los Alerces 1450, Villa del Arroyo, Río Negro',
  mapUrl: 'https://www.openstreetmap.org/?mlat=-41.1335&mlon=-71.3103#map=15/-41.1335/-71.3103',
  facts: {
    amenities: ['wifi', 'parrilla', 'estacionamiento', 'pileta (de diciembre a marzo)', 'desayuno opcional'],
    wifi: 'Sí, wifi sin cargo en todas las unidades y en el parque.',
    parking: 'Sí, un lugar de estacionamiento por unidad, sin cargo.',
    pets: 'Aceptamos mascotas chicas y medianas en las cabañas, sin cargo; avisanos antes de llegar.',
    policies: 'Se cancela sin costo hasta 48 horas antes del ingreso; después la seña queda para el alojamiento.',
    payment:
      'La seña se paga con Mercado Pago (tarjeta o dinero en cuenta); el saldo, al llegar, en efectivo o por transferencia.',
    contact: 'Recepción atiende de 9 a 21 h.',
  } satisfies Lodging['facts'],
};

type Unit = {
  name: string;
  kind: string;
  description: string;
  capacity: number;
  included: number;
  basePesos: number;
  weekendPercent: number;
  extraPesos: number;
  longStay: [nights: number, percent: number] | null;
  minNights: number;
  summer: { pesos: number; minNights: number | null };
  facts: Facts;
};

const units: readonly Unit[] = [
  {
    name: 'Cabaña Lenga',
    kind: 'cabin',
    description: 'Cabaña de troncos para cuatro, con hogar a leña y galería al arroyo.',
    capacity: 4,
    included: 2,
    basePesos: 68_000,
    weekendPercent: 120,
    extraPesos: 9_500,
    longStay: [7, 10],
    minNights: 1,
    summer: { pesos: 92_000, minNights: null },
    facts: {
      amenities: ['wifi', 'cocina completa', 'hogar a leña', 'parrilla propia', 'ropa blanca'],
      wifi: 'Sí, incluido.',
    },
  },
  {
    name: 'Cabaña Arrayán',
    kind: 'cabin',
    description: 'Dos dormitorios, deck con parrilla y vista al bosque; cómoda para una familia de cinco.',
    capacity: 5,
    included: 4,
    basePesos: 95_000,
    weekendPercent: 120,
    extraPesos: 11_000,
    longStay: [7, 10],
    minNights: 2,
    summer: { pesos: 128_000, minNights: 2 },
    facts: {
      amenities: ['wifi', 'cocina completa', 'dos dormitorios', 'deck con parrilla', 'ropa blanca'],
      wifi: 'Sí, incluido.',
    },
  },
  {
    name: 'Departamento Coihue',
    kind: 'apartment',
    description: 'Monoambiente luminoso para dos, en planta alta, con balcón.',
    capacity: 2,
    included: 2,
    basePesos: 49_000,
    weekendPercent: 110,
    extraPesos: 0,
    longStay: [5, 8],
    minNights: 1,
    summer: { pesos: 64_000, minNights: null },
    facts: {
      amenities: ['wifi', 'kitchenette', 'balcón', 'ropa blanca'],
      wifi: 'Sí, incluido.',
      pets: 'En el departamento no aceptamos mascotas.',
    },
  },
  {
    name: 'Casa Ñire',
    kind: 'house',
    description: 'Casa de tres dormitorios y dos baños para grupos, con jardín cercado.',
    capacity: 8,
    included: 6,
    basePesos: 142_000,
    weekendPercent: 125,
    extraPesos: 12_500,
    longStay: [7, 12],
    minNights: 2,
    summer: { pesos: 198_000, minNights: 4 },
    facts: {
      amenities: ['wifi', 'cocina completa', 'lavarropas', 'jardín cercado', 'parrilla', 'ropa blanca'],
      wifi: 'Sí, incluido.',
    },
  },
];

/** Summer by its nights: 15 December to the end of February. */
function summerOf(year: number): string {
  return `[${year}-12-15,${year + 1}-03-01)`;
}

/**
 * Makes the demo lodging: four units with seasons, weekend prices and facts, no bookings. Idempotent: what is there stays as
 * the owner left it. Returns how many units were added.
 */
export async function seedDemo(database: Database): Promise<{ unitsAdded: number }> {
  return database.transaction(async (manager) => {
    await manager.query(
      `INSERT INTO lodgings (id, name, address, map_url, facts) VALUES (1, $1, $2, $3, $4) ON CONFLICT (id) DO NOTHING`,
      [lodging.name, lodging.address, lodging.mapUrl, JSON.stringify(lodging.facts)],
    );
    const [clock]: { year: number }[] = await manager.query('SELECT extract(year FROM now())::int AS year');
    let unitsAdded = 0;
    for (const [position, unit] of units.entries()) {
      const inserted: { id: number }[] = await manager.query(
        `INSERT INTO accommodations (name, kind, description, capacity, included_guests, base_price_cents, weekend_percent,
           extra_guest_cents, long_stay_nights, long_stay_discount_percent, min_nights, facts, position)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         ON CONFLICT ON CONSTRAINT accommodation_name DO NOTHING RETURNING id`,
        [
          unit.name,
          unit.kind,
          unit.description,
          unit.capacity,
          unit.included,
          unit.basePesos * 100,
          unit.weekendPercent,
          unit.extraPesos * 100,
          unit.longStay?.[0] ?? null,
          unit.longStay?.[1] ?? 0,
          unit.minNights,
          JSON.stringify(unit.facts),
          position,
        ],
      );
      if (!inserted[0]) continue;
      unitsAdded += 1;
      for (const year of [-1, 0, 1, 2].map((offset) => clock!.year + offset)) {
        await manager.query(
          `INSERT INTO seasons (accommodation_id, name, nights, price_cents, min_nights) VALUES ($1, $2, $3, $4, $5)`,
          [
            inserted[0].id,
            `Verano ${year}-${year + 1}`,
            summerOf(year),
            unit.summer.pesos * 100,
            unit.summer.minNights,
          ],
        );
      }
    }
    return { unitsAdded };
  });
}
