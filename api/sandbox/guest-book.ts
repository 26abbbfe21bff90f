import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { createStateFile, loadState } from '#shared/integrations/simulator-kit/state-file.ts';
import type { SimulatedGuest } from '#shared/integrations/whatsapp/simulator-state.ts';

/** Somebody whom the newcomer can play: the phone as WhatsApp writes it (digits), or a BSUID, and the profile's name. */
export type SandboxGuest = { waId: string; name: string };

/** The guests of the sandbox; they survive a restart. */
export type GuestBook = {
  list(): SandboxGuest[];
  find(waId: string): SandboxGuest | undefined;
  /** Adds a guest; without a number one is made up that nobody has. The same number again gets the new name. */
  add(name: string, waId?: string): SandboxGuest;
  close(): void;
};

const atFirst: readonly SandboxGuest[] = [
  { waId: '5491155550101', name: 'Ana Romero' },
  { waId: '5493515550102', name: 'Bruno Díaz' },
  { waId: '5493415550103', name: 'Carla Sosa' },
];

const shape = z.array(z.object({ waId: z.string(), name: z.string() })).min(1);

/** The guests kept in `path`, or three made-up ones. */
export function createGuestBook(path: string): GuestBook {
  const kept = shape.safeParse(loadState(path));
  const guests = structuredClone(kept.success ? kept.data : [...atFirst]);
  const file = createStateFile(path, () => guests);

  const find = (waId: string): SandboxGuest | undefined => guests.find((guest) => guest.waId === waId);
  function freeNumber(): string {
    for (;;) {
      const waId = `54911555${String(randomInt(0, 100_000)).padStart(5, '0')}`;
      if (find(waId) === undefined) return waId;
    }
  }
  return {
    list: () => structuredClone(guests),
    find,
    add(name, waId = freeNumber()) {
      const known = find(waId);
      const guest = known ?? { waId, name };
      guest.name = name;
      if (known === undefined) guests.push(guest);
      file.save();
      return guest;
    },
    close: () => file.flush(),
  };
}

/** The guest as the simulated WhatsApp knows one. */
export function toSimulatedGuest({ waId, name }: SandboxGuest): SimulatedGuest {
  return { ...(/^\d+$/.test(waId) ? { phone: waId } : { bsuid: waId }), name };
}
