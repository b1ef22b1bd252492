/** Owns turning one YAML 1.2 or JSON text into plain values with the place of each. Never trusts the text: size, depth, aliases and key names are bounded. */
import { CST, isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, type Node, type Pair, parseDocument } from 'yaml';

/** Path of a value inside a document: keys of maps, positions in lists. */
export type Path = readonly (string | number)[];

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One fault of a text, with its place. */
export interface Problem extends Position {
  readonly file: string;
  readonly path: string;
  readonly text: string;
}

/** A parsed text: plain values and where each key and value stands. */
export interface YamlSource {
  readonly file: string;
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Place of the value at this path, or of its key; undefined where the text has no such path. */
  locate(path: Path, of?: 'key' | 'value'): Position | undefined;
}

const limits = { tokens: 20_000, depth: 48, indent: 200, values: 20_000 };
const hostileKeys = new Set(['__proto__', 'constructor', 'prototype']);

/** "data.series[0].symbol" */
export function pathText(path: Path): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`)).join('') || '(top)';
}

/** Parses a text of at most 1 MB. Every fault found is in problems; where there is one, value is undefined. */
export function parseYaml(text: string, file: string): YamlSource {
  const excess = excessOf(text);
  const starts = [0];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  const problems: Problem[] = [];
  const complain: Complain = (offset, path, what) => problems.push({ file, ...placeOf(starts, offset), path: pathText(path), text: what });
  if (excess !== undefined) {
    complain(excess.offset, [], excess.text);
    return { file, value: undefined, problems, locate: () => undefined };
  }
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    prettyErrors: false,
    uniqueKeys: true,
    lineCounter: new LineCounter(),
  });
  for (const fault of [...document.errors, ...document.warnings])
    complain(fault.pos[0], [], faultWords[fault.code] ?? `was not readable: ${fault.message}`);
  const walker = new Walker(complain);
  const value = problems.length > 0 || document.contents === null ? null : walker.plain(document.contents, [], 0);
  const locate = (path: Path, of: 'key' | 'value' = 'value'): Position | undefined => {
    const place = walker.places.get(pathText(path));
    return place === undefined ? undefined : placeOf(starts, place[of]);
  };
  return { file, value: problems.length > 0 ? undefined : value, problems, locate };
}

/** Faults that the library words for programmers. */
const faultWords: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'was a key that stands twice in one block, expected it once',
  MULTIPLE_DOCS: 'was more than one document, expected one',
};

type Complain = (offset: number, path: Path, text: string) => void;

/** Turns nodes into plain values, resolving aliases itself: the library's own resolution walks the document once for each alias. */
class Walker {
  readonly places = new Map<string, { key: number; value: number }>();
  private readonly complain: Complain;
  private readonly anchors = new Map<string, Node>();
  private readonly open = new Set<Node>();
  private valueCount = 0;
  constructor(complain: Complain) {
    this.complain = complain;
  }

  plain(node: Node | null, path: Path, keyOffset: number): unknown {
    const offset = node?.range?.[0] ?? keyOffset;
    if (!this.places.has(pathText(path))) this.places.set(pathText(path), { key: keyOffset, value: offset });
    if (++this.valueCount === limits.values + 1)
      this.complain(offset, path, `was a text of more than ${limits.values} values once its aliases are expanded, expected fewer`);
    if (node === null || this.valueCount > limits.values) return null;
    if (isAlias(node)) return this.alias(node.source, offset, path, keyOffset);
    if (isScalar(node)) {
      if (node.anchor) this.anchors.set(node.anchor, node);
      return typeof node.value === 'bigint' ? Number(node.value) : node.value;
    }
    if (node.anchor) this.anchors.set(node.anchor, node);
    this.open.add(node);
    const value = isMap(node)
      ? this.map(node.items as Pair<unknown, Node | null>[], path)
      : isSeq(node)
        ? node.items.map((item, i) => this.plain(item as Node, [...path, i], offset))
        : null;
    this.open.delete(node);
    return value;
  }

  private alias(name: string, offset: number, path: Path, keyOffset: number): unknown {
    const target = this.anchors.get(name);
    if (target === undefined) this.complain(offset, path, `was *${name}, expected an anchor &${name} earlier in the file`);
    else if (this.open.has(target))
      this.complain(offset, path, `was *${name}, which contains itself; expected an alias to a finished value`);
    else return this.plain(target, path, keyOffset);
    return null;
  }

  private map(items: readonly Pair<unknown, Node | null>[], path: Path): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const pair of items) {
      const key = pair.key;
      const offset = (key as Node | null)?.range?.[0] ?? 0;
      const name = isScalar(key) ? (typeof key.value === 'string' ? key.value : String(key.source ?? key.value)) : undefined;
      if (name === undefined) this.complain(offset, path, 'was a key that is a list, a map or an alias, expected a name');
      else if (hostileKeys.has(name)) this.complain(offset, [...path, name], 'was a reserved name, expected another key');
      else result[name] = this.plain(pair.value ?? null, [...path, name], offset);
    }
    return result;
  }
}

const scalarMark = '\u001f';
/** Marks the lexer puts into its stream that stand for no text. */
const lexerMarks = new Set(['\u0002', '\u0018', scalarMark]);

/** What is too much for the parser, which recurses: nesting is counted on the token stream, before anything is built. */
function excessOf(text: string): { offset: number; text: string } | undefined {
  if (text.length > 1_048_576) return { offset: 0, text: `was ${text.length} characters long, expected at most 1 MB` };
  let offset = 0;
  let tokenCount = 0;
  let flowDepth = 0;
  let indicatorsInLine = 0;
  let isText = false;
  for (const token of new Lexer().lex(text)) {
    // The text of a scalar follows a mark and may begin with anything.
    const type = isText ? 'scalar' : CST.tokenType(token);
    isText = token === scalarMark;
    if (type === 'flow-seq-start' || type === 'flow-map-start') flowDepth++;
    else if (type === 'flow-seq-end' || type === 'flow-map-end') flowDepth--;
    else if (type === 'newline') indicatorsInLine = 0;
    else if (flowDepth === 0 && (type === 'seq-item-ind' || type === 'explicit-key-ind')) indicatorsInLine++;
    if (flowDepth > limits.depth || indicatorsInLine > limits.depth)
      return { offset, text: `was nested deeper than ${limits.depth} levels, expected fewer` };
    if (type === 'space' && token.length > limits.indent)
      return { offset, text: `was indented by more than ${limits.indent} spaces, expected fewer` };
    if (++tokenCount > limits.tokens) return { offset, text: `was a text of more than ${limits.tokens} tokens, expected fewer` };
    if (!lexerMarks.has(token)) offset += token.length;
  }
  return undefined;
}

function placeOf(starts: readonly number[], offset: number): Position {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= offset) low = middle;
    else high = middle;
  }
  return { line: low + 1, column: offset - starts[low] + 1 };
}
