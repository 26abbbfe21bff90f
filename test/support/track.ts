/** Anything that a test opens and must close: a pool, a client, a queue, a worker, a server. */
export type Closeable = Partial<Record<ClosingMethod, unknown>>;

type ClosingMethod = (typeof closingMethods)[number];
const closingMethods = ['close', 'end', 'quit', 'disconnect', 'destroy', 'stop', 'drop'] as const;

const open = new Map<object, string>();

/**
 * Watches something that must be closed before the run ends (by close, end, quit, disconnect, destroy, stop or drop), and
 * returns it. What is left open fails the run under `name` (default: its class) and the place that called.
 */
export function track<T extends object & Closeable>(thing: T, name = thing.constructor.name): T {
  const place = new Error().stack?.split('\n').find((line) => line.includes('.test.ts')) ?? '';
  open.set(thing, `${name} ${place.trim()}`.trim());
  for (const method of closingMethods) {
    const original: unknown = thing[method];
    if (typeof original !== 'function') continue;
    const closing = (...args: unknown[]): unknown => {
      open.delete(thing);
      return original.apply(thing, args);
    };
    Object.defineProperty(thing, method, { value: closing, configurable: true, writable: true });
  }
  return thing;
}

/** Throws an Error that names what is still open, and forgets it. */
export function checkNothingIsOpen(): void {
  const left = [...open.values()];
  open.clear();
  if (left.length > 0) throw new Error(`The tests left open:\n  ${left.join('\n  ')}`);
}
