/** Owns reading a scenario file: its bases, its overrides, its faults with their places. Never looks at market data. */
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { ConfigError } from '../engine/errors.ts';
import { projectFolderOf } from './home.ts';
import { applyOverrides, type Override, parseOverrides } from './override.ts';
import { type Finding, findingsOf, scenarioError } from './problems.ts';
import { type Scenario, type SchemaNode, scenarioJsonSchema, scenarioSchema } from './schema.ts';
import { type Path, type Problem, parseYaml, pathText, type YamlSource } from './yaml.ts';

/** A scenario that keeps its schema, with what is needed to speak about it. */
export interface ReadScenario {
  readonly scenario: Scenario;
  /** Absolute path of the file. */
  readonly path: string;
  /** Folder that the file's own paths may not leave; see projectRootOf. */
  readonly root: string;
  /** Absolute path of strategy.file; undefined for a shipped strategy. */
  readonly strategyPath: string | undefined;
  /** "scenario.yaml:4:12" of a value, for errors found later. */
  placeOf(path: Path): string;
  /** The place of a value with its path, to be given a text. */
  problemOf(path: Path): Problem;
}

const basesMax = 8;

/** Reads, merges and checks a scenario. SCENARIO_NOT_FOUND, or SCENARIO_INVALID with every fault of the file at once. */
export function readScenario(path: string, sets: readonly string[] = []): ReadScenario {
  const absolute = resolve(path);
  const layers = readLayers(absolute, path);
  const { overrides, problems: unreadable } = parseOverrides(sets);
  const schema = scenarioJsonSchema();
  const { merged, problems: misplaced } = applyOverrides(mergeLayers(layers), overrides, schema);
  const locator = new Locator(layers, overrides);
  const parsed = scenarioSchema.safeParse(merged);
  const findings = parsed.success ? [] : findingsOf(parsed.error.issues, merged, schema as SchemaNode);
  const problems = [...unreadable, ...misplaced, ...findings.map((finding) => locator.problem(finding))];
  if (!parsed.success || problems.length > 0) throw scenarioError(problems);
  const scenario = parsed.data;
  const owner = scenario.strategy.file === undefined ? undefined : locator.ownerOf(['strategy', 'file']);
  const strategyPath =
    scenario.strategy.file === undefined
      ? undefined
      : resolveInside({
          from: owner?.absolute ?? absolute,
          target: scenario.strategy.file,
          fail: (text) => locator.fail(['strategy', 'file'], text),
        });
  const problemOf = (at: Path): Problem => locator.problem({ path: at, of: 'value', text: '' });
  return { scenario, path: absolute, root: projectRootOf(absolute), strategyPath, placeOf: (at) => locator.place(at), problemOf };
}

/**
 * The folder a scenario's paths may not leave: the nearest folder at or above the scenario that holds a package.json or a .playhead folder,
 * so that scenarios/a.yaml may name ../strategies/b.ts inside one project; without either, the scenario's own folder.
 */
export function projectRootOf(scenarioPath: string): string {
  const start = dirname(realpathSync(scenarioPath));
  return projectFolderOf(start) ?? start;
}

interface Layer {
  readonly absolute: string;
  readonly source: YamlSource;
}

/** The file and its bases, the file first. */
function readLayers(absolute: string, shown: string): Layer[] {
  const layers: Layer[] = [];
  let next: string | undefined = absolute;
  let shownName = shown;
  while (next !== undefined) {
    const source: YamlSource = parseYaml(readText(next, shownName), shownName);
    if (source.problems.length > 0) throw scenarioError(source.problems);
    if (typeof source.value !== 'object' || source.value === null || Array.isArray(source.value)) {
      throw scenarioError([
        { file: shownName, line: 1, column: 1, path: '(top)', text: 'was no block of keys, expected a scenario: name, data, strategy' },
      ]);
    }
    layers.push({ absolute: next, source });
    const base = (source.value as Record<string, unknown>).extends;
    if (base === undefined) break;
    const fail = (text: string): never => {
      throw scenarioError([{ file: source.file, ...(source.locate(['extends']) ?? { line: 1, column: 1 }), path: 'extends', text }]);
    };
    if (typeof base !== 'string') return fail('expected the relative path of another scenario');
    const basePath = resolveInside({ from: next, target: base, fail });
    if (layers.some((layer) => layer.absolute === basePath))
      fail(`was "${base}", which leads back to ${basename(basePath)}; expected no circle`);
    if (layers.length >= basesMax) fail(`was the base number ${layers.length}, expected at most ${basesMax - 1} in a row`);
    if (!existsSync(basePath)) fail(`was "${base}", expected a file that exists`);
    shownName = join(dirname(shownName), base);
    next = basePath;
  }
  return layers;
}

