/**
 * Owns programs: tapes, rules of a market and a list of orders to send at which bar, as plain objects that any broker can play,
 * and a generator of them from a seed. Never says what comes of a program.
 */
import { createRandom, type Random } from '../random.ts';
import { around, below, pick, plain } from './chance.ts';
import { type ProgramRules, randomRules } from './program-rules.ts';

/** Prices in whole ticks, volume in whole lots, whatever steps the venue allows orders. */
export interface ProgramBar {
  readonly openTimeMs: number;
  readonly closeTimeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** Quantities are decimals as text: "0.001". */
export interface ProgramInstrument {
  readonly timeframe: '1h' | '4h' | '12h' | '1d';
  readonly tick: string;
  readonly lot: string;
  readonly multiplier: string;
  readonly feeRateMaker: string;
  readonly feeRateTaker: string;
  /** In order of time, the first from 0 on; left out where every tick and lot is allowed and nothing changes. */
  readonly rules?: readonly ProgramRules[];
  readonly bars: readonly ProgramBar[];
}

export const programKinds = [
  'market',
  'limit',
  'stop',
  'stopLimit',
  'marketIfTouched',
  'limitIfTouched',
  'trailingStop',
  'onOpen',
  'onClose',
] as const;
export type ProgramKind = (typeof programKinds)[number];
export type ProgramSide = 1 | -1;

/** A price in ticks, or how far from the entry's fill price: a fraction of it, or ticks. */
export type ProgramLevel = { readonly price: number } | ProgramOffset;
/** From afterMs after the entry on, the target lies at this fraction. */
export interface ProgramStep {
  readonly afterMs: number;
  readonly fraction: string;
}
/** A fraction of a price, or ticks. */
export type ProgramOffset = { readonly fraction: string } | { readonly distance: number };
/** One stage of a trail: how far it stays behind the best price, and what activates it: a price in ticks, or so far from the start on the winning side. */
export type ProgramTrailStage = ProgramOffset & { readonly activation?: number | ProgramOffset };

/** What protects an entry or a position. */
export interface ProgramProtection {
  readonly stopLoss?: ProgramLevel;
  readonly takeProfit?: ProgramLevel | readonly ProgramStep[];
  readonly trail?: readonly ProgramTrailStage[];
}

/** Names are the program's own; a runner maps them to ids. Of protection the entry's stop and target are made. */
export interface ProgramOrder extends ProgramProtection {
  readonly name: string;
  readonly kind: ProgramKind;
  readonly side: ProgramSide;
  readonly sizeLots: number;
  readonly limitPrice?: number;
  readonly stopPrice?: number;
  readonly touchPrice?: number;
  /** Of a trailingStop. */
  readonly stages?: readonly ProgramTrailStage[];
  readonly timeInForce?: 'GTC' | 'DAY' | 'IOC' | 'FOK' | { readonly goodTillMs: number };
  readonly postOnly?: boolean;
  readonly reduceOnly?: boolean;
  /** The order that must be filled completely before this one is sent. */
  readonly after?: string;
}

export interface ProgramChanges {
  readonly limitPrice?: number;
  readonly stopPrice?: number;
  readonly touchPrice?: number;
  readonly sizeLots?: number;
}

/** Done at the close of the instrument's bar of that index; all of one time in the order of the list. Names may be of any instrument's orders. */
export type ProgramAction = { readonly instrument: number; readonly bar: number } & (
  | { readonly kind: 'place'; readonly order: ProgramOrder }
  | { readonly kind: 'cancel'; readonly name: string }
  | { readonly kind: 'amend'; readonly name: string; readonly changes: ProgramChanges }
  | { readonly kind: 'oneCancelsOther'; readonly names: readonly string[] }
  | { readonly kind: 'protect'; readonly protection: ProgramProtection }
  | { readonly kind: 'close'; readonly name: string }
);

export type ProgramSlippage =
  | { readonly kind: 'none' }
  | { readonly kind: 'fixed'; readonly fraction: string }
  | { readonly kind: 'spread'; readonly ticks: number }
  | { readonly kind: 'spread'; readonly fraction: string };

/** rate: the instrument's own; fixed: so much a fill; perUnit: so much a base unit, within bounds a fill. */
export type ProgramFee =
  | { readonly kind: 'rate' }
  | { readonly kind: 'fixed'; readonly amount: string }
  | { readonly kind: 'perUnit'; readonly amount: string; readonly minimum: string; readonly maximum?: string };

export interface Program {
  readonly seed: number;
  readonly instruments: readonly ProgramInstrument[];
  readonly account: {
    readonly kind: 'spot' | 'frictionless';
    readonly cash: string;
    readonly leverage: string;
    readonly quoteDecimals: number;
  };
  readonly policy: 'pessimistic' | 'optimistic' | 'path';
  readonly limitRule: 'penetrate' | 'touch';
  readonly slippage: ProgramSlippage;
  readonly fee: ProgramFee;
  /** Shares of a bar's volume: what may be drawn from it, and what lies ahead of a limit that comes to rest. */
  readonly liquidity: { readonly volumeShare?: string; readonly queue?: string };
  /** Of every order, amend and protection, and of every cancel. */
  readonly latency: { readonly orderMs: number; readonly cancelMs: number };
  readonly actions: readonly ProgramAction[];
}

const hourMs = 3_600_000;
const lengthsMs = { '1h': hourMs, '4h': 4 * hourMs, '12h': 12 * hourMs, '1d': 24 * hourMs } as const;
/** 2024-01-02T20:00Z: midnight is near, so that days end within a few bars. */
const startMs = Date.UTC(2024, 0, 2, 20);

/** A random program: the same for the same seed. Prices lie on few ticks, so that ties and touches are common. */
export function programOf(seed: number): Program {
  const random = createRandom(seed);
  const count = random() < 0.6 ? 1 : 2 + below(random, 2);
  const tick = pick(random, ['0.01', '0.5', '1', '0.0001']);
  const lot = pick(random, ['1', '0.1', '0.001']);
  const traded = Array.from({ length: count }, () => randomInstrument(random, tick, lot));
  const kind = random() < 0.5 ? 'spot' : 'frictionless';
  // Of its own chance, so that what else a seed makes is the same with and without.
  const dates = createRandom(seed + 0x100_0000_0000);
  const hasRules = dates() < 0.5;
  const instruments = hasRules ? traded.map((one) => ({ ...one, rules: randomRules(dates, one) })) : traded;
  // A lot at 100 ticks, in quote: cash buys from a few lots to more than is ever asked for.
  const lotsAffordable = pick(random, [20, 200, 2000, 2000]);
  const cash = plain(Number(tick) * 100 * Number(lot) * lotsAffordable, 8);
  return {
    seed,
    instruments,
    account: {
      kind,
      cash,
      leverage: kind === 'spot' ? '1' : pick(random, ['1', '2', '5']),
      // Cash is what the currency can express.
      quoteDecimals: pick(random, /\.\d{3}/.test(cash) ? [8] : [2, 8]),
    },
    policy: pick(random, ['pessimistic', 'pessimistic', 'optimistic', 'path']),
    limitRule: pick(random, ['penetrate', 'touch']),
    slippage: pick<ProgramSlippage>(random, [
      { kind: 'none' },
      { kind: 'none' },
      { kind: 'fixed', fraction: '0.013' },
      { kind: 'spread', ticks: 1 + below(random, 3) },
      { kind: 'spread', fraction: '0.021' },
    ]),
    fee: pick<ProgramFee>(random, [
      { kind: 'rate' },
      { kind: 'rate' },
      { kind: 'fixed', amount: plain(Number(tick) * Number(lot) * 3, 8) },
      { kind: 'perUnit', amount: plain(Number(tick) * 0.7, 8), minimum: plain(Number(tick) * Number(lot) * 2, 8) },
    ]),
    liquidity: {
      ...(random() < 0.3 ? { volumeShare: pick(random, ['0.1', '0.25', '1']) } : {}),
      ...(random() < 0.15 ? { queue: pick(random, ['0.5', '1', '2']) } : {}),
    },
    latency: randomLatency(random, traded[0]),
    actions: randomActions(random, traded, kind),
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

function randomActions(random: Random, instruments: readonly ProgramInstrument[], account: 'spot' | 'frictionless'): ProgramAction[] {
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
      return order.name;
    };
    const what = random();
    if (what < 0.6 || recent.length === 0) place();
    else if (what < 0.72) {
      const third = random();
      const others = third < 0.2 ? [place()] : third < 0.3 ? [pick(random, recent)] : [];
      actions.push({ ...at, kind: 'oneCancelsOther', names: [place(), place(), ...others] });
    } else if (what < 0.8) actions.push({ ...at, kind: 'cancel', name: pick(random, recent) });
    else if (what < 0.88) actions.push({ ...at, kind: 'amend', name: pick(random, recent), changes: randomChanges(random, close) });
    else if (what < 0.95) actions.push({ ...at, kind: 'protect', protection: somethingOf(random, close) });
    else {
      const name = `o${placed.length + 1}`;
      placed.push(name);
      actions.push({ ...at, kind: 'close', name });
    }
  }
  return actions;
}

interface Market {
  readonly close: number;
  readonly timeMs: number;
  readonly lengthMs: number;
  readonly account: 'spot' | 'frictionless';
}

function randomOrder(random: Random, name: string, market: Market, recent: readonly string[]): ProgramOrder {
  const kind = random() < 0.25 ? 'market' : pick(random, programKinds);
  const side: ProgramSide = random() < (market.account === 'spot' ? 0.7 : 0.5) ? 1 : -1;
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
  return random() < 0.8 ? { orderMs: 0, cancelMs: 0 } : { orderMs: late(), cancelMs: late() };
}
