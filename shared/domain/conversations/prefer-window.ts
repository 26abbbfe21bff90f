import type { Understanding } from './understanding.ts';

/**
 * "A principios de marzo" comes with a window and with how it may be meant as dates. The conversation offers what is free in
 * the window; dates that were only guessed at from it (they come without nights) are left out. "La primera quincena" has
 * nights: it is rented as a whole, and shown back.
 */
export function preferWindow(said: Understanding): Understanding {
  const isGuess = said.window !== null && said.nights === null && said.ambiguous.includes('checkIn');
  if (!isGuess) return said;
  return {
    ...said,
    checkIn: null,
    checkOut: null,
    ambiguous: said.ambiguous.filter((slot) => slot !== 'checkIn' && slot !== 'checkOut'),
  };
}
