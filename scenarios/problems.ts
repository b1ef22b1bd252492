/** Owns the words of a scenario's faults: what was found, what is expected, what was probably meant. Never reads a file. */
import type { z } from 'zod';
import { ConfigError } from '../engine/errors.ts';
import { nearest } from '../engine/nearest.ts';
import type { SchemaNode } from './schema.ts';
import { type Path, type Problem, pathText } from './yaml.ts';

/** A fault with the path it is at; of says whether the key or the value is wrong. */
export interface Finding {
  readonly path: Path;
  readonly of: 'key' | 'value';
  readonly text: string;
  /** Other values the fault may come from: the one of two that the command line has set is named. */
  readonly otherPaths?: readonly Path[];
}

const problemsShownMax = 20;
const namesShownMax = 25;
const typeWords: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  object: 'a block of keys',
  record: 'a block of keys',
  array: 'a list',
};

/** The findings of a failed parse, in the order of the schema, every unknown key one of its own. */
export function findingsOf(issues: readonly z.core.$ZodIssue[], value: unknown, schema: SchemaNode): Finding[] {
  const findings: Finding[] = [];
  const withUnknown = new Set(issues.filter((issue) => issue.code === 'unrecognized_keys').map((issue) => pathText(issue.path as Path)));
  for (const issue of issues) {
    const path = issue.path as Path;
    if (issue.code === 'unrecognized_keys') for (const key of issue.keys) findings.push(unknownKey([...path, key], schema));
    else if (issue.code !== 'custom' || !withUnknown.has(pathText(path)))
      findings.push({ path, of: 'value', text: describe(issue, valueAt(value, path)), otherPaths: otherPathsOf(issue) });
  }
  return findings;
}

/** As the schema states them in the params of an issue of its own. */
function otherPathsOf(issue: z.core.$ZodIssue): readonly Path[] {
  return issue.code === 'custom' ? ((issue.params?.otherPaths as readonly Path[] | undefined) ?? []) : [];
}

/** The finding of a key that no schema node has, with the nearest name. */
export function unknownKey(path: Path, schema: SchemaNode): Finding {
  const known = keysAt(schema, path.slice(0, -1)) ?? [];
  const name = String(path.at(-1));
  const hint = nearest(name, known) ?? known.find((each) => name.length > 2 && each.toLowerCase().startsWith(name.toLowerCase()));
  if (hint) return { path, of: 'key', text: `was an unknown key; did you mean "${hint}"?` };
  const names = known.length > namesShownMax ? `one of ${known.length} names (see "npx playhead schema")` : `one of ${known.join(', ')}`;
  return { path, of: 'key', text: `was an unknown key, expected ${names}` };
}

/** Names that the schema allows in the block at this path; undefined where any name, or none, is allowed. */
export function keysAt(schema: SchemaNode, path: Path): string[] | undefined {
  let node: SchemaNode | undefined = schema;
  for (const part of path) {
    const inner: SchemaNode | undefined = node?.anyOf?.find((option) => option.properties ?? option.items) ?? node;
    if (typeof part === 'number') node = inner?.items;
    else node = inner?.properties?.[part] ?? (inner?.additionalProperties || undefined);
  }
  return node?.properties ? Object.keys(node.properties) : undefined;
}

/** "scenario.yaml:4:12 risk.drawdownHalt: was …"; a --set is its own place, and its path is told only where the fault lies deeper. */
export function problemText({ file, line, column, path, text }: Problem): string {
  if (line > 0) return `${file}:${line}:${column} ${path}: ${text}`;
  const isTold = path === '(top)' || file.startsWith(`--set ${path}=`);
  return `${file}: ${isTold ? '' : `${path}: `}${text}`;
}

/** One error that lists all problems, the first twenty in full. */
export function scenarioError(found: readonly Problem[]): ConfigError {
  const problems = [...found].sort((left, right) => (left.file === right.file ? left.line - right.line || left.column - right.column : 0));
  const shown = problems.slice(0, problemsShownMax).map(problemText);
  if (problems.length > problemsShownMax) shown.push(`… and ${problems.length - problemsShownMax} more`);
  const first = problems[0];
  return new ConfigError('SCENARIO_INVALID', shown.join('\n'), {
    file: first.file,
    line: first.line,
    column: first.column,
    path: first.path,
    problemCount: problems.length,
  });
}

/** A value in few words: text in quotes, blocks by their kind. */
export function shortText(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object' && value !== null) return 'a block of keys';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function describe(issue: z.core.$ZodIssue, value: unknown): string {
  const was = `was ${shortText(value)}`;
  switch (issue.code) {
    case 'invalid_type':
      return value === undefined ? `is missing, expected ${wordOf(issue.expected)}` : `${was}, expected ${wordOf(issue.expected)}`;
    case 'too_big':
    case 'too_small':
      return `${was}, expected ${boundOf(issue)}`;
    case 'invalid_value': {
      const options = issue.values.map(String);
      const hint = typeof value === 'string' ? nearest(value, options) : undefined;
      return `${value === undefined ? 'is missing' : was}, expected ${options.length === 1 ? '' : 'one of '}${options.join(', ')}${hint ? `; did you mean "${hint}"?` : ''}`;
    }
    case 'invalid_union':
      return `${was}, expected a number, text, true or false`;
    case 'custom':
      return issue.message.startsWith('expected') && (typeof value !== 'object' || value === null)
        ? `${was}, ${issue.message}`
        : issue.message;
    default:
      return `${was}, ${issue.message}`;
  }
}

function boundOf(issue: z.core.$ZodIssueTooBig | z.core.$ZodIssueTooSmall): string {
  const isBig = issue.code === 'too_big';
  const bound = String(isBig ? issue.maximum : issue.minimum);
  const limit = isBig
    ? issue.inclusive
      ? `at most ${bound}`
      : `less than ${bound}`
    : issue.inclusive
      ? `at least ${bound}`
      : `more than ${bound}`;
  if (issue.origin === 'string') return `${limit} character${bound === '1' ? '' : 's'}`;
  return issue.origin === 'array' ? `${limit} ${bound === '1' ? 'entry' : 'entries'}` : limit;
}

function wordOf(expected: string): string {
  return typeWords[expected] ?? expected;
}

function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const part of path)
    current =
      typeof current === 'object' && current !== null && Object.hasOwn(current, part)
        ? (current as Record<string | number, unknown>)[part]
        : undefined;
  return current;
}
