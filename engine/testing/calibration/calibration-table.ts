/** Owns how a calibration reads: which methods hold their level on noise, and what each finds where there is something. Never plays or judges a search. */
import { type MethodName, methodNames, verdictMethods, type WorldName, worldNames, worlds } from './judge-search.ts';
import type { Share, Tally } from './tally.ts';

export type Tallies = ReadonlyMap<WorldName, Tally>;

const level = 0.05;

/** Methods that call more than 5 % significant on some noise, for sure: their interval lies above it. */
export function aboveLevel(tallies: Tallies): MethodName[] {
  return methodNames.filter((name) => noises(tallies).some(({ significant }) => significant[name].low > level));
}

/** Those of the methods above their level that the verdict goes by all the same. */
export function faultsOf(tallies: Tallies): MethodName[] {
  return aboveLevel(tallies).filter((name) => verdictMethods.includes(name));
}

/** Two tables as rows of cells, heads first: noise with intervals, then power; and what the verdicts were. */
export function calibrationTables(tallies: Tallies): {
  readonly noise: string[][];
  readonly power: string[][];
  readonly verdicts: string[][];
} {
  const isAbove = new Set(aboveLevel(tallies));
  const names = (isNoise: boolean): WorldName[] => worldNames.filter((name) => worlds[name].isNoise === isNoise && tallies.has(name));
  const cellsOf = (name: MethodName, of: readonly WorldName[], shown: (share: Share) => string): string[] =>
    of.map((world) => shown((tallies.get(world) as Tally).significant[name]));
  const remark = (name: MethodName): string => {
    if (isAbove.has(name)) return verdictMethods.includes(name) ? 'ABOVE ITS LEVEL, IN THE VERDICT' : 'above its level: not in the verdict';
    return verdictMethods.includes(name) ? 'in the verdict' : '';
  };
  return {
    noise: [
      ['significant at 5 %, on noise', ...names(true), ''],
      ...methodNames.map((name) => [name, ...cellsOf(name, names(true), intervalText), remark(name)]),
    ],
    power: [
      ['found where there is an edge', ...names(false)],
      ...methodNames.map((name) => [name, ...cellsOf(name, names(false), shareText)]),
    ],
    verdicts: [
      ['verdicts', 'luck', 'unproven', 'holds', 'searches'],
      ...[...tallies].map(
        ([
          world,
          {
            verdicts: { luck, unproven, holds },
            searchCount,
          },
        ]) => [world, ...[luck, unproven, holds].map((count) => shareText({ count, of: searchCount })), String(searchCount)],
      ),
    ],
  };
}

function noises(tallies: Tallies): Tally[] {
  return [...tallies].filter(([name]) => worlds[name].isNoise).map(([, tally]) => tally);
}

function shareText({ count, of }: Pick<Share, 'count' | 'of'>): string {
  return `${percent(count / of)} %`;
}

function intervalText(share: Share): string {
  return `${percent(share.count / share.of)} % (${percent(share.low)}–${percent(share.high)})`;
}

function percent(fraction: number): string {
  return (fraction * 100).toFixed(1);
}
