/** Owns what tests of protections share: settings with some of them, and runs told in few words. Never used by a run. */
import type { ProtectionSettings } from '../risk-settings.ts';
import type { playScript, ScriptInput } from '../testing/play-script.ts';

const minuteMs = 60_000;
export const none: ProtectionSettings = {
  drawdown: null,
  dailyLoss: null,
  cooldown: null,
  stopLossGuard: null,
  lossStreak: null,
  orderRate: null,
};
export const guarded = (protections: Partial<ProtectionSettings>, more: ScriptInput['settings'] = {}): ScriptInput['settings'] => ({
  ...more,
  risk: { ...more?.risk, protections: { ...none, ...protections } },
});
export const outcomes = (result: ReturnType<typeof playScript>) => result.orders.map(({ status, reason }) => `${status} ${reason}`.trim());
export const told = (result: ReturnType<typeof playScript>) =>
  result.riskEvents.map(({ timeMs, kind, rule, from, to }) => [timeMs / minuteMs, kind, rule, `${from} → ${to}`]);
export const buy = (sizeBase: number) => ({ side: 1, sizeBase }) as const;
