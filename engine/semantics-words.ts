/** Owns what each rule of the semantics says, in words, and the order in which rules are compared. Never decides anything by one. */
import type { Semantics } from './settings.ts';

export type SemanticsRule = Exclude<keyof Semantics, 'profile'>;

/** What each choice of each rule means, as a sentence without its end; in the order of Semantics. RULES.md §13 has more. */
export const semanticsWords: { readonly [Rule in SemanticsRule]: Readonly<Record<Semantics[Rule], string>> } = Object.freeze({
  limitFill: {
    penetrate: 'a limit fills where the price goes through it',
    touch: 'a limit fills where the price touches it',
  },
  marketFill: {
    nextOpen: 'a market order fills at the next open',
    close: 'a market order fills at the close that decided it',
  },
  sizingAt: {
    submit: 'a size that depends on a price becomes a quantity when the order is sent',
    fill: 'a size that depends on a price becomes a quantity at the price of its fill',
  },
  grid: {
    instrument: 'prices lie on the tick and sizes on the lot',
    lots: 'sizes lie on the lot and prices are taken as they are',
    wholeUnits: 'sizes are whole units and prices are taken as they are',
  },
  moneyDecimals: {
    instrument: 'money is rounded to the decimals of its currency',
    none: 'money is a double, never rounded',
  },
  slippageOn: {
    allFills: 'every fill that takes pays slippage',
    entries: 'entries alone pay slippage',
    ownOrders: 'stops and targets that protect fill without slippage',
  },
  buyingPower: {
    account: 'an order fills as the kind of account allows, or is rejected whole',
    cash: 'a buy is cut to what cash pays for, and a sale needs no cover',
  },
  gapFill: {
    open: 'what an open has passed fills at that open',
    ownPrice: 'what an open has passed fills at its own price, which the bar may never have had',
    ownPriceInBar: 'what an open has passed fills at its own price where the bar had it',
  },
  lastBarEntry: {
    fill: 'entries fill on the last bar as on any other',
    never: 'nothing is entered on the last bar',
  },
  protectsFrom: {
    fill: 'stop and target protect from the fill of their entry on',
    nextBar: 'stop and target protect from the bar after their entry on',
  },
  stopEntryFill: {
    stop: 'an entry by a stop fills at the stop',
    barOpen: 'an entry by a stop fills at the open before it was reached: it looks ahead',
  },
  trailFollows: {
    everyPrice: 'a trailing stop follows the open and the inside of each bar',
    inside: 'a trailing stop follows the inside of each bar alone',
    barExtreme: 'a trailing stop moves behind each bar, by its extreme',
    barClose: 'a trailing stop moves behind each bar, by its close',
  },
  exitOrder: {
    stopsTargets: 'where one bar reaches both, stops come before targets',
    stopsTargetsTrails: 'where one bar reaches both, stops come before targets, and trailing stops that have moved after them',
  },
  profitFraction: {
    ofPrice: 'a fraction of profit is a distance in price',
    afterFees: 'a fraction of profit is what the trade earns after fees',
  },
  profitReached: {
    asLimit: 'a target is reached as a limit is',
    beyond: 'a target is reached only beyond its profit',
  },
  targetStepsFrom: {
    fill: 'steps of a target count from the fill of the entry',
    firstBar: 'steps of a target count from the first bar that the entry took part in',
  },
  attachedExits: {
    fifo: 'a stop or target closes the oldest entry',
    ownEntry: 'a stop or target closes the entry that it protects',
  },
  entryBarStop: {
    ifTouched: 'after an entry inside a bar its stop is hit on that bar where touched',
    never: 'after an entry inside a bar its stop waits for the next bar',
  },
  entryBarTarget: {
    never: 'after an entry inside a bar its target waits for the next bar',
    ifUnambiguous: 'after an entry inside a bar its target is hit on that bar where no doubt is left',
    unlessGivenBack: 'after an entry inside a bar its target is hit on that bar unless the close gave it back',
  },
  entryBarTrail: {
    byExtreme: 'on its entry bar a trailing stop lies where the extreme put it',
    leastRise: 'on its entry bar a trailing stop lies where the least rise put it',
  },
  endOfRun: {
    keepOpen: 'positions stay open at the end',
    closeAtLastClose: 'positions are closed at the last close',
    closeAtLastOpen: 'positions are closed at the last open',
  },
  ruin: {
    none: 'an account without equity goes on',
    closeAll: 'an account without equity is closed and stays at 0',
  },
});

/** Rules in the one order in which they are switched, whatever the order of a stored record. */
export const semanticsRules = Object.freeze(Object.keys(semanticsWords) as SemanticsRule[]);
