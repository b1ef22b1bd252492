import { describe, expect, test } from 'vitest';
import { playNaively } from './naive-broker.ts';
import { add, decimal, textOf } from './naive-decimal.ts';
import { at, buy, cancel, endOf, fillsOf, flat, group, hourMs, late, limit, play, type Row, stop, type World } from './naive-worlds.ts';
import { programOf } from './random-program.ts';

const touch = { limitRule: 'touch' } as const;
const optimistic = { policy: 'optimistic' } as const;
const path = { policy: 'path' } as const;

type Fact = readonly [fact: string, world: World, ...fills: string[]];

// biome-ignore format: one fact a line
const facts: readonly Fact[] = [
  // 1 Time
  ['1.2 a market order sent on a close fills at the next open', { rows: [flat, [102, 103, 101, 102]], do: [buy(0, 'a')] }, 'a +1@102 open1'],
  ['1.2 with latency it waits for the open after it is live', { rows: [flat, flat, [105, 105, 105, 105]], with: late(1), do: [buy(0, 'a')] }, 'a +1@105 open2'],
  ['1.2 live exactly at an open it takes part in it', { rows: [flat, flat, [105, 105, 105, 105]], with: late(hourMs), do: [buy(0, 'a')] }, 'a +1@105 open2'],
  ['1.3 live inside a bar it takes no part in that bar', { rows: [flat, [100, 100, 90, 100], [100, 100, 91, 100]], with: late(1), do: [at(0, limit('a', 95))] }, 'a +1@95 in2'],
  ['1.2 sent by a fill at an open it takes part inside that bar', { rows: [flat, [100, 100, 94, 100]], do: [buy(0, 'a'), at(0, limit('b', 95, { after: 'a' }))] }, 'a +1@100 open1', 'b +1@95 in1'],
  // 2 Kinds
  ['2 a buy limit fills at a better open', { rows: [flat, [98, 100, 98, 100]], do: [at(0, limit('a', 99))] }, 'a +1@98 open1'],
  ['2.1 penetrate: an open at the limit fills nobody', { rows: [flat, [99, 100, 99, 100]], do: [at(0, limit('a', 99))] }],
  ['2.1 touch: an open at the limit fills', { rows: [flat, [99, 100, 99, 100]], with: touch, do: [at(0, limit('a', 99))] }, 'a +1@99 open1'],
  ['2.1 penetrate: a low at the limit fills nobody', { rows: [flat, [100, 100, 99, 100]], do: [at(0, limit('a', 99))] }],
  ['2.1 penetrate: a low one tick below fills at the limit', { rows: [flat, [100, 100, 98, 100]], do: [at(0, limit('a', 99))] }, 'a +1@99 in1'],
  ['2.1 touch: a low at the limit fills', { rows: [flat, [100, 100, 99, 100]], with: touch, do: [at(0, limit('a', 99))] }, 'a +1@99 in1'],
  ['2.1 a sell limit looks at the high', { rows: [flat, [100, 102, 100, 100]], do: [at(0, limit('a', 101, { side: -1 }))] }, 'a -1@101 in1'],
  ['2 a buy stop that the open has reached fills at the open', { rows: [flat, [105, 105, 105, 105]], do: [at(0, stop('a', 103))] }, 'a +1@105 open1'],
  ['2 a buy stop fills inside where the high reaches it', { rows: [flat, [100, 103, 100, 100]], do: [at(0, stop('a', 103))] }, 'a +1@103 in1'],
  ['2 a sell stop fills inside where the low reaches it', { rows: [flat, [100, 100, 97, 100]], do: [at(0, stop('a', 97, { side: -1 }))] }, 'a -1@97 in1'],
  ['2 a stop-limit fills at its stop where that is no worse than the limit', { rows: [flat, [100, 103, 100, 100]], do: [at(0, { name: 'a', kind: 'stopLimit', stopPrice: 103, limitPrice: 104 })] }, 'a +1@103 in1'],
  ['2 a stop-limit passed by an open within its limit fills there', { rows: [flat, [104, 104, 104, 104]], do: [at(0, { name: 'a', kind: 'stopLimit', stopPrice: 103, limitPrice: 104 })] }, 'a +1@104 open1'],
  ['2 an open beyond the limit only triggers it; the limit then rests in that bar', { rows: [flat, [106, 106, 103, 105]], do: [at(0, { name: 'a', kind: 'stopLimit', stopPrice: 103, limitPrice: 104 })] }, 'a +1@104 in1'],
  ['2.2 triggered inside with the stop beyond the limit it fills no further on that bar', { rows: [flat, [100, 104, 100, 101], [101, 101, 101, 101]], do: [at(0, { name: 'a', kind: 'stopLimit', stopPrice: 103, limitPrice: 102 })] }, 'a +1@101 open2'],
  ['2 a touched market order fills at the touch price', { rows: [flat, [100, 100, 98, 100]], do: [at(0, { name: 'a', kind: 'marketIfTouched', touchPrice: 98 })] }, 'a +1@98 in1'],
  ['2 a touched market order fills at an open beyond', { rows: [flat, [97, 100, 97, 100]], do: [at(0, { name: 'a', kind: 'marketIfTouched', touchPrice: 98 })] }, 'a +1@97 open1'],
  ['2 a touched limit order rests from the next event on', { rows: [flat, [100, 100, 96, 100], [98, 98, 98, 98]], do: [at(0, { name: 'a', kind: 'limitIfTouched', touchPrice: 98, limitPrice: 99 })] }, 'a +1@98 open2'],
  ['2 an open beyond the touch price triggers a limit and fills it', { rows: [flat, [97, 97, 97, 97]], do: [at(0, { name: 'a', kind: 'limitIfTouched', touchPrice: 98, limitPrice: 99 })] }, 'a +1@97 open1'],
  ['2 on-open fills at the first open of a later day', { rows: [flat, flat, [103, 103, 103, 103]], hours: [22, 23, 24], do: [at(0, { name: 'a', kind: 'onOpen' })] }, 'a +1@103 open24'],
  ['2 on-open sent at midnight belongs to the day that ends', { rows: [flat, flat, [103, 103, 103, 103]], hours: [22, 23, 24], do: [at(1, { name: 'a', kind: 'onOpen' })] }, 'a +1@103 open24'],
  ['2 on-close fills at the close of the bar that ends at midnight', { rows: [flat, [100, 109, 90, 101], flat], hours: [22, 23, 24], do: [at(0, { name: 'a', kind: 'onClose' })] }, 'a +1@101 in23'],
  ['2 on-close fills on a day that ends early, for the next bar is of another', { rows: [flat, [100, 109, 90, 101], flat], hours: [18, 19, 33], do: [at(0, { name: 'a', kind: 'onClose' })] }, 'a +1@101 in19'],
  ['2 on-close fills nowhere where the tape ends within a day', { rows: [flat, flat, flat], hours: [1, 2, 3], do: [at(0, { name: 'a', kind: 'onClose' })] }],
  ['2.3 a limit passed by an open is not slipped', { rows: [flat, [90, 90, 90, 90]], with: { slippage: { kind: 'fixed', fraction: '0.1' } }, do: [at(0, limit('a', 99))] }, 'a +1@90 open1'],
  ['2.3 a stop-limit is slipped at most to its limit', { rows: [flat, [100, 103, 100, 100]], with: { slippage: { kind: 'fixed', fraction: '0.1' } }, do: [at(0, { name: 'a', kind: 'stopLimit', stopPrice: 103, limitPrice: 105 })] }, 'a +1@105 in1'],
  ['2.4 post-only rests after its first open and fills at a later, better one', { rows: [flat, flat, [95, 95, 95, 95]], do: [at(0, limit('a', 99, { postOnly: true }))] }, 'a +1@95 open2'],
  ['2.5 reduce-only is cut to the position', { rows: [flat, flat, flat], do: [buy(0, 'a', { sizeLots: 3 }), buy(1, 'b', { side: -1, sizeLots: 5, reduceOnly: true })] }, 'a +3@100 open1', 'b -3@100 open2'],
  ['2.6 a market order is slipped and the tick that hurts taken', { rows: [flat, [150, 150, 150, 150]], with: { slippage: { kind: 'fixed', fraction: '0.01' } }, do: [buy(0, 'a')] }, 'a +1@152 open1'],
  ['2.6 a sale is slipped downwards', { rows: [flat, [150, 150, 150, 150]], with: { slippage: { kind: 'fixed', fraction: '0.01' } }, do: [buy(0, 'a', { side: -1 })] }, 'a -1@148 open1'],
  // 3 Life
  ['3.2 good till an open it takes no part in it', { rows: [flat, flat, [90, 90, 90, 90]], do: [at(0, limit('a', 95, { timeInForce: { goodTillMs: 2 * hourMs } }))] }],
  ['3.2 good till a close it takes part in that bar', { rows: [flat, [100, 100, 90, 100]], do: [at(0, limit('a', 95, { timeInForce: { goodTillMs: 2 * hourMs } }))] }, 'a +1@95 in1'],
  ['3.2 it expires before a bar that runs across its end', { rows: [flat, [100, 100, 90, 100]], do: [at(0, limit('a', 95, { timeInForce: { goodTillMs: 2 * hourMs - 1 } }))] }],
  ['3.1 a day order lives to the close at midnight', { rows: [flat, [100, 100, 90, 100]], hours: [22, 23], do: [at(0, limit('a', 95, { timeInForce: 'DAY' }))] }, 'a +1@95 in23'],
  ['3.1 a day order takes no part in the open at midnight', { rows: [flat, flat, [90, 90, 90, 90]], hours: [22, 23, 24], do: [at(0, limit('a', 95, { timeInForce: 'DAY' }))] }],
  ['3.1 a day order sent at midnight lives through the day that begins', { rows: [flat, [90, 90, 90, 90]], hours: [23, 24], do: [at(0, limit('a', 95, { timeInForce: 'DAY' }))] }, 'a +1@90 open24'],
  ['3.3 immediate-or-cancel takes part in one open', { rows: [flat, flat, [90, 90, 90, 90]], do: [at(0, limit('a', 95, { timeInForce: 'IOC' }))] }],
  ['3.3 immediate-or-cancel takes what there is', { rows: [[100, 100, 100, 100, 3], flat, flat], with: { liquidity: { volumeShare: '1' } }, do: [buy(0, 'a', { sizeLots: 5, timeInForce: 'IOC' })] }, 'a +3@100 open1'],
  ['3.3 fill-or-kill takes nothing less than all', { rows: [[100, 100, 100, 100, 3], flat, flat], with: { liquidity: { volumeShare: '1' } }, do: [buy(0, 'a', { sizeLots: 5, timeInForce: 'FOK' })] }],
  ['3.4 a cancel takes effect at once', { rows: [flat, flat, [90, 90, 90, 90]], do: [at(0, limit('a', 95)), cancel(1, 'a')] }],
  ['3.4 before a cancel arrives fills stand', { rows: [flat, flat, [90, 90, 90, 90]], with: late(0, 1), do: [at(0, limit('a', 95)), cancel(1, 'a')] }, 'a +1@90 open2'],
  ['3.4 a cancel that arrives as the bar closes comes after what the bar filled', { rows: [flat, flat, [100, 100, 90, 100]], with: late(0, hourMs), do: [at(0, limit('a', 95)), cancel(1, 'a')] }, 'a +1@95 in2'],
  ['3.4 a cancel that arrives inside the bar comes before it', { rows: [flat, flat, [100, 100, 90, 100]], with: late(0, hourMs - 1), do: [at(0, limit('a', 95)), cancel(1, 'a')] }],
  ['3.4 a new price counts from the next event on', { rows: [flat, flat, [100, 100, 96, 100]], do: [at(0, limit('a', 95)), { instrument: 0, bar: 1, kind: 'amend', name: 'a', changes: { limitPrice: 97 } }] }, 'a +1@97 in2'],
  ['3.4 an amended price goes behind all others', { rows: [flat, flat, [90, 90, 90, 90]], account: { cash: '100' }, do: [at(0, limit('a', 95)), at(0, limit('b', 95)), { instrument: 0, bar: 1, kind: 'amend', name: 'a', changes: { limitPrice: 96 } }] }, 'b +1@90 open2'],
  ['3.4 a lowered size keeps its place', { rows: [flat, flat, [90, 90, 90, 90]], account: { cash: '100' }, do: [at(0, limit('a', 95, { sizeLots: 2 })), at(0, limit('b', 95)), { instrument: 0, bar: 1, kind: 'amend', name: 'a', changes: { sizeLots: 1 } }] }, 'a +1@90 open2'],
  // 4 Together
  ['4.1 stop and target of an entry at an open are live in that bar', { rows: [flat, [100, 106, 100, 105]], do: [buy(0, 'a', { sizeLots: 2, stopLoss: { price: 95 }, takeProfit: { price: 105 } })] }, 'a +2@100 open1', 'a.takeProfit -2@105 in1'],
  ['4.1 the one cancels the other', { rows: [flat, [100, 106, 100, 105], [105, 105, 80, 80]], do: [buy(0, 'a', { stopLoss: { price: 95 }, takeProfit: { price: 105 } })] }, 'a +1@100 open1', 'a.takeProfit -1@105 in1'],
  ['4.1 another exit closes the oldest entry first and lowers its stop', { rows: [flat, flat, flat, [90, 90, 90, 90]], do: [buy(0, 'a', { sizeLots: 3, stopLoss: { price: 95 } }), buy(1, 'b', { sizeLots: 2, stopLoss: { price: 94 } }), buy(1, 'c', { side: -1, sizeLots: 2 })] }, 'a +3@100 open1', 'b +2@100 open2', 'c -2@100 open2', 'a.stopLoss -1@90 open3', 'b.stopLoss -2@90 open3'],
  ['4.1 a further part of the entry raises its stop', { rows: [[100, 100, 100, 100, 2], [100, 100, 100, 100, 1], [100, 100, 100, 100, 9], [90, 90, 90, 90]], with: { liquidity: { volumeShare: '1' } }, do: [buy(0, 'a', { sizeLots: 3, stopLoss: { price: 95 } })] }, 'a +2@100 open1', 'a +1@100 open2', 'a.stopLoss -3@90 open3'],
  ['4.1 an attached exit closes its own entry', { rows: [flat, flat, flat, [90, 90, 90, 90], [75, 75, 75, 75]], do: [buy(0, 'a', { sizeLots: 2, stopLoss: { price: 80 } }), buy(1, 'b', { sizeLots: 2, stopLoss: { price: 95 } })] }, 'a +2@100 open1', 'b +2@100 open2', 'b.stopLoss -2@90 open3', 'a.stopLoss -2@75 open4'],
  ['4.2 a distance is from the fill price', { rows: [flat, [110, 110, 106, 107]], do: [buy(0, 'a', { stopLoss: { distance: 3 } })] }, 'a +1@110 open1', 'a.stopLoss -1@107 in1'],
  ['4.2 a fraction is of the fill price, to the nearest tick', { rows: [flat, [110, 110, 100, 107]], do: [buy(0, 'a', { stopLoss: { fraction: '0.05' } })] }, 'a +1@110 open1', 'a.stopLoss -1@105 in1'],
  ['4.2 the step in force is judged at the bar’s open', { rows: [flat, flat, [100, 104, 100, 100], [100, 104, 100, 100]], do: [buy(0, 'a', { takeProfit: [{ afterMs: 0, fraction: '0.09' }, { afterMs: 2 * hourMs, fraction: '0.02' }] })] }, 'a +1@100 open1', 'a.takeProfit -1@102 in3'],
  ['4.3 a protection is as large as the position', { rows: [flat, flat, flat, [90, 90, 90, 90]], do: [buy(0, 'a'), { instrument: 0, bar: 1, kind: 'protect', protection: { stopLoss: { price: 95 } } }, buy(1, 'b', { sizeLots: 2 })] }, 'a +1@100 open1', 'b +2@100 open2', 'protect.0.stopLoss -3@90 open3'],
  ['4.3 it ends when the position turns', { rows: [flat, flat, flat, [90, 90, 90, 90]], do: [buy(0, 'a'), { instrument: 0, bar: 1, kind: 'protect', protection: { stopLoss: { price: 95 } } }, buy(1, 'b', { side: -1, sizeLots: 2 })] }, 'a +1@100 open1', 'b -2@100 open2'],
  ['4.4 the first fill of one cancels the others at the same open', { rows: [flat, [90, 90, 90, 90]], do: [at(0, limit('a', 95)), at(0, limit('b', 96)), group(0, 'a', 'b')] }, 'a +1@90 open1'],
  ['4.4 inside one bar the others take part no more', { rows: [flat, [100, 106, 94, 100]], do: [at(0, limit('a', 95)), at(0, stop('b', 105)), group(0, 'a', 'b')] }, 'a +1@95 in1'],
  ['4.5 held until the other has filled completely', { rows: [[100, 100, 100, 100, 1], [100, 100, 100, 100, 1], flat, flat], with: { liquidity: { volumeShare: '1' } }, do: [buy(0, 'a', { sizeLots: 2 }), buy(0, 'b', { after: 'a' })] }, 'a +1@100 open1', 'a +1@100 open2', 'b +1@100 open3'],
  // 5 Inside one bar
  ['5.1 pessimistic: the stop before the target', { rows: [flat, [100, 106, 94, 100]], do: [buy(0, 'a', { stopLoss: { price: 95 }, takeProfit: { price: 105 } })] }, 'a +1@100 open1', 'a.stopLoss -1@95 in1'],
  ['5.1 optimistic: the target before the stop', { rows: [flat, [100, 106, 94, 100]], with: optimistic, do: [buy(0, 'a', { stopLoss: { price: 95 }, takeProfit: { price: 105 } })] }, 'a +1@100 open1', 'a.takeProfit -1@105 in1'],
  ['5.1 pessimistic: an entry before a target', { rows: [flat, flat, [100, 106, 94, 100]], do: [buy(0, 'a', { takeProfit: { price: 105 } }), at(1, limit('b', 95))] }, 'a +1@100 open1', 'b +1@95 in2', 'a.takeProfit -1@105 in2'],
  ['5.1 optimistic: a target before an entry', { rows: [flat, flat, [100, 106, 94, 100]], with: optimistic, do: [at(0, limit('b', 95)), buy(0, 'a', { takeProfit: { price: 105 } })] }, 'a +1@100 open1', 'a.takeProfit -1@105 in2', 'b +1@95 in2'],
  ['5.2 pessimistic: after an entry inside the stop fills, the target never', { rows: [flat, [100, 108, 94, 100]], do: [at(0, limit('a', 98, { stopLoss: { price: 95 }, takeProfit: { price: 105 } }))] }, 'a +1@98 in1', 'a.stopLoss -1@95 in1'],
  ['5.2 pessimistic: the target of an entry inside waits for the next bar', { rows: [flat, [100, 108, 97, 100], [107, 107, 107, 107]], do: [at(0, limit('a', 98, { takeProfit: { price: 105 } }))] }, 'a +1@98 in1', 'a.takeProfit -1@107 open2'],
  ['5.2 optimistic: the target of an entry inside fills', { rows: [flat, [100, 108, 97, 100]], with: optimistic, do: [at(0, limit('a', 98, { takeProfit: { price: 105 } }))] }, 'a +1@98 in1', 'a.takeProfit -1@105 in1'],
  ['5.2 optimistic: a stop that is not certain does not fill', { rows: [flat, [100, 104, 97, 100]], with: optimistic, do: [at(0, stop('a', 103, { stopLoss: { price: 98 } }))] }, 'a +1@103 in1'],
  ['5.3 optimistic: a stop that the close has reached fills', { rows: [flat, [100, 104, 97, 98]], with: optimistic, do: [at(0, stop('a', 103, { stopLoss: { price: 98 } }))] }, 'a +1@103 in1', 'a.stopLoss -1@98 in1'],
  ['5.3 optimistic: the stop of a limit entry was passed after it', { rows: [flat, [100, 100, 94, 100]], with: optimistic, do: [at(0, limit('a', 98, { stopLoss: { price: 95 } }))] }, 'a +1@98 in1', 'a.stopLoss -1@95 in1'],
  ['5.5 path: at equal distance the low first', { rows: [flat, [100, 106, 94, 100]], with: path, do: [buy(0, 'a', { stopLoss: { price: 94 }, takeProfit: { price: 103 } })] }, 'a +1@100 open1', 'a.stopLoss -1@94 in1'],
  ['5.5 path: the high first where it is nearer', { rows: [flat, [100, 105, 94, 100]], with: path, do: [buy(0, 'a', { stopLoss: { price: 94 }, takeProfit: { price: 103 } })] }, 'a +1@100 open1', 'a.takeProfit -1@103 in1'],
  ['5.5 path: what a fill makes is live on the rest of the walk', { rows: [flat, [100, 110, 97, 100]], with: path, do: [at(0, limit('a', 98, { takeProfit: { price: 105 } }))] }, 'a +1@98 in1', 'a.takeProfit -1@105 in1'],
  ['5.5 path: a target reached before the entry does not fill', { rows: [flat, [100, 106, 90, 99]], with: path, do: [at(0, limit('a', 95, { takeProfit: { price: 103 } }))] }, 'a +1@95 in1'],
  // 6 Trails
  ['6.1 a trail never moves back', { rows: [flat, [100, 106, 103, 104], [104, 104, 102, 103]], do: [at(0, { name: 'a', kind: 'trailingStop', side: -1, stages: [{ distance: 4 }] })] }, 'a -1@102 in2'],
  ['6.1 raised by one bar it is reached in a later one', { rows: [flat, [100, 106, 104, 106], [106, 106, 97, 101]], do: [at(0, { name: 'a', kind: 'trailingStop', side: -1, stages: [{ distance: 9 }] })] }, 'a -1@97 in2'],
  ['6.1 a fraction of the best price, rounded away from it', { rows: [flat, [110, 110, 110, 110], [110, 110, 106, 107]], do: [at(0, { name: 'a', kind: 'trailingStop', side: -1, stages: [{ fraction: '0.025' }] })] }, 'a -1@107 in2'],
  ['6.2 no order until its activation was touched', { rows: [flat, [100, 100, 90, 100], [100, 105, 104, 104], [104, 104, 103, 104]], do: [at(0, { name: 'a', kind: 'trailingStop', side: -1, stages: [{ distance: 2, activation: 105 }] })] }, 'a -1@103 in3'],
  ['6.2 the last stage activated counts', { rows: [flat, [100, 110, 109, 110], [110, 110, 108, 109]], do: [at(0, { name: 'a', kind: 'trailingStop', side: -1, stages: [{ distance: 9 }, { distance: 2, activation: 110 }] })] }, 'a -1@108 in2'],
  ['6.3 an attached trail starts at the price of its entry', { rows: [flat, [105, 105, 103, 104]], do: [buy(0, 'a', { trail: [{ distance: 2 }] })] }, 'a +1@105 open1', 'a.trail -1@103 in1'],
  ['6.4 pessimistic: the level raised by the bar’s own high counts against its low', { rows: [flat, [100, 106, 101, 106]], do: [at(0, { name: 'a', kind: 'trailingStop', side: -1, stages: [{ distance: 4 }] })] }, 'a -1@102 in1'],
  ['6.4 optimistic: only where the close has reached it', { rows: [flat, [100, 106, 101, 106]], with: optimistic, do: [at(0, { name: 'a', kind: 'trailingStop', side: -1, stages: [{ distance: 4 }] })] }],
  ['6.4 the level of before comes first', { rows: [flat, [100, 106, 96, 106]], do: [at(0, { name: 'a', kind: 'trailingStop', side: -1, stages: [{ distance: 4 }] })] }, 'a -1@96 in1'],
  ['6.4 the bar of an entry inside it does not raise its trail', { rows: [flat, [100, 110, 97, 109], [99, 99, 98, 98]], do: [at(0, limit('a', 98, { trail: [{ distance: 2 }] }))] }, 'a +1@98 in1'],
  ['6.5 passed by an open it fills there', { rows: [flat, [90, 90, 90, 90]], do: [at(0, { name: 'a', kind: 'trailingStop', side: -1, stages: [{ distance: 4 }] })] }, 'a -1@90 open1'],
  // 7 Volume
  ['7.1 an open draws on the bar that closed before it', { rows: [[100, 100, 100, 100, 10], [100, 100, 100, 100, 99], flat], with: { liquidity: { volumeShare: '0.25' } }, do: [buy(0, 'a', { sizeLots: 9 })] }, 'a +2@100 open1', 'a +7@100 open2'],
  ['7.1 what one fill has drawn no other draws again', { rows: [[100, 100, 100, 100, 4], flat], with: { liquidity: { volumeShare: '1' } }, do: [buy(0, 'a', { sizeLots: 3 }), buy(0, 'b', { sizeLots: 3 })] }, 'a +3@100 open1', 'b +1@100 open1'],
  ['7.1 the next open draws what the inside of a bar has left of it', { rows: [flat, [100, 103, 100, 100, 4], flat], with: { liquidity: { volumeShare: '1' } }, do: [at(0, stop('a', 103, { sizeLots: 3 })), buy(1, 'b', { sizeLots: 3 })] }, 'a +3@103 in1', 'b +1@100 open2'],
  ['7.3 a touch fills what is beyond the queue', { rows: [[100, 100, 100, 100, 6], [100, 100, 99, 100, 4], [100, 100, 99, 100, 5]], with: { liquidity: { queue: '1' } }, do: [at(0, limit('a', 99, { sizeLots: 9 }))] }, 'a +3@99 in2'],
  ['7.3 a bar that penetrates fills it whole', { rows: [[100, 100, 100, 100, 6], [100, 100, 98, 100, 1]], with: { liquidity: { queue: '1' } }, do: [at(0, limit('a', 99, { sizeLots: 9 }))] }, 'a +9@99 in1'],
  // 8 Costs
  ['8.1 half of a spread in ticks', { rows: [flat, flat], with: { slippage: { kind: 'spread', ticks: 3 } }, do: [buy(0, 'a')] }, 'a +1@102 open1'],
  ['8.1 half of a spread as a fraction', { rows: [flat, flat], with: { slippage: { kind: 'spread', fraction: '0.04' } }, do: [buy(0, 'a', { side: -1 })] }, 'a -1@98 open1'],
  // 10, DESIGN §3.1, §3.5
  ['10.1 an order short of cash is rejected whole', { rows: [flat, flat], account: { kind: 'spot', cash: '199.99' }, do: [buy(0, 'a', { sizeLots: 2 }), buy(0, 'b')] }, 'b +1@100 open1'],
  ['10.1 cash to the last digit is enough', { rows: [flat, flat], account: { kind: 'spot', cash: '200' }, do: [buy(0, 'a', { sizeLots: 2 })] }, 'a +2@100 open1'],
  ['§3.5 spot: a sale beyond the position is refused', { rows: [flat, flat, flat], account: { kind: 'spot' }, do: [buy(0, 'a'), buy(1, 'b', { side: -1, sizeLots: 2 }), buy(1, 'c', { side: -1 })] }, 'a +1@100 open1', 'c -1@100 open2'],
  ['§3.5 frictionless: gross up to equity × leverage', { rows: [flat, flat], account: { cash: '300', leverage: '2' }, do: [buy(0, 'a', { sizeLots: 7 }), buy(0, 'b', { side: -1, sizeLots: 6 })] }, 'b -6@100 open1'],
  ['§3.1 orders of one batch fill by sequence across instruments', { rows: [flat, flat], others: [flat, flat], account: { cash: '100' }, do: [at(0, { name: 'b', kind: 'market' }, 1), buy(0, 'a')] }, 'b +1@100 open1'],
  ['1.3 an order sent inside a longer bar waits for its next', { rows: [flat, flat, flat], hours: [3, 5, 6], others: [flat, [100, 100, 90, 100], [100, 100, 91, 100]], otherHours: [0, 4, 8], otherLengthHours: 4, with: late(hourMs), do: [buy(0, 'a'), at(0, limit('b', 95, { after: 'a' }), 1)] }, 'a +1@100 open5', 'b +1@95 in8'],
];