/** Text of a regular file of at most 1 MB. */
function readText(absolute: string, shown: string): string {
  const stat = statSync(absolute, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new ConfigError(
      'SCENARIO_NOT_FOUND',
      `${shown}: there is no such file; check the path, or make a scenario with "npx playhead init my-desk"`,
      { file: shown },
    );
  }
  const problem = (text: string): Problem => ({ file: shown, line: 1, column: 1, path: '(top)', text });
  if (!stat.isFile()) throw scenarioError([problem('was no regular file, expected a YAML or JSON file')]);
  if (stat.size > 1_048_576) throw scenarioError([problem(`was ${stat.size} bytes long, expected at most 1 MB`)]);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(absolute));
  } catch {
    throw scenarioError([problem('was not UTF-8 text, expected YAML or JSON in UTF-8')]);
  }
}

/** Absolute path of a relative target that stays inside the project root of the file naming it, links followed. */
function resolveInside({ from, target, fail }: { from: string; target: string; fail: (text: string) => never }): string {
  if (isAbsolute(target) || /^[a-z]+:/i.test(target)) fail(`was "${target}", expected a relative path`);
  const root = projectRootOf(from);
  const absolute = resolve(dirname(realpathSync(from)), target);
  const real = existsSync(absolute) ? realpathSync(absolute) : absolute;
  const inside = relative(realpathSync(root), real);
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside))
    fail(`was "${target}", which leaves the project folder; expected a path inside it`);
  return real;
}

/** Blocks are merged key by key, the later file wins; lists and values are replaced. A file that names a strategy starts its parameters anew. */
function mergeLayers(layers: readonly Layer[]): Record<string, unknown> {
  let merged: Record<string, unknown> = {};
  for (const layer of layers.toReversed()) {
    const top = layer.source.value as Record<string, unknown>;
    const strategy = top.strategy;
    if (isBlock(strategy) && (strategy.use !== undefined || strategy.file !== undefined)) delete merged.strategy;
    merged = merge(merged, top);
  }
  return merged;
}

function merge(base: Record<string, unknown>, top: Record<string, unknown>): Record<string, unknown> {
  const result = { ...base };
  for (const [key, value] of Object.entries(top)) {
    const below = result[key];
    result[key] = isBlock(value) && isBlock(below) ? merge(below, value) : value;
  }
  return result;
}

function isBlock(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAtOrBelow(path: Path, block: Path): boolean {
  return block.every((part, i) => path[i] === part);
}

/** Finds the file, or the --set, that a value comes from. */
class Locator {
  private readonly layers: readonly Layer[];
  private readonly overrides: readonly Override[];
  constructor(layers: readonly Layer[], overrides: readonly Override[]) {
    this.layers = layers;
    this.overrides = overrides;
  }

  /** The file a value stands in; undefined where no file has it, or the command line has replaced it. */
  ownerOf(path: Path): Layer | undefined {
    if (this.overrides.some((override) => override.path.every((part, i) => path[i] === part))) return undefined;
    return this.layers.find((layer) => layer.source.locate(path) !== undefined);
  }

  /** Where nothing stands at the path (a missing key), the block that should hold it is named. */
  problem(finding: Finding): Problem {
    const text = { path: pathText(finding.path), text: finding.text };
    const paths = [finding.path, ...(finding.otherPaths ?? [])];
    const culprit =
      this.overrides.find((override) => paths.some((path) => isAtOrBelow(path, override.path))) ??
      // A block that holds what the command line has set: what is wrong with it as a whole was not so in the file, or is not known to have been.
      this.overrides.find((override) => finding.path.length > 1 && isAtOrBelow(override.path, finding.path));
    if (culprit !== undefined) return { file: `--set ${culprit.text}`, line: 0, column: 0, ...text };
    for (let length = finding.path.length; length >= 0; length--) {
      const path = finding.path.slice(0, length);
      const layer = this.ownerOf(path);
      const position = layer?.source.locate(path, length === finding.path.length ? finding.of : 'value');
      if (layer && position) return { file: layer.source.file, ...position, ...text };
    }
    return { file: this.layers[0].source.file, line: 1, column: 1, ...text };
  }

  place(path: Path): string {
    const problem = this.problem({ path, of: 'value', text: '' });
    return problem.line > 0 ? `${problem.file}:${problem.line}:${problem.column}` : problem.file;
  }

  fail(path: Path, text: string): never {
    throw scenarioError([this.problem({ path, of: 'value', text })]);
  }
}
