/** Owns how facts of the naive broker are written by hand: bars of an hour as rows, what is done at which bar, what filled where. Never used by a run. */
import { noLatency } from '../costs/latency.ts';
import { playNaively } from './naive-broker.ts';
import type { Program, ProgramAction, ProgramBar, ProgramInstrument, ProgramOrder } from './program.ts';

export const hourMs = 3_600_000;
export type Row = readonly [open: number, high: number, low: number, close: number, volume?: number];
export type Asked = Partial<ProgramOrder> & Pick<ProgramOrder, 'name' | 'kind'>;

export interface World {
  /** Bars of an hour from hour on; a tape of its own for a second instrument. */
  readonly rows: readonly Row[];
  readonly others?: readonly Row[];
  readonly hours?: readonly number[];
  readonly otherHours?: readonly number[];
  readonly otherLengthHours?: number;
  readonly instrument?: Partial<ProgramInstrument>;
  readonly with?: Partial<Program>;
  readonly account?: Partial<Program['account']>;
  readonly do: readonly ProgramAction[];
}

function barsOf(rows: readonly Row[], hours: readonly number[] | undefined, lengthHours = 1): ProgramBar[] {
  return rows.map(([open, high, low, close, volume = 10], i) => {
    const openTimeMs = (hours?.[i] ?? i * lengthHours) * hourMs;
    return { openTimeMs, closeTimeMs: openTimeMs + lengthHours * hourMs, open, high, low, close, volume };
  });
}

export function play(world: World) {
  const rules = { timeframe: '1h', tick: '1', lot: '1', multiplier: '1', feeRateMaker: '0', feeRateTaker: '0' } as const;
  const instruments = [{ ...rules, ...world.instrument, bars: barsOf(world.rows, world.hours) }];
  if (world.others !== undefined) instruments.push({ ...rules, bars: barsOf(world.others, world.otherHours, world.otherLengthHours) });
  return playNaively({
    seed: 0,
    instruments,
    account: { kind: 'frictionless', cash: '100000', leverage: '1', positions: 'net', quoteDecimals: 2, ...world.account },
    policy: 'pessimistic',
    branches: [],
    limitRule: 'penetrate',
    marketFill: 'nextOpen',
    slippage: { kind: 'none' },
    fee: { kind: 'rate' },
    feeFrom: { kind: 'quote' },
    liquidity: {},
    latency: noLatency,
    actions: world.do,
    ...world.with,
  });
}

export const at = (bar: number, asked: Asked, instrument = 0): ProgramAction => ({
  instrument,
  bar,
  kind: 'place',
  order: { side: 1, sizeLots: 1, ...asked },
});
export const buy = (bar: number, name: string, fields: Partial<ProgramOrder> = {}): ProgramAction =>
  at(bar, { name, kind: 'market', ...fields });
export const cancel = (bar: number, name: string): ProgramAction => ({ instrument: 0, bar, kind: 'cancel', name });
const fixed = (ms: number) => ({ kind: 'fixed', ms }) as const;
export const late = (orderMs: number, cancelMs = 0, dataMs = 0) => ({
  latency: { order: fixed(orderMs), cancel: fixed(cancelMs), data: fixed(dataMs) },
});
export const group = (bar: number, ...names: string[]): ProgramAction => ({ instrument: 0, bar, kind: 'oneCancelsOther', names });

/** "name +size@price open1": filled at the open of the second hour of the day; in1: inside that hour. */
export function fillsOf(world: World): string[] {
  return play(world).fills.map(({ order, side, sizeLots, price, timeMs, openTimeMs }) => {
    const place = timeMs === openTimeMs ? 'open' : 'in';
    return `${order} ${side === 1 ? '+' : '-'}${sizeLots}@${price} ${place}${openTimeMs / hourMs}`;
  });
}
export function endOf(world: World, name: string): string {
  const order = play(world).orders.find((one) => one.name === name);
  return `${order?.status} ${order?.reason}`.trim();
}

export const flat: Row = [100, 100, 100, 100];
export const limit = (name: string, limitPrice: number, fields: Partial<ProgramOrder> = {}): Asked => ({
  name,
  kind: 'limit',
  limitPrice,
  ...fields,
});
export const stop = (name: string, stopPrice: number, fields: Partial<ProgramOrder> = {}): Asked => ({
  name,
  kind: 'stop',
  stopPrice,
  ...fields,
});