describe('the naive broker, worked by hand', () => {
  for (const [fact, world, ...fills] of facts)
    test(fact, () => {
      expect(fillsOf(world)).toEqual(fills);
    });
});

type End = readonly [fact: string, world: World, order: string, end: string];
// biome-ignore format: one fact a line
const ends: readonly End[] = [
  ['2.4 post-only is rejected by an open that would take', { rows: [flat, [98, 98, 98, 98]], do: [at(0, limit('a', 99, { postOnly: true }))] }, 'a', 'rejected would take'],
  ['2.5 reduce-only without a position is refused', { rows: [flat, flat], do: [buy(0, 'a', { reduceOnly: true })] }, 'a', 'rejected nothing to reduce'],
  ['2.5 reduce-only whose position has gone is cancelled', { rows: [flat, flat, flat, [105, 105, 105, 105]], do: [buy(0, 'a'), at(1, limit('b', 104, { side: -1, reduceOnly: true })), buy(1, 'c', { side: -1 })] }, 'b', 'cancelled nothing left to reduce'],
  ['3.1 what rests expires with the tape', { rows: [flat, flat], do: [at(0, limit('a', 95))] }, 'a', 'expired the tape ended'],
  ['3.2 a good-till order expires', { rows: [flat, flat], do: [at(0, limit('a', 95, { timeInForce: { goodTillMs: 2 * hourMs } }))] }, 'a', 'expired good till'],
  ['3.2 a good-till order whose time has come when it is sent is refused', { rows: [flat, flat], do: [at(0, limit('a', 95, { timeInForce: { goodTillMs: hourMs } }))] }, 'a', 'rejected not allowed'],
  ['3.3 a stop cannot be immediate', { rows: [flat, flat], do: [at(0, stop('a', 105, { timeInForce: 'IOC' }))] }, 'a', 'rejected not allowed'],
  ['3.3 an immediate limit that does not fill is cancelled', { rows: [flat, flat], do: [at(0, limit('a', 95, { timeInForce: 'IOC' }))] }, 'a', 'cancelled immediate or cancel'],
  ['3.3 fill-or-kill says so', { rows: [flat, flat], do: [at(0, limit('a', 95, { timeInForce: 'FOK' }))] }, 'a', 'cancelled fill or kill'],
  ['3.4 an amended size below what has filled ends it as filled', { rows: [[100, 100, 100, 100, 2], flat, flat], with: { liquidity: { volumeShare: '1' } }, do: [buy(0, 'a', { sizeLots: 9 }), { instrument: 0, bar: 1, kind: 'amend', name: 'a', changes: { sizeLots: 1 } }] }, 'a', 'filled'],
  ['3.4 an order that has ended is not amended', { rows: [flat, flat, flat], do: [buy(0, 'a'), { instrument: 0, bar: 1, kind: 'amend', name: 'a', changes: { sizeLots: 9 } }] }, 'a', 'filled'],
  ['4.1 the other half of a pair is cancelled', { rows: [flat, [100, 106, 100, 105]], do: [buy(0, 'a', { stopLoss: { price: 95 }, takeProfit: { price: 105 } })] }, 'a.stopLoss', 'cancelled nothing left to protect'],
  ['4.2 a stop on the wrong side is refused', { rows: [flat, flat], do: [buy(0, 'a', { stopLoss: { price: 100 } })] }, 'a', 'rejected wrong side'],
  ['4.2 a target on the wrong side of the limit is refused', { rows: [flat, flat], do: [at(0, limit('a', 95, { takeProfit: { price: 95 } }))] }, 'a', 'rejected wrong side'],
  ['4.2 an amend beyond the stop changes nothing', { rows: [flat, flat, [96, 96, 96, 96]], do: [at(0, limit('a', 97, { stopLoss: { price: 95 } })), { instrument: 0, bar: 1, kind: 'amend', name: 'a', changes: { limitPrice: 94 } }] }, 'a', 'filled'],
  ['4.4 the rejection of one cancels the others', { rows: [flat, flat], account: { cash: '50' }, do: [buy(0, 'a'), at(0, limit('b', 90)), group(0, 'a', 'b')] }, 'b', 'cancelled another was filled'],
  ['4.4 the cancel of one leaves the others', { rows: [flat, flat, flat], do: [at(0, limit('a', 91)), at(0, limit('b', 90)), group(0, 'a', 'b'), cancel(1, 'a')] }, 'b', 'expired the tape ended'],
  ['4.5 a held order is cancelled with the one before it', { rows: [flat, flat, flat], do: [at(0, limit('a', 91)), buy(0, 'b', { after: 'a' }), cancel(1, 'a')] }, 'b', 'cancelled the order before it ended'],
  ['10.1 short of cash', { rows: [flat, flat], account: { kind: 'spot', cash: '99.99' }, do: [buy(0, 'a')] }, 'a', 'rejected short of cash'],
];

