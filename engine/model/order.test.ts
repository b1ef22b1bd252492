import { expect, test } from 'vitest';
import { seriesName } from './bar.ts';
import { Order, type OrderFields, orderKinds, orderRoles, sizeRules } from './order.ts';
import { orderStatuses } from './order-state.ts';

const fields: OrderFields = {
  instrumentIndex: 2,
  kind: 'stopLimit',
  role: 'own',
  side: -1,
  sizeRule: 'quote',
  sizeAsked: 500,
  limitPrice: 99,
  stopPrice: 99.5,
  stopLossPrice: 101,
  takeProfitPrice: 90,
  isReduceOnly: true,
  parentId: 7,
  tag: 'note',
  terms: undefined,
};

test('an order is what was asked for, drafted, untriggered and without a reason', () => {
  const order = new Order(4, 60_000, 0.5, fields);
  expect({ ...order }).toEqual({
    ...fields,
    id: 4,
    submittedMs: 60_000,
    sizeBase: 0.5,
    liveMs: 60_000,
    filledBase: 0,
    status: 'drafted',
    isTriggered: false,
    reason: '',
    endedMs: Number.NaN,
  });
});

// Stored runs and hashes hold the places, not the words: an entry moved or renamed would change what they say.
test('codes of kinds, roles, statuses and size rules keep their places', () => {
  expect(orderKinds.slice(0, 4)).toEqual(['market', 'limit', 'stop', 'stopLimit']);
  expect(orderRoles.slice(0, 5)).toEqual(['own', 'stopLoss', 'takeProfit', 'halt', 'endOfRun']);
  expect(orderStatuses.slice(0, 5)).toEqual(['open', 'filled', 'cancelled', 'expired', 'rejected']);
  expect(sizeRules.slice(0, 4)).toEqual(['base', 'quote', 'equityFraction', 'riskFraction']);
});

test('a series is named by venue, symbol and timeframe', () => {
  expect(seriesName({ venue: 'binance', symbol: 'BTC/USDT', timeframe: '1m' })).toBe('binance BTC/USDT 1m');
});
