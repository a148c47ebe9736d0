/** An order that rests far below the market. */
export const good = { symbol: 'BTC/USDT', side: 'BUY', order_type: 'LIMIT', price: '30000', quantity: '0.001' };
/** The same, under an id that is taken already. */
export const known = { ...good, client_order_id: 'known' };

/** An order that must be refused. */
export interface Row {
  readonly title: string;
  readonly body?: unknown;
  /** Sent as it is. */
  readonly raw?: string;
  readonly status: number;
  readonly code: string;
  /** The field that the answer names. */
  readonly pointer?: string;
  /** Cannot be said in protobuf. */
  readonly restOnly?: true;
}

const invalid = { status: 400, code: 'INVALID_REQUEST' } as const;

/** What is no number that we take, as a quantity and as a price. */
const notNumbers: readonly (readonly [title: string, value: unknown])[] = [
  ['a minus', '-1'],
  ['minus zero', '-0'],
  ['a plus', '+1'],
  ['an exponent', '1e3'],
  ['a huge exponent', '1e30'],
  ['hexadecimal', '0x10'],
  ['NaN', 'NaN'],
  ['Infinity', 'Infinity'],
  ['nothing', ''],
  ['a space before', ' 1'],
  ['a space after', '1 '],
  ['a comma', '1,0'],
  ['a leading zero', '01'],
  ['no digit before the point', '.5'],
  ['no digit after the point', '1.'],
  ['two points', '1.0.0'],
  ['full-width digits', '１'],
  ['arabic digits', '١'],
  ['a thousand digits', '9'.repeat(1_000)],
  ['more decimals than the asset has', '0.1234567890123456789'],
];
/** Only JSON can say these. */
const notStrings: readonly (readonly [title: string, value: unknown])[] = [
  ['a JSON number', 1],
  ['null', null],
  ['an array', ['1']],
  ['an object', { value: '1' }],
  ['true', true],
];

const numbers: readonly Row[] = (['quantity', 'price'] as const).flatMap((field) => [
  ...notNumbers.map(([title, value]) => ({
    title: `${field}: ${title}`,
    body: { ...good, [field]: value },
    pointer: `/${field}`,
    ...invalid,
  })),
  ...notStrings.map(([title, value]) => ({
    title: `${field}: ${title}`,
    body: { ...good, [field]: value },
    pointer: `/${field}`,
    restOnly: true as const,
    ...invalid,
  })),
]);

const rules: readonly Row[] = [
  {
    title: 'quantity: zero',
    body: { ...good, quantity: '0' },
    status: 422,
    code: 'INVALID_QUANTITY',
    pointer: '/quantity',
  },
  {
    title: 'quantity: below a lot',
    body: { ...good, quantity: '0.00001' },
    status: 422,
    code: 'INVALID_QUANTITY',
    pointer: '/quantity',
  },
  {
    title: 'quantity: no multiple of a lot',
    body: { ...good, quantity: '0.00015' },
    status: 422,
    code: 'INVALID_QUANTITY',
    pointer: '/quantity',
  },
  {
    title: 'quantity: huge',
    body: { ...good, quantity: '99999999999999999999' },
    status: 422,
    code: 'INVALID_QUANTITY',
    pointer: '/quantity',
  },
  {
    title: 'quantity: 2^64',
    body: { ...good, quantity: '18446744073709551616' },
    status: 422,
    code: 'INVALID_QUANTITY',
    pointer: '/quantity',
  },
  { title: 'price: zero', body: { ...good, price: '0' }, status: 422, code: 'INVALID_PRICE', pointer: '/price' },
  {
    title: 'price: below a tick',
    body: { ...good, price: '30000.001' },
    status: 422,
    code: 'INVALID_PRICE',
    pointer: '/price',
  },
  {
    title: 'price: huge',
    body: { ...good, price: '99999999999999999999' },
    status: 422,
    code: 'INVALID_PRICE',
    pointer: '/price',
  },
  {
    title: 'price: far above the market',
    body: { ...good, price: '90000' },
    status: 422,
    code: 'PRICE_OUT_OF_BAND',
    pointer: '/price',
  },
  { title: 'value: too small', body: { ...good, price: '1', quantity: '0.0001' }, status: 422, code: 'MIN_NOTIONAL' },
  { title: 'value: more than the funds', body: { ...good, quantity: '1' }, status: 422, code: 'INSUFFICIENT_FUNDS' },
  { title: 'market: unknown', body: { ...good, symbol: 'DOGE/USDT' }, status: 404, code: 'MARKET_NOT_FOUND' },
  { title: 'market: malformed', body: { ...good, symbol: "BTC/USDT'; --" }, ...invalid, pointer: '/symbol' },
  { title: 'limit order: no price', body: { ...good, price: undefined }, ...invalid, pointer: '/price' },
  { title: 'market order: a price', body: { ...good, order_type: 'MARKET' }, ...invalid, pointer: '/price' },
  {
    title: 'quantity and quote_quantity',
    body: { ...good, order_type: 'MARKET', price: undefined, quote_quantity: '10' },
    ...invalid,
  },
  {
    title: 'post-only and IOC',
    body: { ...good, post_only: true, time_in_force: 'IOC' },
    ...invalid,
    pointer: '/post_only',
  },
  {
    title: 'client_order_id: control characters',
    body: { ...good, client_order_id: 'a\u0000b' },
    ...invalid,
    pointer: '/client_order_id',
  },
  {
    title: 'client_order_id: too long',
    body: { ...good, client_order_id: 'a'.repeat(101) },
    ...invalid,
    pointer: '/client_order_id',
  },
  {
    title: 'client_order_id: known, other content',
    body: { ...known, quantity: '0.002' },
    status: 422,
    code: 'IDEMPOTENCY_CONFLICT',
  },
];

const shapes: readonly Row[] = [
  { title: 'side: unknown word', body: { ...good, side: 'HOLD' }, ...invalid, pointer: '/side' },
  { title: 'side: lower case', body: { ...good, side: 'buy' }, ...invalid, pointer: '/side' },
  { title: 'side: a number', body: { ...good, side: 1 }, ...invalid, pointer: '/side' },
  { title: 'body: an unknown field', body: { ...good, status: 'FILLED' }, ...invalid },
  { title: 'body: another user', body: { ...good, user_id: '019a9e6e-8f6c-7d31-b4b5-0a4b1d2c3e4f' }, ...invalid },
  { title: 'body: __proto__', raw: `{"__proto__": {"price": "1"}, ${JSON.stringify(good).slice(1)}`, ...invalid },
  { title: 'body: malformed JSON', raw: '{"symbol": "BTC/USDT",', ...invalid },
  { title: 'body: empty', raw: '', ...invalid },
  { title: 'body: null', raw: 'null', ...invalid },
  { title: 'body: an array', raw: `[${JSON.stringify(good)}]`, ...invalid },
  { title: 'body: a key twice', raw: `{"price": "1", ${JSON.stringify(good).slice(1)}`, ...invalid },
  {
    title: 'price: a JSON number past 2^53',
    raw: JSON.stringify(good).replace('"30000"', '9007199254740993'),
    ...invalid,
    pointer: '/price',
  },
];

/** Everything that is wrong with an order. */
export const rows: readonly Row[] = [...numbers, ...rules, ...shapes.map((row): Row => ({ ...row, restOnly: true }))];