describe('how an order ends', () => {
  test.each(ends)('%s', (_, world, name, end) => {
    expect(endOf(world, name)).toBe(end);
  });
});

type Doubt = readonly [fact: string, world: World, ...bars: number[]];
// biome-ignore format: one fact a line
const doubts: readonly Doubt[] = [
  ['5.4 stop and target in one bar', { rows: [flat, [100, 106, 94, 100]], do: [buy(0, 'a', { stopLoss: { price: 95 }, takeProfit: { price: 105 } })] }, 1],
  ['5.5 under path no bar is', { rows: [flat, [100, 106, 94, 100]], with: path, do: [buy(0, 'a', { stopLoss: { price: 95 }, takeProfit: { price: 105 } })] }],
  ['5.4 not where only one of them was reached', { rows: [flat, [100, 106, 96, 100]], do: [buy(0, 'a', { stopLoss: { price: 95 }, takeProfit: { price: 105 } })] }],
  ['5.4 two purchases that end alike in either sequence', { rows: [flat, [100, 106, 94, 100]], do: [at(0, limit('a', 95)), at(0, stop('b', 105))] }, 1],
  ['5.4 two purchases of which cash allows one', { rows: [flat, [100, 106, 94, 100]], account: { cash: '110' }, do: [at(0, limit('a', 95)), at(0, stop('b', 105))] }, 1],
  ['5.2 a stop assumed after an entry inside', { rows: [flat, [100, 104, 97, 100]], do: [at(0, stop('a', 103, { stopLoss: { price: 98 } }))] }, 1],
  ['5.3 not a stop that a limit entry passed', { rows: [flat, [100, 100, 94, 100]], do: [at(0, limit('a', 98, { stopLoss: { price: 95 } }))] }],
  ['5.2 a target after a limit entry inside', { rows: [flat, [100, 108, 97, 100]], do: [at(0, limit('a', 98, { takeProfit: { price: 105 } }))] }, 1],
  ['5.3 not a target after a stop entry inside', { rows: [flat, [100, 108, 99, 107]], with: optimistic, do: [at(0, stop('a', 103, { stopLoss: { price: 98 }, takeProfit: { price: 106 } }))] }],
  ['6.4 a raised level that the low has reached and the close not', { rows: [flat, [100, 106, 101, 106]], do: [at(0, { name: 'a', kind: 'trailingStop', side: -1, stages: [{ distance: 4 }] })] }, 1],
  ['6.4 not one that the close has reached', { rows: [flat, [100, 106, 101, 102]], do: [at(0, { name: 'a', kind: 'trailingStop', side: -1, stages: [{ distance: 4 }] })] }],
];

