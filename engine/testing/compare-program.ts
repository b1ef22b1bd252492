/**
 * Owns the comparison of two brokers over one program: the engine's, through its public play(), and the naive one. Says the first thing in which they
 * differ, and makes a program that shows it small. Never says who is right.
 */
import { isNone, noLatency } from '../costs/latency.ts';
import { Grid } from '../model/grid.ts';
import type { Order } from '../model/order.ts';
import { type NaiveResult, playNaively } from './naive-broker.ts';
import { add, decimal, subtract, textOf } from './naive-decimal.ts';
import { slotsOf } from './naive-orders.ts';
import { namesOf, type ProgramRun, playProgram } from './play-program.ts';
import type { Program, ProgramBar, ProgramInstrument } from './program.ts';
import { purseCurrency } from './program-settings.ts';
import { programOf } from './random-program.ts';

/** What a broker made of a program, in words that two brokers can be compared by. */
interface Account {
  readonly fills: readonly string[];
  /** "name: status reason, so much filled", by name. */
  readonly ends: readonly string[];
  readonly cash: string;
  readonly purse: string;
  readonly charges: string;
  readonly positions: string;
  readonly ambiguous: string;
}

export interface Comparison {
  readonly fillCount: number;
  /** '' where the two agree. */
  readonly difference: string;
}

