/**
 * Owns a generator of programs from a seed: what they cover is what two brokers are compared by. Never says what comes of a program.
 *
 *   covered: all kinds and lives of orders, groups, held orders, protections; sent at closes and as fills are told; all policies; limits by touch and
 *   penetration; market orders at the next open or the close; spot, frictionless and margin accounts, net or hedged; all slippage; fees by rate,
 *   fixed and by unit, from quote, base or another currency; shares of volume, queues, late messages; dated rules of the venue
 *   not covered: sizes that hang on equity, risk or cash; futures; several quote currencies; dust, and so fees in base beside dated rules or finer than a lot; tiers and
 *   functions of fees; what is sent from onOrder or as a protection's fill is told; refineOptimistic; caps and states of risk; semantics of others
 */
import { type LatencyRule, noLatency } from '../costs/latency.ts';
import { createRandom, type Random } from '../random.ts';
import { around, below, pick, plain } from './chance.ts';
import {
  type Program,
  type ProgramAction,
  type ProgramBar,
  type ProgramChanges,
  type ProgramFee,
  type ProgramFeeSource,
  type ProgramInstrument,
  type ProgramKind,
  type ProgramLeg,
  type ProgramLevel,
  type ProgramMargin,
  type ProgramOffset,
  type ProgramOrder,
  type ProgramProtection,
  type ProgramSide,
  type ProgramSlippage,
  type ProgramStep,
  type ProgramTrailStage,
  programKinds,
} from './program.ts';
import { randomRules } from './program-rules.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const lengthsMs = { '1h': hourMs, '4h': 4 * hourMs, '12h': 12 * hourMs, '1d': 24 * hourMs } as const;
const finerOf = { '1h': '15m', '4h': '1h', '12h': '4h', '1d': '4h' } as const;
/** 2024-01-02T20:00Z: midnight is near, so that days end within a few bars. */
const startMs = Date.UTC(2024, 0, 2, 20);

/** A random program: the same for the same seed. Prices lie on few ticks, so that ties and touches are common. */
export function programOf(seed: number): Program {
  const random = createRandom(seed);
  const count = random() < 0.6 ? 1 : 2 + below(random, 2);
  const tick = pick(random, ['0.01', '0.5', '1', '0.0001']);
  const lot = pick(random, ['1', '0.1', '0.001']);
  const kind = pick(random, ['spot', 'spot', 'frictionless', 'frictionless', 'margin'] as const);
  // A lot at 100 ticks, in quote: cash buys from a few lots to more than is ever asked for.
  const lotsAffordable = pick(random, kind === 'margin' ? [1, 3, 10, 200] : [20, 200, 2000, 2000]);
  const cash = plain(Number(tick) * 100 * Number(lot) * lotsAffordable, 8);
  const fee = randomFee(random, tick, lot);
  const feeFrom = randomFeeSource(random, { kind, fee, cash });
  const policy = pick(random, ['pessimistic', 'pessimistic', 'optimistic', 'path', 'refine', 'branching'] as const);
  const positions = kind !== 'spot' && random() < 0.25 ? 'hedge' : 'net';
  const traded = Array.from({ length: count }, () => {
    const plainOne = randomInstrument(random, tick, lot);
    const instrument = policy === 'refine' ? { ...plainOne, ...randomFiner(random, plainOne) } : plainOne;
    // Fees that come to whole lots; what is bought is what they are taken from.
    return feeFrom.kind === 'base' ? { ...instrument, multiplier: '1', feeRateTaker: pick(random, ['0.1', '0.25']) } : instrument;
  });
  // Of its own chance, so that what else a seed makes is the same with and without.
  const dates = createRandom(seed + 0x100_0000_0000);
  // A lot that grows leaves dust of what a fee in base was taken from.
  const hasRules = dates() < 0.5 && feeFrom.kind !== 'base';
  const instruments = hasRules ? traded.map((one) => ({ ...one, rules: randomRules(dates, one) })) : traded;
  return {
    seed,
    instruments,
    account: {
      kind,
      cash,
      leverage: kind === 'frictionless' ? pick(random, ['1', '2', '5']) : '1',
      positions,
      ...(kind === 'margin' ? { margin: randomMargin(random, tick) } : {}),
      // Cash is what the currency can express.
      quoteDecimals: pick(random, /\.\d{3}/.test(cash) ? [8] : [2, 8]),
    },
    policy,
    branches: policy === 'branching' ? Array.from({ length: below(random, 5) }, () => pick(random, ['optimistic', 'pessimistic'])) : [],
    limitRule: pick(random, ['penetrate', 'touch']),
    marketFill: random() < 0.8 ? 'nextOpen' : 'close',
    slippage: randomSlippage(random),
    fee,
    feeFrom,
    liquidity: {
      ...(random() < 0.3 ? { volumeShare: pick(random, ['0.1', '0.25', '1']) } : {}),
      ...(random() < 0.15 ? { queue: pick(random, ['0.5', '1', '2']) } : {}),
    },
    latency: randomLatency(random, traded[0]),
    actions: randomActions(random, traded, kind === 'spot' ? 'spot' : positions),
  };
}

