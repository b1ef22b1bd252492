/** Owns what the other folders may use of data/. */
export { toArrowTable } from './arrow-table.ts';
export { type Catalogue, openCatalogue } from './catalogue.ts';
export { type TapeTransfer, tapeFromTransfer, tapeTransfer } from './columns.ts';
export { type ExportOptions, type ExportReport, exportBars } from './export-bars.ts';
export { type FilledTape, fillFlat } from './fill-flat.ts';
export type { GapRange } from './gaps.ts';
export { type ImportOptions, type ImportProgress, type ImportReport, importBars } from './import-bars.ts';
export { type ImportColumnsOptions, type ImportSyntheticOptions, importColumns, importSynthetic } from './import-columns.ts';
export { importVegaSp500, vegaSp500Key, vegaSp500Path } from './import-vega-sp500.ts';
export {
  type InstrumentRecord,
  type InstrumentRules,
  instrumentOf,
  instrumentThrough,
  readInstruments,
  setInstrument,
} from './instruments.ts';
export { type CheckedQuality, type CheckedTape, type CheckOptions, loadCheckedTape } from './load-checked-tape.ts';
export { areSameColumns, type LoadOptions, loadTape, verifySegments } from './load-tape.ts';
export type { Manifest, Segment } from './manifest.ts';
export {
  assertQuality,
  checkQuality,
  defaultQualityPolicy,
  type QualityAction,
  type QualityIssue,
  type QualityKind,
  type QualityPolicy,
  type QualityReport,
  qualityKinds,
  rejections,
} from './quality.ts';
export { timeText } from './quality-scan.ts';
export { removeSeries } from './remove-series.ts';
export { type ResampleSeriesOptions, resampleSeries, resampleTape } from './resample-series.ts';
export { type RegimeName, regimeNames, type SynthesiseOptions, synthesise } from './synthesise.ts';