describe('ambiguous bars', () => {
  for (const [fact, world, ...bars] of doubts)
    test(fact, () => {
      expect(play(world).ambiguousBars.map(({ bar }) => bar)).toEqual(bars);
    });
});

describe('money', () => {
  const odd = { tick: '0.01', lot: '0.001', feeRateTaker: '0.001', feeRateMaker: '0.0005' } as const;

  test('a notional and a fee are rounded half away from zero, the fee from the rounded notional', () => {
    // 1.05 × 0.1 = 0.105 → 0.11; 0.11 × 0.05 = 0.0055 → 0.01; 10 − 0.11 − 0.01.
    const rows: Row[] = [flat, [105, 105, 105, 105]];
    const { fills } = play({
      rows,
      instrument: { tick: '0.01', lot: '0.1', feeRateTaker: '0.05' },
      account: { cash: '10' },
      do: [buy(0, 'a')],
    });
    expect(fills[0]).toMatchObject({ notional: '0.11', fee: '0.01', cash: '9.88' });
  });

  test('a limit at rest pays as maker, one passed by an open as taker', () => {
    const rows: Row[] = [flat, [100, 100, 98, 100], [97, 97, 97, 97]];
    const { fills } = play({ rows, instrument: { ...odd, lot: '100' }, do: [at(0, limit('a', 99)), at(1, limit('b', 98))] });
    // 99 and 97 ticks of 0.01 × 100: 99 × 0.0005 = 0.0495 → 0.05; 97 × 0.001 = 0.097 → 0.1.
    expect(fills.map(({ isMaker, fee }) => [isMaker, fee])).toEqual([
      [true, '0.05'],
      [false, '0.1'],
    ]);
  });

  test('a fixed fee is paid for each part', () => {
    const rows: Row[] = [[100, 100, 100, 100, 1], flat, flat];
    const fee = { kind: 'fixed', amount: '1.5' } as const;
    const { fills } = play({ rows, with: { fee, liquidity: { volumeShare: '1' } }, do: [buy(0, 'a', { sizeLots: 2 })] });
    expect(fills.map((fill) => fill.fee)).toEqual(['1.5', '1.5']);
  });

  test('a fee per unit has a minimum and a maximum', () => {
    const fee = { kind: 'perUnit', amount: '0.4', minimum: '1', maximum: '3' } as const;
    const order = (name: string, sizeLots: number) => buy(0, name, { sizeLots });
    const { fills } = play({ rows: [flat, flat], with: { fee }, do: [order('a', 1), order('b', 5), order('c', 50)] });
    expect(fills.map((fill) => fill.fee)).toEqual(['1', '2', '3']);
  });

  test('a multiplier scales the notional', () => {
    const { fills } = play({ rows: [flat, flat], instrument: { multiplier: '10' }, do: [buy(0, 'a', { sizeLots: 2 })] });
    expect(fills[0]).toMatchObject({ notional: '2000', cash: '98000' });
  });

  test('slippage is stated in ticks lost', () => {
    const { fills } = play({
      rows: [flat, flat],
      with: { slippage: { kind: 'fixed', fraction: '0.013' } },
      do: [buy(0, 'a', { side: -1 })],
    });
    expect(fills[0]).toMatchObject({ price: 98, slippageTicks: 2 });
  });
});