function randomMargin(random: Random, tick: string): ProgramMargin {
  const isContract = random() < 0.3;
  const initial = pick(random, [0.1, 0.25, 0.5]) * (isContract ? Number(tick) * 100 : 1);
  return {
    per: isContract ? 'contract' : 'notional',
    initial: plain(initial, 8),
    maintenance: plain(initial * pick(random, [0.5, 0.8, 1]), 8),
    interest: pick(random, ['0', '0.07', '5']),
    borrow: pick(random, ['0', '0.5']),
    accrual: pick(random, ['day', 'hour']),
    rule: pick(random, ['largestLossFirst', 'all']),
    liquidationFee: pick(random, ['0', '0.01']),
  };
}

/** Bars of a length that divides theirs: most fit, some are missing, some do not reach as far. */
function randomFiner(
  random: Random,
  { timeframe, bars }: ProgramInstrument,
): Required<Pick<ProgramInstrument, 'finerTimeframe' | 'finer'>> {
  const finerTimeframe = finerOf[timeframe];
  const lengthMs = finerTimeframe === '15m' ? hourMs / 4 : lengthsMs[finerTimeframe];
  return { finerTimeframe, finer: bars.flatMap((bar) => (random() < 0.08 ? [] : finerBars(random, bar, lengthMs))) };
}

function finerBars(random: Random, whole: ProgramBar, lengthMs: number): ProgramBar[] {
  const { openTimeMs, closeTimeMs, low, close } = whole;
  const count = (closeTimeMs - openTimeMs) / lengthMs;
  const high = whole.high - (random() < 0.05 && whole.high > Math.max(whole.open, close) ? 1 : 0);
  const inside = (): number => low + below(random, high - low + 1);
  const [highest, lowest] = [below(random, count), below(random, count)];
  let last = whole.open;
  return Array.from({ length: count }, (_, i) => {
    const open = i > 0 && random() < 0.2 ? inside() : last;
    last = i === count - 1 ? close : inside();
    const reaches = [open, last, ...(random() < 0.5 ? [inside()] : []), ...(i === highest ? [high] : []), ...(i === lowest ? [low] : [])];
    const startMs = openTimeMs + i * lengthMs;
    const prices = { open, high: Math.max(...reaches), low: Math.min(...reaches), close: last };
    return { openTimeMs: startMs, closeTimeMs: startMs + lengthMs, ...prices, volume: below(random, 13) };
  });
}

function randomSlippage(random: Random): ProgramSlippage {
  return pick<ProgramSlippage>(random, [
    { kind: 'none' },
    { kind: 'none' },
    { kind: 'none' },
    { kind: 'fixed', fraction: '0.013' },
    { kind: 'spread', ticks: 1 + below(random, 3) },
    { kind: 'spread', fraction: '0.021' },
    { kind: 'volumeShare', impact: pick(random, ['0.1', '0.37']) },
    { kind: 'squareRoot', impact: pick(random, ['0.03', '0.1']) },
  ]);
}

function randomFee(random: Random, tick: string, lot: string): ProgramFee {
  return pick<ProgramFee>(random, [
    { kind: 'rate' },
    { kind: 'rate' },
    { kind: 'fixed', amount: plain(Number(tick) * Number(lot) * 3, 8) },
    { kind: 'perUnit', amount: plain(Number(tick) * 0.7, 8), minimum: plain(Number(tick) * Number(lot) * 2, 8) },
  ]);
}

