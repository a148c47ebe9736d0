/**
 * Loaded into a process of the exchange (`--import`): its wall clock is off by TEST_CLOCK_SHIFT_MS, and steps by
 * TEST_CLOCK_STEP_MS with each SIGUSR2. The monotonic clock goes on, as it does when a machine's clock is set.
 */
let shift = Number(process.env['TEST_CLOCK_SHIFT_MS'] ?? 0);

globalThis.Date = new Proxy(Date, {
  construct: (real, given, target) =>
    Reflect.construct(real, given.length === 0 ? [real.now() + shift] : given, target) as Date,
  get: (real, name) => (name === 'now' ? () => real.now() + shift : (Reflect.get(real, name) as unknown)),
});

process.on('SIGUSR2', () => {
  shift += Number(process.env['TEST_CLOCK_STEP_MS'] ?? 0);
});
