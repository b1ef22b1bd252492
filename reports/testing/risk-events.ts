/** Owns events of risk for tests of summaries and pages. Never used by a report. */
import type { RiskEvent } from '../../engine/risk-event.ts';

export const riskEvents: readonly RiskEvent[] = [
  {
    timeMs: Date.UTC(2021, 1, 3, 9, 30),
    kind: 'reduce',
    rule: 'lossStreak',
    instrumentIndex: -1,
    orderId: -1,
    from: 'ACTIVE',
    to: 'REDUCING',
    figures: { lossCount: 3, untilMs: Date.UTC(2021, 1, 4, 9, 30) },
    reason: '3 losing positions in a row: REDUCING until 2021-02-04 09:30',
  },
  {
    timeMs: Date.UTC(2021, 1, 3, 9, 30),
    kind: 'pause',
    rule: 'cooldown',
    instrumentIndex: 0,
    orderId: -1,
    from: 'REDUCING',
    to: 'REDUCING',
    figures: { bars: 2 },
    reason: 'cooldown: its position was closed; entries are refused until 2 of its bars have closed',
  },
  {
    timeMs: Date.UTC(2021, 1, 5),
    kind: 'clip',
    rule: 'cash',
    instrumentIndex: 0,
    orderId: 12,
    from: 'ACTIVE',
    to: 'ACTIVE',
    figures: { sizeAsked: 5, roomBase: 3 },
    reason: '5 were asked for, cash <b> leaves room for 3',
  },
];
