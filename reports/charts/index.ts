/** Owns the list of charts: every picture of a run that is a pure function of its result. */

export { type ChartOptions, type ChartSpec, type ChartTheme, palettes } from './chart.ts';
export { costsByRole, costsChart } from './costs.ts';
export { dailyReturnsChart, tradeReturnsChart } from './distributions.ts';
export { buyAndHoldLabel, equityChart, equityLabel } from './equity.ts';
export { exposureChart, exposureColumn } from './exposure.ts';
export { intervalChart } from './interval.ts';
export { monthlyHeight, monthlyReturnsChart } from './monthly-returns.ts';
export { tradesChart } from './trades.ts';
export { drawdownColumn, underwaterChart } from './underwater.ts';
