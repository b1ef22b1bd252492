/** Owns options that commands which search have in common. */
import { ConfigError } from '../../engine/errors.ts';

/** Threads: as many as asked for, or one for each core. */
export async function jobsOf(text: string | undefined): Promise<number> {
  const { availableParallelism } = await import('node:os');
  return text === undefined ? availableParallelism() : wholeOf(text, '--jobs', 256);
}

export function wholeOf(text: string, option: string, max: number, min = 1): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new ConfigError('USAGE', `${option}: was "${text}", expected a whole number from ${min} to ${max}`, { option });
}
