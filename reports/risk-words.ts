/** Owns how events of risk are told to people: which ones, in what order of words. Never asks the terminal or a page. */
import type { RunResult } from '../engine/result.ts';
import { type PauseRule, type RiskEvent, ruleWords } from '../engine/risk-event.ts';
import { fixed, momentUtc } from './format.ts';

/** Events that concern the whole account. */
export function accountEvents(result: RunResult): readonly RiskEvent[] {
  return result.riskEvents.filter((event) => event.kind !== 'clip' && event.kind !== 'pause');
}

/** "cooldown 12, stop-loss guard 2": how often entries into single instruments were paused; '' where never. */
export function pausesText(result: RunResult): string {
  const counts = new Map<string, number>();
  for (const { kind, rule } of result.riskEvents) if (kind === 'pause') counts.set(rule, (counts.get(rule) ?? 0) + 1);
  return [...counts].map(([rule, count]) => `${ruleWords[rule as PauseRule]} ${fixed(count, 0)}`).join(', ');
}

/** "REDUCING", "ACTIVE → HALTED", "no entries into BTC/USDT", "BTC/USDT made smaller" */
export function effectText(event: RiskEvent, result: RunResult): string {
  if (event.kind === 'pause') return `no entries into ${result.instruments[event.instrumentIndex].symbol}`;
  if (event.kind === 'clip') return `${result.instruments[event.instrumentIndex].symbol} made smaller`;
  return event.from === event.to ? event.to : `${event.from} → ${event.to}`;
}

/** "2024-01-31 09:30  ACTIVE → REDUCING  3 losing stop exits within 4h: …" */
export function eventText(event: RiskEvent, result: RunResult): string {
  return `${momentUtc(event.timeMs)}  ${effectText(event, result)}  ${event.reason}`;
}
