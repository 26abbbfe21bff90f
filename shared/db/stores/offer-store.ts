import { Raw, type EntityManager } from 'typeorm';
import type { Offer } from '#shared/domain/payments/payment.ts';
import type { OfferStore } from '#shared/domain/ports.ts';
import { paymentOffers, type PaymentOfferRow } from '../schemas/refund.ts';

/** Offers for money that came after its nights were gone. */
export function createOfferStore(manager: EntityManager): OfferStore {
  return {
    async add(offer) {
      const inserted = await manager.insert(paymentOffers, offer);
      return String(inserted.identifiers[0]!['id']);
    },
    async find(id) {
      return toOffer(await manager.findOneBy(paymentOffers, { id }));
    },
    async lock(id) {
      return toOffer(await manager.findOne(paymentOffers, { where: { id }, lock: { mode: 'for_no_key_update' } }));
    },
    async update(id, change) {
      await manager.update(paymentOffers, { id }, change);
    },
    async findOpenOf(contactId) {
      return toOffer(
        await manager.findOne(paymentOffers, { where: { contactId, state: 'open' }, order: { createdAt: 'DESC' } }),
      );
    },
    async findOfReservation(reservationId) {
      return toOffer(await manager.findOne(paymentOffers, { where: { reservationId }, order: { createdAt: 'DESC' } }));
    },
    async findAcceptedAs(reservationId) {
      return toOffer(
        await manager.findOneBy(paymentOffers, { acceptedReservationId: reservationId, state: 'accepted' }),
      );
    },
    async listDue(limit) {
      const rows = await manager.find(paymentOffers, {
        select: { id: true },
        where: { state: 'open', expiresAt: Raw((column) => `${column} <= now()`) },
        order: { expiresAt: 'ASC' },
        take: limit,
      });
      return rows.map(({ id }) => id);
    },
  };
}

function toOffer(row: PaymentOfferRow | null): Offer | undefined {
  if (!row) return undefined;
  const { id, reservationId, contactId, state, expiresAt, acceptedReservationId } = row;
  return { id, reservationId, contactId, state, expiresAt, acceptedReservationId };
}