/** A purse carries a few fees, or all; its price is known before the first bar and moves twice a day. */
function randomFeeSource(random: Random, { kind, fee, cash }: { kind: string; fee: ProgramFee; cash: string }): ProgramFeeSource {
  const chance = random();
  if (chance < 0.1 && kind === 'spot' && fee.kind !== 'perUnit') return { kind: 'base' };
  if (chance < 0.8 || kind === 'margin') return { kind: 'quote' };
  const price = pick(random, [0.7, 3, 250]);
  const rates = Array.from({ length: 80 }, (_, i) => {
    const openTimeMs = startMs - dayMs - (startMs % (dayMs / 2)) + (i * dayMs) / 2;
    return { openTimeMs, closeTimeMs: openTimeMs + dayMs / 2, close: plain(price * (0.8 + 0.4 * random()), 4) };
  });
  return {
    kind: 'purse',
    balance: plain((Number(cash) * pick(random, [0.0005, 0.01, 1])) / price, 8),
    decimals: 8,
    discount: pick(random, ['0', '0.25']),
    rates,
  };
}

function randomInstrument(random: Random, tick: string, lot: string): ProgramInstrument {
  const timeframe = pick(random, ['1h', '1h', '4h', '12h', '1d'] as const);
  const lengthMs = lengthsMs[timeframe];
  const bars: ProgramBar[] = [];
  let openTimeMs = Math.floor(startMs / lengthMs) * lengthMs + below(random, 3) * lengthMs;
  let last = 90 + below(random, 21);
  const barCount = 8 + below(random, 25);
  while (bars.length < barCount) {
    if (random() < 0.9) {
      const bar = { openTimeMs, closeTimeMs: openTimeMs + lengthMs, ...randomPrices(random, last), volume: below(random, 41) };
      bars.push(bar);
      last = bar.close;
    }
    openTimeMs += lengthMs;
  }
  return {
    timeframe,
    tick,
    lot,
    multiplier: pick(random, ['1', '1', '1', '10']),
    feeRateMaker: pick(random, ['0', '0.001', '-0.0001']),
    feeRateTaker: pick(random, ['0', '0.001', '0.00075']),
    bars,
  };
}

function randomPrices(random: Random, last: number): Pick<ProgramBar, 'open' | 'high' | 'low' | 'close'> {
  const floor = (price: number): number => Math.max(20, price);
  const gap = random() < 0.6 ? 0 : around(random, random() < 0.2 ? 8 : 2);
  const open = floor(last + gap);
  const shape = random();
  if (shape < 0.08) return { open, high: open, low: open, close: open };
  const close = shape < 0.2 ? open : floor(open + around(random, 4));
  const reach = random() < 0.06 ? 20 : 4;
  const high = Math.max(open, close) + (random() < 0.3 ? 0 : below(random, reach));
  const low = floor(Math.min(open, close) - (random() < 0.3 ? 0 : below(random, reach)));
  return { open, high, low, close };
}

