/**
 * Owns how a program is played by the engine: through its public play(), as a strategy that does what the program says at the close of each bar.
 * Never judges what comes of it; engine/testing/compare-program.ts does.
 */

import { assert } from '../errors.ts';
import type { Tape } from '../model/bar.ts';
import type { Fill } from '../model/fill.ts';
import { Grid } from '../model/grid.ts';
import type { RuleChange } from '../model/instrument.ts';
import type { Order } from '../model/order.ts';
import type { Timeframe } from '../model/timeframe.ts';
import type { PlayInput } from '../play.ts';
import type { ConversionTape } from '../portfolio/conversion.ts';
import type { RunResult } from '../result.ts';
import type { Recording } from '../run-state.ts';
import type { ReplayMode } from '../settings.ts';
import { decimal } from './naive-decimal.ts';
import type { ScriptInput } from './play-script.ts';
import { playScript, scriptInput, type Turn } from './play-script.ts';
import type {
  Program,
  ProgramAction,
  ProgramInstrument,
  ProgramLeg,
  ProgramLevel,
  ProgramOffset,
  ProgramOrder,
  ProgramProtection,
  ProgramTrailStage,
} from './program.ts';
import type { ProgramRules } from './program-rules.ts';
import { purseCurrency, settingsFrom } from './program-settings.ts';
import { type BarRow, instrumentOf, tapeOf } from './tapes.ts';

/** A run, and what the program's names for orders became. */
export interface ProgramRun {
  readonly result: RunResult;
  readonly idByName: ReadonlyMap<string, number>;
  /** For each fill the cash that the strategy saw when it was told of it: behind all fills of that event. */
  readonly cashSeen: readonly number[];
}

export function playProgram(program: Program): ProgramRun {
  const idByName = new Map<string, number>();
  const cashSeen: number[] = [];
  const actor = new Actor(program, idByName);
  const result = playScript({
    ...scriptOf(program, actor),
    onFill(fill: Fill, turn: Turn) {
      cashSeen.push(turn.account.cashOf('USDT'));
      actor.told(fill, turn);
    },
  });
  return { result, idByName, cashSeen };
}

/** A run of a program whose strategy is called where it acts, and nowhere else: wake conditions say so. */
export function wakingInput(program: Program, more: { readonly replay: ReplayMode; readonly recording: Recording }): PlayInput {
  const actsAt = new Set(
    program.actions.flatMap((action) => ('bar' in action ? [program.instruments[0].bars[action.bar].closeTimeMs] : [])),
  );
  // Each evaluation of the strategy acts anew.
  let actor = new Actor(program, new Map());
  const script = scriptOf(program, {
    play: (turn) => actor.play(turn),
  });
  const input = scriptInput({
    ...script,
    settings: { ...script.settings, replay: more.replay },
    recording: more.recording,
    wakesAt: (timeMs) => actsAt.has(timeMs),
    onFill: (fill, turn) => actor.told(fill, turn),
  });
  return {
    ...input,
    strategy() {
      actor = new Actor(program, new Map());
      return input.strategy();
    },
  };
}

function scriptOf(program: Program, actor: Pick<Actor, 'play'>): ScriptInput {
  return {
    tapes: program.instruments.map(tapeOfInstrument),
    instruments: program.instruments.map((one, i) => instrumentFrom(one, i, program)),
    settings: settingsFrom(program),
    conversions: conversionsFrom(program),
    finer: program.instruments.flatMap(finerTapeOfInstrument),
    always: (turn) => actor.play(turn),
  };
}

/** Does what the program says, in the engine's words. */
class Actor {
  readonly #program: Program;
  readonly #idByName: Map<string, number>;
  readonly #ticks: readonly Grid[];
  readonly #lots: readonly Grid[];
  readonly #actionsByMs = new Map<number, ProgramAction[]>();
  readonly #filled = new Set<number>();

  constructor(program: Program, idByName: Map<string, number>) {
    this.#program = program;
    this.#idByName = idByName;
    this.#ticks = program.instruments.map(({ tick }) => new Grid(Number(tick)));
    this.#lots = program.instruments.map(({ lot }) => new Grid(Number(lot)));
    for (const action of program.actions) {
      if (!('bar' in action)) continue;
      const timeMs = program.instruments[action.instrument].bars[action.bar].closeTimeMs;
      const known = this.#actionsByMs.get(timeMs);
      if (known === undefined) this.#actionsByMs.set(timeMs, [action]);
      else known.push(action);
    }
  }

