import test from 'ava';
import { personFaults } from '../../domain/compliance/case.ts';
import { candleWidths, stretchStart } from '../../domain/trading/candle.ts';
import { tickerWindowStart } from '../../domain/trading/ticker.ts';
import { endOfDay } from '../../domain/trading/placement.ts';
import { person } from './compliance/kit.ts';

/** Where clocks are set forth and back, and where the day begins first and last. */
const zones = ['UTC', 'America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'Pacific/Kiritimati', 'Etc/GMT+12'];

/** Leap days, the days when clocks are set, and the turn of a year: what the day began and ended with, UTC. */
const days: readonly (readonly [at: string, begun: string, over: string])[] = [
  ['2028-02-28T23:59:59.999Z', '2028-02-28', '2028-02-29'],
  ['2028-02-29T00:00:00.000Z', '2028-02-29', '2028-03-01'],
  ['2028-02-29T23:59:59.999Z', '2028-02-29', '2028-03-01'],
  ['2027-02-28T12:00:00.000Z', '2027-02-28', '2027-03-01'],
  ['2026-03-08T06:59:59.999Z', '2026-03-08', '2026-03-09'],
  ['2026-03-29T01:30:00.000Z', '2026-03-29', '2026-03-30'],
  ['2026-10-25T00:30:00.000Z', '2026-10-25', '2026-10-26'],
  ['2026-11-01T05:30:00.000Z', '2026-11-01', '2026-11-02'],
  ['2026-12-31T23:59:59.999Z', '2026-12-31', '2027-01-01'],
];

test.afterEach(() => {
  delete process.env['TZ'];
});

for (const zone of zones) {
  test.serial(`dates: on leap days and when clocks are set, in ${zone}, the day is that of UTC`, (t) => {
    process.env['TZ'] = zone;
    t.is(new Date(2026, 0, 1).getHours(), 0, 'the zone is in force');
    for (const [at, begun, over] of days) {
      const instant = Date.parse(at);
      t.is(new Date(endOfDay(instant)).toISOString(), `${over}T00:00:00.000Z`, `a DAY order placed ${at}`);
      const candle = stretchStart(instant, candleWidths['1d']);
      t.is(new Date(candle).toISOString(), `${begun}T00:00:00.000Z`, `the candle of ${at}`);
      t.true(instant - tickerWindowStart(instant) < 86_460_000, 'the ticker looks a day back, however long it was');
    }
  });
}

for (const [today, refused] of [
  ['2026-02-28', true],
  ['2026-03-01', false],
] as const) {
  test(`dates: born on 29 February, ${today}, ${refused ? 'not 18 yet' : 'of age'}`, (t) => {
    const fault = personFaults({ ...person, dateOfBirth: '2008-02-29' }, today)['/date_of_birth'];
    t.is(fault !== undefined, refused);
  });
}