function randomActions(random: Random, instruments: readonly ProgramInstrument[], account: Market['account']): ProgramAction[] {
  const actions: ProgramAction[] = [];
  const placed: string[] = [];
  const moments = instruments
    .flatMap(({ bars }, instrument) => bars.map((bar, index) => ({ instrument, bar: index, timeMs: bar.closeTimeMs })))
    .sort((a, b) => a.timeMs - b.timeMs || a.instrument - b.instrument);
  for (const { instrument, bar, timeMs } of moments) {
    if (random() < 0.5) continue;
    const { close, closeTimeMs, openTimeMs } = instruments[instrument].bars[bar];
    const at = { instrument, bar };
    const recent = placed.slice(-6);
    const market: Market = { close, timeMs, lengthMs: closeTimeMs - openTimeMs, account };
    const place = (): string => {
      const order = randomOrder(random, `o${placed.length + 1}`, market, recent);
      placed.push(order.name);
      actions.push({ ...at, kind: 'place', order });
      while (random() < 0.12) actions.push(whenFilled(order.name));
      return order.name;
    };
    // Now and then about another instrument than the one that filled.
    const whenFilled = (fillOf: string): ProgramAction => {
      const then = { instrument: random() < 0.8 ? instrument : below(random, instruments.length), fillOf };
      const what = random();
      if (what < 0.2) return { ...then, kind: 'cancel', name: pick(random, placed.slice(-6)) };
      if (what < 0.35) return { ...then, kind: 'amend', name: pick(random, placed.slice(-6)), changes: randomChanges(random, close) };
      if (what < 0.5) return { ...then, kind: 'protect', protection: somethingOf(random, close), ...randomLeg(random, account) };
      const name = `o${placed.length + 1}`;
      placed.push(name);
      return what < 0.6
        ? { ...then, kind: 'close', name, ...randomLeg(random, account) }
        : { ...then, kind: 'place', order: randomOrder(random, name, market, placed.slice(-7, -1)) };
    };
    const what = random();
    if (what < 0.6 || recent.length === 0) place();
    else if (what < 0.72) {
      const third = random();
      const others = third < 0.2 ? [place()] : third < 0.3 ? [pick(random, recent)] : [];
      actions.push({ ...at, kind: 'oneCancelsOther', names: [place(), place(), ...others] });
    } else if (what < 0.8) actions.push({ ...at, kind: 'cancel', name: pick(random, recent) });
    else if (what < 0.88) actions.push({ ...at, kind: 'amend', name: pick(random, recent), changes: randomChanges(random, close) });
    else if (what < 0.95) actions.push({ ...at, kind: 'protect', protection: somethingOf(random, close), ...randomLeg(random, account) });
    else {
      const name = `o${placed.length + 1}`;
      placed.push(name);
      actions.push({ ...at, kind: 'close', name, ...randomLeg(random, account) });
    }
  }
  return actions;
}

interface Market {
  readonly close: number;
  readonly timeMs: number;
  readonly lengthMs: number;
  readonly account: 'spot' | 'net' | 'hedge';
}

function randomLeg(random: Random, account: Market['account']): { readonly leg?: ProgramLeg } {
  return account === 'hedge' ? { leg: pick(random, ['long', 'short']) } : {};
}

function randomOrder(random: Random, name: string, market: Market, recent: readonly string[]): ProgramOrder {
  const kind = random() < 0.25 ? 'market' : pick(random, programKinds);
  const { leg } = randomLeg(random, market.account);
  const side: ProgramSide = random() < { spot: 0.7, net: 0.5, hedge: leg === 'long' ? 0.7 : 0.3 }[market.account] ? 1 : -1;
  const near = (): number => market.close + around(random, 4);
  const isReducing = random() < 0.1;
  const after = recent.length > 0 && random() < 0.08 ? pick(random, recent) : '';
  const prices = {
    ...(kind === 'limit' || kind === 'stopLimit' || kind === 'limitIfTouched' ? { limitPrice: near() } : {}),
    ...(kind === 'stop' || kind === 'stopLimit' ? { stopPrice: near() } : {}),
    ...(kind === 'marketIfTouched' || kind === 'limitIfTouched' ? { touchPrice: near() } : {}),
  };
  const entry = prices.limitPrice ?? prices.stopPrice ?? prices.touchPrice ?? market.close;
  return {
    name,
    kind,
    side,
    sizeLots: random() < 0.03 ? 1000 : 1 + below(random, 9),
    ...prices,
    ...(kind === 'trailingStop' ? { stages: randomStages(random, -side as ProgramSide, market.close) } : {}),
    ...randomLife(random, kind, market, after !== ''),
    ...(isReducing ? { reduceOnly: true } : random() < 0.4 ? attachable(kind, randomProtection(random, side, entry)) : {}),
    ...(after === '' ? {} : { after }),
    ...(leg && { leg }),
  };
}

/** A trailing stop attaches no other: its trail is its own. */
function attachable(kind: ProgramKind, { trail, ...protection }: ProgramProtection): ProgramProtection {
  return kind === 'trailingStop' || trail === undefined ? protection : { ...protection, trail };
}

