import { part, write } from './dom.ts';
import { decimalsOf, show } from './format.ts';
import type { Market, Ticker } from './types.ts';

/** Writes the last 24 hours into the page's header, and the price into its title. */
export function drawTicker(ticker: Ticker, { symbol, base, quote, tick_size }: Market): void {
  const decimals = decimalsOf(tick_size);
  const price = (value: string | null): string => (value === null ? '–' : show(value, decimals));
  const percent = ticker.change_percent;
  const fell = percent?.startsWith('-') === true;
  const cut = (amount: string): string => show(Number(amount).toFixed(2), 2);
  const texts = {
    'ticker-last': price(ticker.last_price),
    'ticker-change': percent === null ? '–' : `${fell ? '▼' : '▲'} ${cut(percent.replace('-', ''))} %`,
    'ticker-high': price(ticker.high),
    'ticker-low': price(ticker.low),
    'ticker-volume': `${show(ticker.volume)} ${base}`,
    'ticker-quote': `${cut(ticker.quote_volume)} ${quote}`,
  };
  for (const [id, text] of Object.entries(texts)) write(part(id, HTMLElement), text);
  part('ticker-change', HTMLElement).className = percent === null ? '' : fell ? 'down' : 'up';
  document.title = `${price(ticker.last_price)} ${symbol} – Pandora Exchange`;
}
