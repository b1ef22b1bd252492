/** Owns the door to reports: what other folders may use. */

export { type CombinatorialView, combinatorialNotes, combinatorialRows } from './combinatorial-words.ts';
export { accountCurrency } from './currency.ts';
export { type EstimateView, estimateNotes, estimateRows } from './estimate-words.ts';
export { failureLines } from './failure-kinds.ts';
export { intervalLines, intervalNotes, intervalRows, intervalTitles } from './interval-words.ts';
export { overfitLimits, overfitRows, overfitVerdict, permutationLine, survivorsRow } from './overfit-words.ts';
export { plateauLines } from './plateau-words.ts';
export { reportHtml } from './report-html.ts';
export type { BarWindow, Json, QualityIssue, QualitySummary, ReportInput, RunVersions } from './report-input.ts';
export { fateNotes, fateRows, robustnessRows, robustnessVerdict } from './robustness-words.ts';
export { combinatorialReportHtml } from './search/combinatorial-html.ts';
export type { CombinatorialReportInput } from './search/combinatorial-input.ts';
export { overfitReportHtml } from './search/overfit-html.ts';
export type { OverfitReportInput } from './search/overfit-input.ts';
export { robustnessReportHtml } from './search/robustness-html.ts';
export type { RobustnessReportInput } from './search/robustness-input.ts';
export { sweepReportHtml } from './search/sweep-html.ts';
export type { LedgerStep, SweepReportInput } from './search/sweep-input.ts';
export { walkForwardReportHtml } from './search/walkforward-html.ts';
export type { ReportFold, WalkForwardReportInput } from './search/walkforward-input.ts';
export { type SummaryOptions, summaryText } from './summary-text.ts';
export { rungNotes, type SweepView, sweepNotes, sweepRows } from './sweep-words.ts';
export { setText } from './value-text.ts';
export { type WalkForwardView, walkForwardNotes, walkForwardRows } from './walkforward-words.ts';
