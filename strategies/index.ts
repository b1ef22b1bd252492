/** Owns the names of the shipped strategies. Never loads one: shipped and user strategies take the one path through loader.ts. */

/** Name in a scenario's strategy.use → file beside this one. */
export const shippedStrategies = Object.freeze({
  'buy-and-hold': 'buy-and-hold.ts',
  'donchian-breakout': 'donchian-breakout.ts',
  ichimoku: 'ichimoku.ts',
  'moving-average-cross': 'moving-average-cross.ts',
  rotation: 'rotation.ts',
});

export type ShippedStrategyName = keyof typeof shippedStrategies;

export function isShippedStrategy(name: string): name is ShippedStrategyName {
  return Object.hasOwn(shippedStrategies, name);
}
