import type { PriceList } from '../pricing.ts';

/** What guests ask about; every text may be absent and is then answered with "ask a person". */
export type Facts = {
  /** Short words: wifi, parrilla, pileta, cochera, ropa blanca, cocina… */
  amenities?: string[];
  wifi?: string;
  parking?: string;
  pets?: string;
  photos?: { url: string; caption?: string }[];
  /** Anything else worth telling, as the owner writes it. */
  notes?: string;
};

export type Lodging = {
  name: string;
  address: string | null;
  mapUrl: string | null;
  timeZone: string;
  currency: string;
  /** "14:00", the lodging's local time. */
  checkInFrom: string;
  checkOutUntil: string;
  lastArrivalHour: number;
  freeCancellationHours: number;
  facts: Facts & { policies?: string; contact?: string; payment?: string };
};

export type AccommodationId = number;

/** One unit that guests can take: a cabin, an apartment, a room. */
export type Accommodation = {
  id: AccommodationId;
  name: string;
  kind: string;
  description: string;
  capacity: number;
  minNights: number;
  lastArrivalHour: number;
  prices: PriceList;
  facts: Facts;
};
