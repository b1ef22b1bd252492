/**
 * Owns the instruments' rules in the catalogue: <venue>/<symbol>/instruments.json, one record per range of validity. Never changes during a run.
 * What nobody stated is inferred at the first import, or assumed where nothing tells it, and listed as such.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, DataError } from '../engine/errors.ts';
import { datedRules, type Instrument, type RuleChange } from '../engine/model/instrument.ts';
import type { Catalogue } from './catalogue.ts';
import { withFileLock } from './file-lock.ts';
import { writeAtomically } from './files.ts';
import { timeText } from './quality-scan.ts';

/** What a user can state of an instrument; a maximumQuantityBase of Infinity is none. */
export type InstrumentRules = Partial<Omit<Instrument, 'venue' | 'symbol' | 'validFromMs' | 'validToMs' | 'leg' | 'changes'>>;
export interface InstrumentRecord extends Omit<Instrument, 'leg' | 'changes'> {
  /** Fields that nobody stated but the symbol or the prices tell. */
  readonly isInferred: readonly string[];
  /** Fields that nobody stated and nothing tells: what is usual was taken. */
  readonly isAssumed: readonly string[];
  /** How many bars the tick was inferred from; 0 where it was stated. */
  readonly tickBarCount: number;
}

const timeMsMax = 8.64e15;
const fileName = 'instruments.json';
const fiat = new Set([
  'USD',
  'EUR',
  'GBP',
  'JPY',
  'CHF',
  'AUD',
  'NZD',
  'CAD',
  'SEK',
  'NOK',
  'DKK',
  'PLN',
  'CZK',
  'HUF',
  'TRY',
  'ZAR',
  'MXN',
  'BRL',
  'INR',
  'CNY',
  'CNH',
  'HKD',
  'SGD',
  'KRW',
  'THB',
  'ILS',
  'XAU',
  'XAG',
]);

export function rulesPath(catalogue: Catalogue, venue: string, symbol: string): string {
  return join(catalogue.symbolPath(venue, symbol), fileName);
}

/** The rules in force at atMs; DATA_INSTRUMENT where the instrument is unknown or its records do not cover that time. */
export function instrumentOf(catalogue: Catalogue, venue: string, symbol: string, atMs: number): Instrument {
  const records = readInstruments(catalogue, venue, symbol);
  if (records.length === 0) {
    throw new DataError('DATA_INSTRUMENT', `no rules for ${venue} ${symbol}; import its bars with "npx playhead data import"`, {
      venue,
      symbol,
    });
  }
  const record = records.find((candidate) => candidate.validFromMs <= atMs && atMs < candidate.validToMs);
  if (record === undefined) {
    const ranges = records.map((known) => `${timeText(known.validFromMs)} to ${timeText(known.validToMs)}`).join(', ');
    throw new DataError('DATA_INSTRUMENT', `the rules of ${venue} ${symbol} do not cover ${timeText(atMs)}; they cover ${ranges}`, {
      venue,
      symbol,
      atMs,
    });
  }
  return Object.freeze(rulesOf(record));
}

/**
 * The rules in force at fromMs, with what changes of them before toMs. DATA_INSTRUMENT where what cannot change inside a run does: currencies,
 * their decimals, the multiplier.
 */