/** altered: what the engine plays instead, to see that a difference is found. */
export function compareProgram(program: Program, altered: (program: Program) => Program = (same) => same): Comparison {
  const naive = ofNaive(playNaively(program));
  const fillCount = naive.fills.length;
  try {
    return { fillCount, difference: differenceOf(ofEngine(playProgram(altered(program)), program), naive) };
  } catch (error) {
    return { fillCount, difference: `the engine threw ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Compares over the program of a seed; a difference comes with the smallest program found that still differs. */
export function compareSeed(seed: number): Comparison {
  const program = programOf(seed);
  const { fillCount, difference } = compareProgram(program);
  if (difference === '') return { fillCount, difference };
  const small = shrink(program);
  return { fillCount, difference: `seed ${seed}: ${compareProgram(small).difference}\n${programText(small)}` };
}

/** One line for each part: rules but the rates of a purse, instruments with their bars as open, high, low, close, actions. */
function programText({ instruments, actions, ...rules }: Program): string {
  const rows = (bars: readonly ProgramBar[]): string =>
    bars
      .map(
        ({ openTimeMs, open, high, low, close, volume }, k) =>
          `#${k} ${hours(openTimeMs)} ${open} ${high} ${low} ${close} volume ${volume}`,
      )
      .join(' | ');
  const tapes = instruments.map(({ bars, finer = [], ...instrument }, i) => {
    const finerRows = finer.length === 0 ? '' : `\n    finer: ${rows(finer)}`;
    return `  instrument ${i} ${JSON.stringify(instrument)}: ${rows(bars)}${finerRows}`;
  });
  const short = JSON.stringify(rules, (key, value) => (key === 'rates' ? undefined : value));
  return [short, ...tapes, ...actions.map((action) => `  ${JSON.stringify(action)}`)].join('\n');
}

function differenceOf(engine: Account, naive: Account): string {
  for (const part of ['fills', 'ends'] as const) {
    const count = Math.max(engine[part].length, naive[part].length);
    for (let i = 0; i < count; i++) {
      const [a, b] = [engine[part].at(i) ?? 'nothing', naive[part].at(i) ?? 'nothing'];
      if (a !== b) return `${part} ${i}: engine ${a} | naive ${b}`;
    }
  }
  for (const part of ['cash', 'purse', 'charges', 'positions', 'ambiguous'] as const)
    if (engine[part] !== naive[part]) return `${part}: engine ${engine[part]} | naive ${naive[part]}`;
  return '';
}

function ofNaive(result: NaiveResult): Account {
  const { fills, orders, cash, purse, interest, borrowFees, liquidationFees, positionsLots, ambiguousBars, decidedBars, notRefinedBars } =
    result;
  return {
    fills: fills.map((fill, i) =>
      fillText({
        ...fill,
        price: String(fill.price),
        size: String(fill.sizeLots),
        notional: Number(fill.notional),
        fee: Number(fill.fee),
        slippage: Number(fill.notional) === 0 ? '' : String(fill.slippageTicks),
        // The engine's cash is seen behind all fills of an event.
        cash: isLastOfEvent(fills, i) ? Number(fill.cash) : Number.NaN,
      }),
    ),
    ends: orders.map(({ name, status, reason, filledLots }) => `${name}: ${status} ${reason} ${filledLots}`).sort(),
    cash: textOf(decimal(cash)),
    purse: textOf(decimal(purse)),
    charges: [interest, borrowFees, liquidationFees].map((amount) => textOf(decimal(amount))).join(', '),
    positions: positionsLots.join(', '),
    ambiguous: `${ambiguousBars.length} and ${decidedBars.length} decided, ${notRefinedBars.length} not refined`,
  };
}

function ofEngine(run: ProgramRun, program: Program): Account {
  const { result, cashSeen } = run;
  const { interest = '0', borrowFees = '0', liquidationFees = '0' } = result.ledger;
  const names = namesOf(run);
  const instruments = slotsOf(program).map((slot) => program.instruments[slot % program.instruments.length]);
  const ticks = instruments.map(({ tick }) => new Grid(Number(tick)));
  const lots = instruments.map(({ lot }) => new Grid(Number(lot)));
  return {
    fills: result.fills.map((fill, i) => {
      const { instrumentIndex, notionalQuote, slippageQuote, priceQuote } = fill;
      const tick = Number(instruments[instrumentIndex].tick);
      return fillText({
        order: names.get(fill.orderId) ?? `order ${fill.orderId}`,
        slot: instrumentIndex,
        timeMs: fill.timeMs,
        openTimeMs: fill.openTimeMs,
        side: fill.side,
        price: stepsText(ticks[instrumentIndex], priceQuote),
        size: stepsText(lots[instrumentIndex], fill.sizeBase),
        notional: notionalQuote,
        fee: fill.feeQuote,
        slippage: notionalQuote === 0 ? '' : String(Math.round(((slippageQuote / notionalQuote) * priceQuote) / tick)),
        cash: isLastOfEvent(result.fills, i) ? cashSeen[i] : Number.NaN,
      });
    }),
    ends: result.orders
      .map((order) => {
        const filled = stepsText(lots[order.instrumentIndex], order.filledBase);
        return `${names.get(order.id)}: ${order.status} ${reasonClass(order)} ${filled}`;
      })
      .sort(),
    cash: cashOf(result.ledger),
    purse: program.feeFrom.kind === 'purse' ? cashOf(result.otherLedgers[purseCurrency]) : '0',
    charges: [interest, borrowFees, liquidationFees].map((amount) => textOf(decimal(amount))).join(', '),
    positions: slotsOf(program)
      .map((i) => {
        const open = result.openPositions.find(({ instrumentIndex }) => instrumentIndex === i);
        return open === undefined ? '0' : stepsText(lots[i], open.sizeBase);
      })
      .join(', '),
    ambiguous: `${result.ambiguousBarCount} and ${result.decidedBarCount} decided, ${result.notRefinedBarCount} not refined`,
  };
}

interface FillWords {
  readonly order: string;
  readonly slot: number;
  readonly timeMs: number;
  readonly openTimeMs: number;
  readonly side: number;
  readonly price: string;
  readonly size: string;
  readonly notional: number;
  readonly fee: number;
  readonly slippage: string;
  readonly cash: number;
}

function fillText(fill: FillWords): string {
  const { order, slot, timeMs, openTimeMs, side, price, size, notional, fee, slippage, cash } = fill;
  const when = `${hours(timeMs)}${timeMs === openTimeMs ? '' : ` in ${hours(openTimeMs)}`}`;
  const known = Number.isNaN(cash) ? '' : ` cash ${cash}`;
  return `${order} on ${slot} at ${when} ${side * 1 > 0 ? '+' : '-'}${size} @${price} = ${notional} fee ${fee} slipped ${slippage}${known}`;
}

function hours(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(5, 16);
}

/** Whole steps, or the number itself where it does not lie on the grid. */
function stepsText(grid: Grid, value: number): string {
  const steps = grid.stepsOf(value);
  return grid.at(steps) === value ? String(steps) : `${value} off the grid`;
}

/** The last of the fills that the strategy is told of at once. */
function isLastOfEvent(fills: readonly { readonly timeMs: number; readonly openTimeMs: number }[], i: number): boolean {
  const next = fills.at(i + 1);
  if (i + 1 >= fills.length || next === undefined) return true;
  return next.timeMs !== fills[i].timeMs || (next.openTimeMs === next.timeMs) !== (fills[i].openTimeMs === fills[i].timeMs);
}

/** deposit + sales − purchases − fees − what was charged beside, exact. */
function cashOf(ledger: Readonly<Record<string, string>>): string {
  const { deposit, sales, purchases, fees, interest = '0', borrowFees = '0', liquidationFees = '0' } = ledger;
  const paid = [purchases, fees, interest, borrowFees, liquidationFees].map(decimal).reduce(add);
  return textOf(subtract(add(decimal(deposit), decimal(sales)), paid));
}

/** The engine's reasons without their numbers, in the naive broker's words; what is not here is compared as it is. */
const reasons: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^by the strategy$/, 'by request'],
  [/^order \d+ (filled|was rejected)$/, 'another was filled'],
  [/^order \d+, which was to cancel it, has ended$/, 'another was filled'],
  [/^order \d+, (which it waited for|after which it was to be sent), has ended/, 'the order before it ended'],
  [/^(the position it protected was closed|the (stop|target|trailing stop) filled)$/, 'nothing left to protect'],
  [/^another protection took its place$/, 'replaced'],
  [/^good till /, 'good till'],
  [/^would take at the open/, 'would take'],
  [/ order (waits for its price|takes)$|^goodTillMs .* it could never take part$/, 'not allowed'],
  [/^(costs|brings) /, 'short of cash'],
  [/the price that this order is judged at/, 'wrong side'],
  [/^(sells|closes) /, 'beyond the position'],
  [/^gross notional /, 'beyond the leverage'],
  [/^initial margin would be /, 'beyond the margin'],
  [/^(by the|a) margin call/, 'margin call'],
  [/^no price is known yet/, 'no price'],
  [/^reduce-only, and /, 'nothing to reduce'],
  [/ is below one lot( of .*)?$/, 'below one lot'],
  [/ is below the instrument's minimum /, 'below the minimum'],
  [/ is above the instrument's maximum /, 'above the maximum'],
  [/^no position to protect/, 'nothing to protect'],
  [/ has ended, and cannot be amended$/, 'ended'],
  [/ has no (limit|stop|touch) price to amend$/, 'no such price'],
  [/ is held, and is sized when it is sent$/, 'held'],
];

function reasonClass({ reason }: Order): string {
  return reasons.find(([pattern]) => pattern.test(reason))?.[1] ?? reason;
}

/** The smallest program that still differs, by leaving out actions, bars from the end, parts of orders and rules, until nothing more can go. */
export function shrink(program: Program, altered?: (program: Program) => Program): Program {
  let smallest = program;
  let smaller: Program | undefined = program;
  while (smaller !== undefined) {
    smallest = smaller;
    smaller = [...smallerThan(smallest)].find((one) => compareProgram(one, altered).difference !== '');
  }
  return smallest;
}

function* smallerThan(program: Program): Generator<Program> {
  const { actions, instruments } = program;
  for (let size = Math.floor(actions.length / 2); size >= 1; size = Math.floor(size / 2))
    for (let from = 0; from < actions.length; from += size)
      yield { ...program, actions: [...actions.slice(0, from), ...actions.slice(from + size)] };
  for (let i = 0; i < instruments.length; i++) {
    const lastBar = actions.reduce((last, action) => (action.instrument === i && 'bar' in action ? Math.max(last, action.bar) : last), 0);
    for (const count of [lastBar + 1, lastBar + 2, instruments[i].bars.length - 1])
      if (count < instruments[i].bars.length && count > lastBar)
        yield {
          ...program,
          instruments: instruments.map((one, k) => (k === i ? { ...one, bars: one.bars.slice(0, count) } : one)),
        };
  }
  for (let a = 0; a < actions.length; a++) {
    const action = actions[a];
    if (action.kind !== 'place') continue;
    for (const name of ['stopLoss', 'takeProfit', 'trail', 'timeInForce', 'postOnly', 'reduceOnly', 'after'] as const) {
      if (!(name in action.order)) continue;
      const { [name]: _, ...order } = action.order;
      yield { ...program, actions: actions.map((one, k) => (k === a ? { ...action, order } : one)) };
    }
  }
  for (let i = 0; i < instruments.length; i++) {
    const { rules = [], ...one } = instruments[i];
    const withRules = (kept: ProgramInstrument['rules']): Program => ({
      ...program,
      instruments: instruments.map((other, k) => (k !== i ? other : kept === undefined ? one : { ...one, rules: kept })),
    });
    if (rules.length > 0) yield withRules(undefined);
    for (let k = 1; k < rules.length; k++) yield withRules(rules.filter((_, place) => place !== k));
  }
  if (program.slippage.kind !== 'none') yield { ...program, slippage: { kind: 'none' } };
  if (program.feeFrom.kind !== 'quote') yield { ...program, feeFrom: { kind: 'quote' } };
  if (instruments.some(({ finer = [] }) => finer.length > 0))
    for (let i = 0; i < instruments.length; i++) {
      const { openTimeMs = 0 } = instruments[i].bars.at(-1) ?? {};
      const firstMs = instruments[i].bars.at(-3)?.openTimeMs ?? 0;
      const finer = (instruments[i].finer ?? []).filter((bar) => bar.openTimeMs >= firstMs || bar.openTimeMs >= openTimeMs);
      if (finer.length < (instruments[i].finer ?? []).length)
        yield { ...program, instruments: instruments.map((one, k) => (k === i ? { ...one, finer } : one)) };
    }
  if (program.marketFill !== 'nextOpen') yield { ...program, marketFill: 'nextOpen' };
  if (Object.values(program.latency).some((rule) => !isNone(rule))) yield { ...program, latency: noLatency };
  if (Object.keys(program.liquidity).length > 0) yield { ...program, liquidity: {} };
  if (instruments.length > 1 && actions.every(({ instrument }) => instrument < instruments.length - 1))
    yield { ...program, instruments: instruments.slice(0, -1) };
}
