// Preloaded into a process (`node --import`): its clock is wrong by SKEW_MS. Timers run on, as they do when a machine's date is off.
const skewMs = Number(process.env['SKEW_MS'] ?? 0);
const RealDate = Date;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args: unknown[], newTarget) =>
    Reflect.construct(target, args.length === 0 ? [RealDate.now() + skewMs] : args, newTarget) as object,
  apply: () => new RealDate(RealDate.now() + skewMs).toString(),
  get: (target, name, receiver) =>
    name === 'now' ? () => RealDate.now() + skewMs : (Reflect.get(target, name, receiver) as unknown),
});