export function instrumentThrough(
  catalogue: Catalogue,
  { venue, symbol }: { readonly venue: string; readonly symbol: string },
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Instrument {
  const instrument = instrumentOf(catalogue, venue, symbol, fromMs);
  const later = readInstruments(catalogue, venue, symbol).filter(({ validFromMs }) => validFromMs > fromMs && validFromMs < toMs);
  const changes: RuleChange[] = [];
  let before: Instrument = instrument;
  for (const record of later) {
    for (const name of ['baseCurrency', 'quoteCurrency', 'baseDecimals', 'quoteDecimals', 'multiplier'] as const) {
      if (record[name] === instrument[name]) continue;
      const at = timeText(record.validFromMs);
      throw new DataError(
        'DATA_INSTRUMENT',
        `${name} of ${venue} ${symbol} changes from ${instrument[name]} to ${record[name]} at ${at}, inside the window; end the scenario there with data.to, or start it there`,
        { venue, symbol },
      );
    }
    if (datedRules.some((name) => record[name] !== before[name])) changes.push(changeOf(record));
    before = record;
  }
  return Object.freeze(changes.length === 0 ? instrument : { ...instrument, validToMs: later[later.length - 1].validToMs, changes });
}

function rulesOf({ isInferred: _inferred, isAssumed: _assumed, tickBarCount: _count, ...instrument }: InstrumentRecord): Instrument {
  return instrument;
}

function changeOf({ validFromMs: fromMs, tickSize, lotSize, minimumNotionalQuote, ...record }: InstrumentRecord): RuleChange {
  const { maximumQuantityBase, feeRateMaker, feeRateTaker } = record;
  const maximum = maximumQuantityBase === undefined ? {} : { maximumQuantityBase };
  return Object.freeze({ fromMs, tickSize, lotSize, minimumNotionalQuote, ...maximum, feeRateMaker, feeRateTaker });
}

/** All records of an instrument in order of validity; empty where it is unknown. */
export function readInstruments(catalogue: Catalogue, venue: string, symbol: string): readonly InstrumentRecord[] {
  const path = rulesPath(catalogue, venue, symbol);
  if (!existsSync(path)) return [];
  try {
    const records = JSON.parse(readFileSync(path, 'utf8')) as InstrumentRecord[];
    const known = records.filter((record) => record.symbol === symbol);
    return known.map((record) => ({ ...record, isAssumed: record.isAssumed ?? [], tickBarCount: record.tickBarCount ?? 0 }));
  } catch (cause) {
    throw new DataError('DATA_CORRUPT', `${path} is not JSON; correct it, or delete it and import again`, { path }, cause);
  }
}

/**
 * States rules from validFromMs on (default: always). What is not stated is kept from the record in force then; records that
 * begin later keep their ranges. The instrument must be known.
 */
export function setInstrument(
  catalogue: Catalogue,
  venue: string,
  symbol: string,
  rules: InstrumentRules,
  validFromMs = -timeMsMax,
): InstrumentRecord {
  return withFileLock(rulesPath(catalogue, venue, symbol), () => changeRules(catalogue, venue, symbol, rules, validFromMs));
}

function changeRules(catalogue: Catalogue, venue: string, symbol: string, rules: InstrumentRules, validFromMs: number): InstrumentRecord {
  const records = readInstruments(catalogue, venue, symbol);
  const base = records.find((record) => record.validFromMs <= validFromMs && validFromMs < record.validToMs);
  if (base === undefined) {
    throw new DataError('DATA_INSTRUMENT', `no rules for ${venue} ${symbol} at ${timeText(validFromMs)} to change; import its bars first`, {
      venue,
      symbol,
    });
  }
  const stated = statedRules(rules);
  const changed: InstrumentRecord = { ...withStated(base, stated), validFromMs };
  const before = base.validFromMs < validFromMs ? [{ ...base, validToMs: validFromMs }] : [];
  writeInstruments(catalogue, [...records.filter((record) => record !== base), ...before, changed]);
  return changed;
}

/** What an import knows of an instrument. */
interface ImportedInstrument {
  readonly venue: string;
  readonly symbol: string;
  readonly tickSize: number;
  readonly barCount: number;
}

/** Records the rules at an import: stated ones replace what is known, inferred ones only fill what is not. */
export function ensureInstrument(catalogue: Catalogue, at: ImportedInstrument, rules: InstrumentRules = {}): InstrumentRecord {
  return withFileLock(rulesPath(catalogue, at.venue, at.symbol), () => recordRules(catalogue, at, rules));
}

function recordRules(
  catalogue: Catalogue,
  { venue, symbol, tickSize, barCount }: ImportedInstrument,
  rules: InstrumentRules,
): InstrumentRecord {
  const stated = statedRules(rules);
  const hasSeries = catalogue.list().some(({ key }) => key.venue === venue && key.symbol === symbol);
  const records = hasSeries ? readInstruments(catalogue, venue, symbol) : [];
  const last = records.at(-1);
  if (last !== undefined) {
    if (Object.keys(stated).length === 0) return last;
    const changed = withStated(last, stated);
    writeInstruments(catalogue, [...records.slice(0, -1), changed]);
    return changed;
  }
  const inferred = inferRules(symbol, tickSize);
  const told = toldBy(symbol);
  const all = Object.keys(inferred);
  const [isInferred, isAssumed] = [all.filter((name) => told.includes(name)), all.filter((name) => !told.includes(name))];
  const validity = { validFromMs: -timeMsMax, validToMs: timeMsMax };
  const record = withStated({ venue, symbol, ...inferred, ...validity, isInferred, isAssumed, tickBarCount: barCount }, stated);
  writeInstruments(catalogue, [record]);
  return record;
}

function withStated(record: InstrumentRecord, stated: InstrumentRules): InstrumentRecord {
  const isLeft = (name: string): boolean => !(name in stated);
  const { maximumQuantityBase = Number.POSITIVE_INFINITY, ...rules } = { ...record, ...stated };
  if (maximumQuantityBase < rules.lotSize)
    throw new ConfigError(
      'USAGE',
      `instrument maximumQuantityBase is ${maximumQuantityBase}, expected one lot of ${rules.lotSize} or more`,
      { name: 'maximumQuantityBase' },
    );
  return {
    ...rules,
    ...(maximumQuantityBase === Number.POSITIVE_INFINITY ? {} : { maximumQuantityBase }),
    isInferred: record.isInferred.filter(isLeft),
    isAssumed: record.isAssumed.filter(isLeft),
    tickBarCount: 'tickSize' in stated ? 0 : record.tickBarCount,
  };
}

/** The fields that symbol and prices are evidence of; fees and lot are of none. */
function toldBy(symbol: string): readonly string[] {
  return symbol.split(':')[0].includes('/') ? ['baseCurrency', 'quoteCurrency', 'tickSize'] : ['baseCurrency', 'tickSize'];
}

/**
 * What is taken where nothing is stated. "BASE/QUOTE" is a crypto pair (lot 1e-8, fees 0.1 %, the usual first tier of a spot exchange) unless
 * both are state currencies or metals (lot 1, no fee); a symbol without "/" is a share in USD (lot 1, no fee).
 */
function inferRules(symbol: string, tickSize: number): Required<Omit<InstrumentRules, 'maximumQuantityBase'>> {
  const [base, quote] = symbol.split(':')[0].split('/');
  const isPair = quote !== undefined && quote !== '';
  const isCrypto = isPair && !(fiat.has(base.toUpperCase()) && fiat.has(quote.toUpperCase()));
  return {
    baseCurrency: base,
    quoteCurrency: isPair ? quote : 'USD',
    tickSize,
    lotSize: isCrypto ? 1e-8 : 1,
    minimumNotionalQuote: 0,
    baseDecimals: 8,
    quoteDecimals: 8,
    multiplier: 1,
    feeRateMaker: isCrypto ? 0.001 : 0,
    feeRateTaker: isCrypto ? 0.001 : 0,
  };
}

function statedRules(rules: InstrumentRules): InstrumentRules {
  const stated = Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== undefined)) as InstrumentRules;
  const positive = ['tickSize', 'lotSize', 'multiplier'] as const;
  for (const name of positive) refuse(stated, name, (value) => value > 0, 'a number above 0');
  for (const name of ['baseDecimals', 'quoteDecimals'] as const)
    refuse(stated, name, (value) => Number.isInteger(value) && value >= 0 && value <= 15, 'a whole number from 0 to 15');
  refuse(stated, 'minimumNotionalQuote', (value) => value >= 0, 'a number ≥ 0');
  if (stated.maximumQuantityBase !== Number.POSITIVE_INFINITY)
    refuse(stated, 'maximumQuantityBase', (value) => value > 0, 'a number above 0, or none');
  for (const name of ['feeRateMaker', 'feeRateTaker'] as const)
    refuse(stated, name, (value) => Math.abs(value) < 1, 'a fraction such as 0.001');
  return stated;
}

function refuse(rules: InstrumentRules, name: keyof InstrumentRules, isGood: (value: number) => boolean, expected: string): void {
  const value = rules[name];
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value) && isGood(value))) return;
  throw new ConfigError('USAGE', `instrument ${name} is ${value}, expected ${expected}`, { name });
}

function writeInstruments(catalogue: Catalogue, records: readonly InstrumentRecord[]): void {
  const { venue, symbol } = records[0];
  const ordered = [...records].sort((left, right) => left.validFromMs - right.validFromMs);
  writeAtomically(rulesPath(catalogue, venue, symbol), `${JSON.stringify(ordered, null, 2)}\n`);
}
