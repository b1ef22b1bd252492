/** Owns how many trials were ever tried on these bars, over time. Never counts them. */
import { counted, timeUtc } from '../../format.ts';
import type { LedgerStep } from '../../search/sweep-input.ts';
import { type ChartOptions, type ChartSpec, frame, palettes, timeAxis, valueAxis } from '../chart.ts';

/** Entries that are drawn at most; of more the last of each stretch. */
const stepsMax = 200;
const hourMs = 3_600_000;

/** steps: in time order, one or more. */
export function ledgerGrowthChart(steps: readonly LedgerStep[], options: ChartOptions): ChartSpec {
  const palette = palettes[options.theme];
  const last = steps[steps.length - 1];
  // Room for the marks; searches of one minute stand in an hour.
  const room = Math.max(hourMs / 2, (last.createdAtMs - steps[0].createdAtMs) / 40);
  const shown = steps.filter(
    (_, i) => Math.floor((i * stepsMax) / steps.length) !== Math.floor(((i + 1) * stepsMax) / steps.length) || steps.length <= stepsMax,
  );
  const values = shown.map(({ id, createdAtMs, trialCount, distinctCount }) => ({
    ...{ timeMs: createdAtMs, distinct: distinctCount },
    text: `${timeUtc(createdAtMs)} ${id}: ${counted(trialCount, 'trial')}, ${counted(distinctCount, 'distinct one')} so far`,
  }));
  const encoding = {
    x: { ...timeAxis('timeMs', options), scale: { type: 'utc', domain: [steps[0].createdAtMs - room, last.createdAtMs + room] } },
    y: { field: 'distinct', type: 'quantitative', axis: valueAxis(options, last.distinctCount >= 1e6 ? '~s' : ',~f', 4) },
  };
  return {
    ...frame(
      options,
      `Distinct trials on these bars over time: ${counted(last.distinctCount, 'trial')} in ${counted(steps.length, 'search', 'searches')}.`,
    ),
    data: { values },
    layer: [
      { mark: { type: 'line', interpolate: 'step-after', color: palette.accent, strokeWidth: 1.5, aria: false }, encoding },
      {
        mark: { type: 'point', filled: true, size: 45, color: palette.accent, opacity: 1 },
        encoding: { ...encoding, description: { field: 'text', type: 'nominal' } },
      },
    ],
  };
}
