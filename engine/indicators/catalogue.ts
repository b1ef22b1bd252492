/** Owns the table of all indicators by name. Never computes. */
import { adx } from './adx.ts';
import { atr } from './atr.ts';
import { bollinger } from './bollinger.ts';
import type { IndicatorDefinition } from './definition.ts';
import { donchian } from './donchian.ts';
import { ema } from './ema.ts';
import { ichimoku } from './ichimoku.ts';
import { macd } from './macd.ts';
import { rma } from './rma.ts';
import { rsi } from './rsi.ts';
import { sma } from './sma.ts';
import { stochastic } from './stochastic.ts';
import { wma } from './wma.ts';

/**
 * Every indicator by name. Sources: [source] for sma, ema, rma, wma, rsi, macd, bollinger; [high, low] for donchian; [high, low, close] for
 * atr, stochastic, adx, ichimoku. One rule for NaN: it starts the warm-up anew, so leading ones delay it and one in the middle never stays.
 */
export const indicators = Object.freeze({
  sma,
  ema,
  rma,
  wma,
  rsi,
  atr,
  macd,
  bollinger,
  donchian,
  stochastic,
  adx,
  ichimoku,
} satisfies Record<string, IndicatorDefinition>);

export type IndicatorName = keyof typeof indicators;
