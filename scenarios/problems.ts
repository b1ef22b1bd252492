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
  for (const issue of issues.flatMap(unionIssues)) {
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

/** Of a value that may be one of several kinds, the faults of the kind that it is; the fault as it is where it is none of them. */
function unionIssues(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const meant = issue.errors.find((option) => option.every(({ code, path }) => code !== 'invalid_type' || path.length > 0));
  return meant === undefined ? [issue] : meant.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })).flatMap(unionIssues);
}

/** The finding of a key that no schema node has, with the nearest name. */
export function unknownKey(path: Path, schema: SchemaNode): Finding {
  const name = String(path.at(-1));
  // Another kind of the block may have the name that this one has not.
  const known = (keysAt(schema, path.slice(0, -1)) ?? []).filter((each) => each !== name);
  const hint = nearest(name, known) ?? known.find((each) => name.length > 2 && each.toLowerCase().startsWith(name.toLowerCase()));
  if (hint) return { path, of: 'key', text: `was an unknown key; did you mean "${hint}"?` };
  const names = known.length > namesShownMax ? `one of ${known.length} names (see "npx playhead schema")` : `one of ${known.join(', ')}`;
  return { path, of: 'key', text: `was an unknown key, expected ${names}` };
}

/** Names that the schema allows in the block at this path; undefined where any name, or none, is allowed. */
export function keysAt(schema: SchemaNode, path: Path): string[] | undefined {
  let node: SchemaNode | undefined = schema;
  for (const part of path) {
    const options = optionsOf(node);
    const has = (option: SchemaNode) => (typeof part === 'number' ? option.items : option.properties?.[part]);
    node =
      options.map(has).find((found) => found !== undefined) ??
      (options.find((option) => option.additionalProperties)?.additionalProperties || undefined);
  }
  const blocks = optionsOf(node).flatMap(({ properties }) => (properties === undefined ? [] : Object.keys(properties)));
  return blocks.length > 0 ? [...new Set(blocks)] : undefined;
}

/** The kinds that a node may be, itself where it is but one. */
function optionsOf(node: SchemaNode | undefined): SchemaNode[] {
  if (node === undefined) return [];
  const options = node.anyOf ?? node.oneOf;
  return options === undefined ? [node] : options.flatMap(optionsOf);
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
      return `${value === undefined ? 'is missing' : was}${choiceText(value, issue.values.map(String))}`;
    }
    case 'invalid_union':
      return `${value === undefined ? 'is missing' : was}, expected ${kindsOf(issue, value)}`;
    case 'custom':
      return issue.message.startsWith('expected') && (typeof value !== 'object' || value === null)
        ? `${was}, ${issue.message}`
        : issue.message;
    default:
      return `${was}, ${issue.message}`;
  }
}

/** ", expected one of a, b"; of very many the nearest, or that there are so many. */
function choiceText(value: unknown, options: readonly string[]): string {
  const begun = (text: string): string | undefined =>
    options.find((each) => text.length > 2 && each.toLowerCase().startsWith(text.toLowerCase()));
  const hint = typeof value === 'string' ? (nearest(value, options) ?? begun(value)) : undefined;
  if (options.length > namesShownMax) {
    const many = `one of ${options.length} names (see "npx playhead schema")`;
    return hint === undefined
      ? `, expected ${many}, such as ${options.slice(0, 3).join(', ')}`
      : `; did you mean "${hint}"? expected ${many}`;
  }
  const hinted = hint === undefined ? '' : `; did you mean "${hint}"?`;
  return `, expected ${options.length === 1 ? '' : 'one of '}${options.join(', ')}${hinted}`;
}

/** "one of spread, squareRoot", or "a number, a block of keys". */
function kindsOf(issue: z.core.$ZodIssueInvalidUnion, value: unknown): string {
  if ('options' in issue && issue.options !== undefined) {
    const options = issue.options.map(String);
    const hint = typeof value === 'string' ? nearest(value, options) : undefined;
    return `one of ${options.join(', ')}${hint ? `; did you mean "${hint}"?` : ''}`;
  }
  const words = issue.errors.flatMap((option) =>
    option.flatMap((inner) => (inner.code === 'invalid_type' ? [wordOf(inner.expected)] : [])),
  );
  return [...new Set(words)].join(', ');
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