function randomLife(random: Random, kind: ProgramKind, market: Market, isHeld: boolean): Partial<ProgramOrder> {
  const chance = random();
  if (chance < 0.6) return {};
  if (chance < 0.7) return { timeInForce: 'DAY' };
  if (chance < 0.8) {
    const goodTillMs = market.timeMs + (1 + below(random, 8)) * (market.lengthMs / 2);
    return isHeld ? {} : { timeInForce: { goodTillMs } };
  }
  if (kind === 'limit' && random() < 0.5) return { postOnly: true };
  const isAllowed = kind === 'market' || kind === 'limit' || kind === 'onOpen';
  return isAllowed || random() < 0.05 ? { timeInForce: pick(random, ['IOC', 'FOK'] as const) } : {};
}

/** Of a position of this side that is entered at such a price; one price in eight lies on the wrong side of it. */
function randomProtection(random: Random, side: ProgramSide, entry: number): ProgramProtection {
  const away = (): number => (random() < 0.12 ? -1 : 1) * (1 + below(random, 5));
  const level = (sign: number): ProgramLevel =>
    pick<() => ProgramLevel>(random, [
      () => ({ price: entry + sign * side * away() }),
      () => ({ distance: 1 + below(random, 5) }),
      () => ({ fraction: pick(random, ['0.01', '0.02', '0.035']) }),
    ])();
  const steps = (): readonly ProgramStep[] => [
    { afterMs: 0, fraction: '0.05' },
    { afterMs: pick(random, [2, 5]) * hourMs, fraction: '0.02' },
  ];
  const stop = random();
  return {
    ...(stop < 0.5 || stop > 0.92 ? { stopLoss: level(-1) } : {}),
    ...(stop >= 0.5 && (stop < 0.75 || stop > 0.92) ? { trail: randomStages(random, side, entry) } : {}),
    ...(random() < 0.65 ? { takeProfit: random() < 0.15 ? steps() : level(1) } : {}),
  };
}

/** Never nothing: a position is not asked to be protected by it. */
function somethingOf(random: Random, close: number): ProgramProtection {
  const side: ProgramSide = random() < 0.5 ? 1 : -1;
  const protection = randomProtection(random, side, close);
  return Object.keys(protection).length > 0 ? protection : { takeProfit: { price: close + side * 3 } };
}

/** Stages of a trail that protects a position of this side. */
function randomStages(random: Random, side: ProgramSide, close: number): ProgramTrailStage[] {
  const stage = (): ProgramTrailStage =>
    random() < 0.6 ? { distance: 1 + below(random, 5) } : { fraction: pick(random, ['0.01', '0.025', '0.04']) };
  const ticks = 1 + below(random, 4);
  const activations: readonly (number | ProgramOffset)[] = [close + side * ticks, { distance: ticks }, { fraction: '0.02' }];
  const first = random() < 0.3 ? { ...stage(), activation: pick(random, activations) } : stage();
  return random() < 0.8 ? [first] : [first, { ...stage(), activation: pick(random, [close + side * (ticks + 2), { fraction: '0.04' }]) }];
}

function randomChanges(random: Random, close: number): ProgramChanges {
  const price = close + around(random, 4);
  return pick<ProgramChanges>(random, [
    { sizeLots: 1 + below(random, 9) },
    { limitPrice: price },
    { stopPrice: price },
    { touchPrice: price },
    { limitPrice: price, sizeLots: 1 + below(random, 9) },
  ]);
}

/** In four programs of five nothing is late. */
function randomLatency(random: Random, { bars }: ProgramInstrument): Program['latency'] {
  const lengthMs = bars[0].closeTimeMs - bars[0].openTimeMs;
  const late = (): number => pick(random, [0, 1, lengthMs / 2, lengthMs, lengthMs * 1.5]);
  if (random() < 0.8) return noLatency;
  const rule = (): LatencyRule => {
    const what = random();
    if (what < 0.7) return { kind: 'fixed', ms: late() };
    return what < 0.85 ? { kind: 'uniform', minMs: 0, maxMs: lengthMs * 1.5 } : { kind: 'lognormal', medianMs: lengthMs / 2, sigma: 0.8 };
  };
  return { order: rule(), cancel: rule(), data: random() < 0.7 ? noLatency.data : rule() };
}