const endings = [
  'cancelled another was filled',
  'cancelled by request',
  'cancelled fill or kill',
  'cancelled immediate or cancel',
  'cancelled margin call',
  'cancelled nothing left to protect',
  'cancelled nothing left to reduce',
  'cancelled replaced',
  'cancelled the order before it ended',
  'expired good till',
  'expired the tape ended',
  'filled ',
  'rejected above the maximum',
  'rejected below one lot',
  'rejected below the minimum',
  'rejected beyond the leverage',
  'rejected beyond the margin',
  'rejected beyond the position',
  'rejected ended',
  'rejected margin call',
  'rejected no such price',
  'rejected not allowed',
  'rejected nothing to protect',
  'rejected nothing to reduce',
  'rejected short of cash',
  'rejected the order before it ended',
  'rejected would take',
  'rejected wrong side',
];

describe('random programs', () => {
  const seeds = Array.from({ length: 150 }, (_, seed) => seed);

  test('cash moves by notional and fee exactly, and spot never sells what it has not', () => {
    let checked = 0;
    for (const seed of seeds) {
      const program = programOf(seed);
      // Other fees are paid from elsewhere, and borrowing costs beside fills.
      if (program.feeFrom.kind !== 'quote' || program.account.kind === 'margin') continue;
      const { fills, cash } = playNaively(program);
      let expected = decimal(program.account.cash);
      for (const { side, notional, fee, positionLots } of fills) {
        const paid = side === 1 ? `-${notional}` : notional;
        expected = add(add(expected, decimal(paid)), decimal(fee.startsWith('-') ? fee.slice(1) : `-${fee}`));
        if (program.account.kind === 'spot') expect(positionLots, `seed ${seed}`).toBeGreaterThanOrEqual(0);
      }
      expect(cash, `seed ${seed}`).toBe(textOf(expected));
      checked++;
    }
    expect(checked).toBeGreaterThan(seeds.length / 3);
  });

  test('no price before slippage lies outside its bar, and no order is left open', () => {
    for (const seed of seeds) {
      const program = programOf(seed);
      const { fills, orders } = playNaively(program);
      for (const { instrument, openTimeMs, price, side, slippageTicks } of fills) {
        const bar = program.instruments[instrument].bars.find((one) => one.openTimeMs === openTimeMs);
        const market = price - side * slippageTicks;
        expect(market >= (bar?.low ?? 0) && market <= (bar?.high ?? 0), `seed ${seed}`).toBe(true);
      }
      expect(orders.filter(({ status }) => status === 'open')).toEqual([]);
    }
  });

  test('every kind fills and every way to end comes up', () => {
    const results = seeds.map((seed) => playNaively(programOf(seed)));
    const reasons = new Set(results.flatMap(({ orders }) => orders.map(({ status, reason }) => `${status} ${reason}`)));
    expect([...reasons]).toEqual(expect.arrayContaining(endings));
    const filled = new Set<string>();
    results.forEach(({ orders }, seed) => {
      for (const action of programOf(seed).actions)
        if (action.kind === 'place' && orders.some(({ name, filledLots }) => name === action.order.name && filledLots > 0))
          filled.add(action.order.kind);
    });
    expect(filled.size).toBe(9);
  });

  test('one seed gives one program', () => {
    expect(programOf(7)).toEqual(programOf(7));
    expect(programOf(7)).not.toEqual(programOf(8));
  });
});
