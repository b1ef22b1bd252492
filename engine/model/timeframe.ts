/** Owns the names of timeframes. Never reads a time zone: all bars are cut in UTC. */

export const timeframes = ['1m', '3m', '5m', '15m', '30m', '1h', '2h', '4h', '6h', '8h', '12h', '1d', '3d', '1w', '1M'] as const;
export type Timeframe = (typeof timeframes)[number];

export const dayMs = 86_400_000;
const unitMs = { m: 60_000, h: 3_600_000, d: dayMs, w: 7 * dayMs } as const;

export function isTimeframe(text: string): text is Timeframe {
  return (timeframes as readonly string[]).includes(text);
}

/** Length of a bar in ms; of '1M' 31 days, the longest it can be. */
export function timeframeMs(timeframe: Timeframe): number {
  if (timeframe === '1M') return 31 * unitMs.d;
  return Number.parseInt(timeframe, 10) * unitMs[timeframe.at(-1) as keyof typeof unitMs];
}

/** End of the bar that opens at openTimeMs, exclusive. '1M' ends with the calendar month in UTC. */
export function closeTimeOf(timeframe: Timeframe, openTimeMs: number): number {
  if (timeframe !== '1M') return openTimeMs + timeframeMs(timeframe);
  const open = new Date(openTimeMs);
  return Date.UTC(open.getUTCFullYear(), open.getUTCMonth() + 1, 1);
}
