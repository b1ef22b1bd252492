/** Owns what other folders use of the checks of causality. Never more than that. */
export { checkLookahead, type Leak, type LookaheadReport, leakText } from './lookahead.ts';
export type { CheckInput, SourcePlace } from './observed-run.ts';
export { checkWake, type WakeReport } from './wake.ts';
export { checkWarmup, type WarmupColumn, type WarmupReport } from './warmup.ts';
