/** Owns how a count is written for people. Never asks for a locale. */

/** Thousands in groups of three: "19,999". */
export function countText(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** "1 bar", "2,000 bars". */
export function counted(value: number, noun: string): string {
  return `${countText(value)} ${noun}${value === 1 ? '' : 's'}`;
}