  play(turn: Turn): void {
    for (const action of this.#actionsByMs.get(turn.timeMs) ?? []) this.#act(action, turn);
  }

  told({ orderId }: Fill, turn: Turn): void {
    if (this.#filled.has(orderId)) return;
    this.#filled.add(orderId);
    for (const action of this.#program.actions)
      if ('fillOf' in action && this.#idByName.get(action.fillOf) === orderId) this.#act(action, turn);
  }

  #act(action: ProgramAction, { series }: Turn): void {
    const { order } = series[action.instrument];
    switch (action.kind) {
      case 'place':
        this.#place(action.order, action.instrument, order);
        return;
      case 'cancel':
        if (this.#idByName.has(action.name)) order.cancel(this.#idOf(action.name));
        return;
      case 'amend': {
        if (!this.#idByName.has(action.name)) return;
        // Prices and sizes on the grid of the order's own instrument.
        const instrument = this.#instrumentOf(action.name);
        const { sizeLots, ...prices } = action.changes;
        const priced = Object.entries(prices).map(([name, ticks]) => [name, this.#ticks[instrument].at(ticks)]);
        const sized = sizeLots === undefined ? {} : { sizeBase: this.#lots[instrument].at(sizeLots) };
        series[instrument].order.amend(this.#idOf(action.name), { ...Object.fromEntries(priced), ...sized });
        return;
      }
      case 'oneCancelsOther': {
        const ids = action.names.map((name) => this.#idByName.get(name)).filter((id) => id !== undefined);
        if (ids.length > 1) order.oneCancelsOther(ids);
        return;
      }
      case 'protect':
        if (Object.keys(action.protection).length > 0)
          order.protect({ ...this.#protection(action.protection, action.instrument), ...legOf(action) });
        return;
      case 'close': {
        const id = order.close(legOf(action));
        if (id >= 0) this.#idByName.set(action.name, id);
      }
    }
  }

  #place(order: ProgramOrder, instrument: number, entry: Turn['order']): void {
    const price = (ticks: number | undefined): number => this.#ticks[instrument].at(ticks ?? Number.NaN);
    const { timeInForce, after } = order;
    // Nobody can name an order that was not sent before: such a wish is a fault of the strategy, not a refusal.
    if (after !== undefined && !this.#idByName.has(after)) return;
    const wish = {
      side: order.side,
      sizeBase: this.#lots[instrument].at(order.sizeLots),
      ...this.#protection(order, instrument),
      ...(typeof timeInForce === 'object' ? timeInForce : timeInForce === undefined ? {} : { timeInForce }),
      ...(order.reduceOnly === undefined ? {} : { reduceOnly: order.reduceOnly }),
      ...(after === undefined ? {} : { after: this.#idOf(after) }),
      ...legOf(order),
    };
    const id = ((): number => {
      switch (order.kind) {
        case 'limit':
          return entry.limit({ ...wish, limitPrice: price(order.limitPrice), postOnly: order.postOnly === true });
        case 'stop':
          return entry.stop({ ...wish, stopPrice: price(order.stopPrice) });
        case 'stopLimit':
          return entry.stopLimit({ ...wish, stopPrice: price(order.stopPrice), limitPrice: price(order.limitPrice) });
        case 'marketIfTouched':
          return entry.marketIfTouched({ ...wish, touchPrice: price(order.touchPrice) });
        case 'limitIfTouched':
          return entry.limitIfTouched({ ...wish, touchPrice: price(order.touchPrice), limitPrice: price(order.limitPrice) });
        case 'trailingStop':
          return entry.trailingStop({ ...wish, trail: this.#stages(order.stages ?? [], instrument) });
        default:
          return entry[order.kind](wish);
      }
    })();
    this.#idByName.set(order.name, id);
  }

  #protection({ stopLoss, takeProfit, trail }: ProgramProtection, instrument: number) {
    const level = (given: ProgramLevel) => {
      if ('price' in given) return this.#ticks[instrument].at(given.price);
      return 'fraction' in given ? { fraction: Number(given.fraction) } : { distance: this.#ticks[instrument].at(given.distance) };
    };
    const target = (given: NonNullable<ProgramProtection['takeProfit']>) =>
      'length' in given ? given.map(({ afterMs, fraction }) => ({ afterMs, fraction: Number(fraction) })) : level(given);
    return {
      ...(stopLoss === undefined ? {} : { stopLoss: level(stopLoss) }),
      ...(takeProfit === undefined ? {} : { takeProfit: target(takeProfit) }),
      ...(trail === undefined ? {} : { trail: this.#stages(trail, instrument) }),
    };
  }

  #stages(stages: readonly ProgramTrailStage[], instrument: number) {
    const ticks = this.#ticks[instrument];
    const offset = (one: ProgramOffset) => ('distance' in one ? { distance: ticks.at(one.distance) } : { fraction: Number(one.fraction) });
    return stages.map((stage) => {
      const { activation } = stage;
      if (activation === undefined) return offset(stage);
      return { ...offset(stage), activation: typeof activation === 'number' ? ticks.at(activation) : offset(activation) };
    });
  }

  /** An id that no order has for a name that none was given: closes of nothing, and names of later orders. */
  #idOf(name: string): number {
    const id = this.#idByName.get(name);
    assert(id !== undefined, `nothing was sent by the name ${name}`);
    return id;
  }

  #instrumentOf(name: string): number {
    const placing = this.#program.actions.find(
      (action) => (action.kind === 'place' && action.order.name === name) || (action.kind === 'close' && action.name === name),
    );
    return placing?.instrument ?? 0;
  }
}

function conversionsFrom({ feeFrom, account: { quoteDecimals } }: Program): ConversionTape[] {
  if (feeFrom.kind !== 'purse') return [];
  const { rates, decimals: baseDecimals } = feeFrom;
  const tape = tapeOf(
    rates.map(({ close }): BarRow => [Number(close), Number(close), Number(close), Number(close)]),
    { symbol: `${purseCurrency}/USDT`, timeframe: '12h', openTimesMs: rates.map(({ openTimeMs }) => openTimeMs) },
  );
  return [{ tape, baseCurrency: purseCurrency, quoteCurrency: 'USDT', baseDecimals, quoteDecimals }];
}

function legOf({ leg }: { readonly leg?: ProgramLeg }): { readonly leg?: ProgramLeg } {
  return leg === undefined ? {} : { leg };
}

export function symbolOf(instrument: number): string {
  return `I${instrument}/USDT`;
}

function finerTapeOfInstrument(one: ProgramInstrument, i: number): Tape[] {
  const { finer, finerTimeframe } = one;
  return finer === undefined || finerTimeframe === undefined
    ? []
    : [tapeOfInstrument({ ...one, timeframe: finerTimeframe, bars: finer }, i)];
}

function tapeOfInstrument(
  { tick, lot, timeframe, bars }: Pick<ProgramInstrument, 'tick' | 'lot' | 'bars'> & { readonly timeframe: Timeframe },
  i: number,
): Tape {
  const ticks = new Grid(Number(tick));
  const lots = new Grid(Number(lot));
  return tapeOf(
    bars.map(({ open, high, low, close, volume }) => [ticks.at(open), ticks.at(high), ticks.at(low), ticks.at(close), lots.at(volume)]),
    { symbol: symbolOf(i), timeframe, openTimesMs: bars.map(({ openTimeMs }) => openTimeMs) },
  );
}

function instrumentFrom(one: ProgramInstrument, i: number, { account, fee, feeFrom }: Program) {
  const { feeRateMaker, feeRateTaker } = one;
  const [first, ...later] = one.rules ?? [{ fromMs: 0, tickStep: 1, lotStep: 1, minimumNotional: '0', feeRateMaker, feeRateTaker }];
  const ticks = new Grid(Number(one.tick));
  const lots = new Grid(Number(one.lot));
  const changeOf = (rules: ProgramRules): RuleChange => ({
    fromMs: rules.fromMs,
    tickSize: ticks.at(rules.tickStep),
    lotSize: lots.at(rules.lotStep),
    minimumNotionalQuote: Number(rules.minimumNotional),
    ...(rules.maximumLots === undefined ? {} : { maximumQuantityBase: lots.at(rules.maximumLots) }),
    feeRateMaker: fee.kind === 'rate' ? Number(rules.feeRateMaker) : 0,
    feeRateTaker: fee.kind === 'rate' ? Number(rules.feeRateTaker) : 0,
  });
  const { fromMs: _from, ...rules } = changeOf(first);
  const { quoteDecimals } = account;
  const changes = later.length === 0 ? {} : { changes: later.map(changeOf) };
  // Fees in base are whole lots.
  const base = feeFrom.kind === 'base' ? { baseDecimals: decimal(one.lot).scale } : {};
  return instrumentOf({ symbol: symbolOf(i), multiplier: Number(one.multiplier), quoteDecimals, ...base, ...rules, ...changes });
}

/** The engine's orders by the names that the naive broker gives them: those it made itself by what they protect. */
export function namesOf({ result, idByName }: ProgramRun): Map<number, string> {
  const names = new Map<number, string>();
  for (const [name, id] of idByName) names.set(id, name);
  const counts = new Map<string, number>();
  for (const order of result.orders.toSorted((a, b) => a.id - b.id)) {
    if (names.has(order.id)) continue;
    if (order.role === 'own') {
      const last = firstNamedBehind(order.id, names);
      const count = (counts.get(last) ?? 0) + 1;
      counts.set(last, count);
      names.set(order.id, `${last}.part${count}`);
      continue;
    }
    const stem = stemOf(order, names);
    const count = (counts.get(stem) ?? 0) + 1;
    counts.set(stem, count);
    names.set(order.id, count === 1 ? stem : `${stem}.${count}`);
  }
  return names;
}

/** Of a close in several orders the strategy is told the last: those in front of it are its parts. */
function firstNamedBehind(id: number, names: ReadonlyMap<number, string>): string {
  let behind = id + 1;
  while (!names.has(behind)) behind++;
  return names.get(behind) ?? '';
}

function stemOf({ role, parentId, instrumentIndex }: Order, names: ReadonlyMap<number, string>): string {
  if (role === 'liquidation') return `liquidation.${instrumentIndex}`;
  return `${parentId >= 0 ? names.get(parentId) : `protect.${instrumentIndex}`}.${role}`;
}
