import { createAccount } from './account.ts';
import { createCandlePanel } from './candle-panel.ts';
import { element, part, write } from './dom.ts';
import { connectLive, type LiveState } from './live.ts';
import { createMarketPanel } from './market-panel.ts';
import { call, sayWhy } from './rest.ts';
import { createSession } from './session.ts';
import type { Market } from './types.ts';
import { dashed } from '../../domain/trading/symbol.ts';

const states: Readonly<Record<LiveState, string>> = {
  connecting: 'Connecting…',
  live: 'Live',
  waiting: 'Connection lost, trying again…',
};

const status = part('status', HTMLElement);

function tell(text: string, state: LiveState | 'refused'): void {
  write(status, text);
  status.dataset['state'] = state;
}

/** The market that the address names, or else the first. */
const findMarket = (markets: readonly Market[]): Market | undefined =>
  markets.find(({ symbol }) => `#${dashed(symbol)}` === location.hash) ?? markets[0];

async function run(): Promise<void> {
  const { items: markets } = await call<{ items: readonly Market[] }>('GET', '/markets');
  const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`;
  const live = connectLive(url, {
    onState: (state) => tell(states[state], state),
    onRefused: (detail) => tell(detail, 'refused'),
    onSignedOut: () => session.signOut(),
  });
  const session = createSession((token) => {
    live.authenticate(token);
    account?.setSignedIn(token !== undefined);
  });
  const trades = document.body.dataset['trading'] === 'true';
  const account = trades ? createAccount(live, session, markets) : undefined;
  part('account', HTMLElement).hidden = !trades;
  account?.setSignedIn(false);
  const panels = [createMarketPanel(live, (price) => account?.setPrice(price)), createCandlePanel(live)];

  const choice = part('market', HTMLSelectElement);
  choice.append(...markets.map(({ symbol }) => new Option(symbol, dashed(symbol))));
  const show = (): void => {
    const market = findMarket(markets);
    if (market === undefined) return;
    choice.value = dashed(market.symbol);
    for (const panel of panels) panel.show(market);
    account?.show(market);
    const note = part('market-status', HTMLElement);
    note.replaceChildren(...(market.status === 'ACTIVE' ? [] : [element('span', market.status.replaceAll('_', ' '))]));
  };
  choice.addEventListener('change', () => (location.hash = choice.value));
  addEventListener('hashchange', show);
  show();
}

run().catch((error: unknown) => tell(sayWhy(error), 'refused'));
