/** Owns conditions in words over named numbers: "fast < slow", "drawdownFraction < 0.25 and tradeCount >= 30". Never evaluates code. */
import { ConfigError } from '../errors.ts';
import { nearest } from '../nearest.ts';

const operators = ['<=', '>=', '==', '!=', '<', '>'] as const;
type Operator = (typeof operators)[number];

/** A name or a number. */
type Term = { readonly name: string } | { readonly value: number };

interface Comparison {
  readonly left: Term;
  readonly operator: Operator;
  readonly right: Term;
}

const namePattern = /^[A-Za-z_][A-Za-z0-9_]*$/;
const numberPattern = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Comparisons that must all hold; one with NaN on either side does not. */
export class Condition {
  private readonly comparisons: readonly Comparison[];

  private constructor(comparisons: readonly Comparison[]) {
    this.comparisons = comparisons;
  }

  /** names: what may be compared; what: where the text stands, "search.where". USAGE where the text says something else. */
  static parse(text: string, { names, what }: { readonly names: readonly string[]; readonly what: string }): Condition {
    const comparisons = text.split(/\band\b|&&/).map((part) => comparisonOf(part.trim(), { names, what }));
    return new Condition(comparisons);
  }

  /** What is compared. */
  get names(): string[] {
    return this.comparisons.flatMap(({ left, right }) => [left, right].flatMap((term) => ('name' in term ? [term.name] : [])));
  }

  holds(numberNamed: (name: string) => number): boolean {
    const numberOf = (term: Term): number => ('name' in term ? numberNamed(term.name) : term.value);
    return this.comparisons.every(({ left, operator, right }) => compare(numberOf(left), operator, numberOf(right)));
  }
}

function comparisonOf(text: string, where: { readonly names: readonly string[]; readonly what: string }): Comparison {
  const operator = operators.find((one) => text.includes(one));
  const [left, right, ...more] = operator === undefined ? [] : text.split(operator);
  if (operator === undefined || right === undefined || more.length > 0)
    throw fault(where.what, `was "${text}", expected two names or numbers with one of ${operators.join(' ')} between`);
  return { left: termOf(left.trim(), where), operator, right: termOf(right.trim(), where) };
}

/** More of them hide the hint. */
const namesShownMax = 25;

function termOf(text: string, { names, what }: { readonly names: readonly string[]; readonly what: string }): Term {
  if (numberPattern.test(text)) return { value: Number(text) };
  if (names.includes(text)) return { name: text };
  if (!namePattern.test(text))
    throw fault(what, `was "${text}", expected a name or a number; a condition compares two, and several are joined by "and"`);
  const hint = nearest(text, names);
  const hinted = hint === undefined ? '' : `; did you mean "${hint}"?`;
  const known = names.length > namesShownMax ? `${names.length} names, such as ${names.slice(0, 3).join(', ')}` : names.join(', ');
  throw fault(what, `nothing is called "${text}"${hinted} (there are ${known})`);
}

function fault(what: string, text: string): ConfigError {
  return new ConfigError('USAGE', `${what}: ${text}`, { at: what });
}

function compare(left: number, operator: Operator, right: number): boolean {
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case '==':
      return left === right;
    default:
      return left < right || left > right;
  }
}
