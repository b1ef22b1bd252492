/**
 * Owns bundling: a strategy file and all it imports become one text that a worker can compile, with the hash of its sources.
 * For the main thread only; esbuild is loaded on the first call. Never evaluates a strategy (evaluate.ts) and never looks at its meaning.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { extname, join, resolve, sep } from 'node:path';
import type { BuildFailure, BuildOptions, Loader, Message, Plugin } from 'esbuild';
import { ConfigError, type PlayheadError, StrategyError } from '../engine/errors.ts';
import { nearest } from '../engine/nearest.ts';
import { bundleExports, bundleSurface } from './evaluate.ts';
import { locateFile, packageRoot, sourcePath } from './locate.ts';
import { type BundledFile, compare, isInPackage, packagesOf, type StrategyPackage } from './packages.ts';
import { surface } from './surface.ts';

/** A source of the strategy's own (not of a package): path relative to the root, SHA-256 of its bytes with LF line ends, hex. */
export interface StrategySource {
  readonly path: string;
  readonly sha256: string;
}

/** Plain data, ready to be sent to workers. */
export interface StrategyBundle {
  /** The strategy's file, relative to the root. */
  readonly entry: string;
  /** Text for compileStrategy(). */
  readonly code: string;
  /** Text for traceStrategyError(). */
  readonly sourceMap: string;
  /** Import closure, data files (.json) included, sorted by path. */
  readonly sources: readonly StrategySource[];
  /** npm packages in the closure, sorted by name. */
  readonly packages: readonly StrategyPackage[];
  /** SHA-256, hex, over entry, sources and packages: not over where the root lies, nor over esbuild's output. */
  readonly strategyHash: string;
}

const loaders: Readonly<Record<string, Loader>> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.js': 'js',
  '.mjs': 'js',
  '.cjs': 'js',
  '.json': 'json',
};

/**
 * Bundles the strategy at path (taken from root unless absolute). STRATEGY_NOT_FOUND without the file, STRATEGY_INVALID where it does
 * not compile, STRATEGY_FORBIDDEN where it imports a module of Node or calls eval; each with file:line:column and the line.
 */
export async function bundleStrategy(path: string, options: { root: string }): Promise<StrategyBundle> {
  const file = locateFile(path, options.root);
  const files = new Map<string, BundledFile>();
  const { build } = await import('esbuild');
  const entry = sourcePath(file.root, file.path);
  try {
    const result = await build(buildOptions(file.path, file.root, files));
    const refused = result.warnings.find((warning) => warning.id === 'direct-eval' || warning.id === 'import-is-undefined');
    if (refused) throw codedError([refused]);
    const sources = [...files.values()]
      .filter((each) => !isInPackage(each.path, file.root))
      .map((each) => ({ path: sourcePath(file.root, each.path), sha256: each.sha256 }))
      .sort((left, right) => compare(left.path, right.path));
    const packages = packagesOf([...files.values()], file.root);
    const code = textOf(result.outputFiles, '.js');
    return {
      entry,
      code,
      sourceMap: textOf(result.outputFiles, '.map'),
      sources,
      packages,
      strategyHash: hashOf(entry, sources, packages),
    };
  } catch (error) {
    throw isBuildFailure(error) ? codedError(error.errors) : error;
  }
}

/** Version of the bundler, once it has shown that it works on this machine. */
export async function bundlerVersion(): Promise<string> {
  const { transform, version } = await import('esbuild');
  await transform('const x: number = 1', { loader: 'ts' });
  return version;
}

function buildOptions(path: string, root: string, files: Map<string, BundledFile>): BuildOptions & { write: false } {
  return {
    entryPoints: [path],
    absWorkingDir: root,
    outfile: join(root, 'bundle.js'),
    write: false,
    bundle: true,
    format: 'iife',
    globalName: bundleExports,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['import', 'default'],
    target: 'es2022',
    // Lowered so that each goes through a name the fence stands behind: Math.pow, Promise, require.
    supported: { 'exponent-operator': false, 'async-await': false, 'async-generator': false, 'for-await': false, 'dynamic-import': false },
    define: { 'process.env.NODE_ENV': '"production"' },
    sourcemap: 'external',
    charset: 'utf8',
    logLevel: 'silent',
    // Fixed: a tsconfig beside the strategy is for its editor, and must not change what runs.
    tsconfigRaw: '{}',
    plugins: [enginePlugin(), sourcesPlugin(files)],
  };
}

/** Every import of the engine becomes the running engine's surface; modules of Node are refused. */
function enginePlugin(): Plugin {
  const root = packageRoot();
  const engineFolders = [join(root, 'engine') + sep, join(root, 'dist', 'engine') + sep];
  const contents = Object.keys(surface)
    .map((name) => `export const ${name} = ${bundleSurface}.${name};`)
    .join('\n');
  return {
    name: 'playhead-engine',
    setup(build) {
      build.onResolve({ filter: /.*/ }, ({ path, resolveDir, kind }) => {
        if (kind === 'entry-point') return undefined;
        if (path === 'playhead') return { path, namespace: 'playhead' };
        if (path.startsWith('playhead/')) return { errors: [{ text: `"${path}" is no entry of playhead; import from "playhead"` }] };
        if (path.startsWith('node:') || builtinModules.includes(path))
          return { errors: [{ text: `import of Node's "${path}"`, detail: 'forbidden' }] };
        const isEngine = path.startsWith('.') && engineFolders.some((folder) => resolve(resolveDir, path).startsWith(folder));
        return isEngine ? { path: 'playhead', namespace: 'playhead' } : undefined;
      });
      build.onLoad({ filter: /.*/, namespace: 'playhead' }, () => ({ contents, loader: 'js' }));
    },
  };
}

/** Reads each file once, so that the bytes hashed are the bytes bundled. Line ends become LF: a checkout on another system hashes the same. */
function sourcesPlugin(files: Map<string, BundledFile>): Plugin {
  return {
    name: 'playhead-sources',
    setup(build) {
      build.onLoad({ filter: /.*/, namespace: 'file' }, ({ path }) => {
        const loader = loaders[extname(path)];
        if (!loader)
          return {
            errors: [{ text: `a strategy may import .ts, .js and .json files, was ${extname(path) || 'a file without extension'}` }],
          };
        const contents = readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
        files.set(path, { path, sha256: sha256(contents) });
        return { contents, loader };
      });
    },
  };
}

function textOf(outputs: readonly { path: string; text: string }[], ending: string): string {
  return outputs.find((output) => output.path.endsWith(ending))?.text ?? '';
}

function hashOf(entry: string, sources: readonly StrategySource[], packages: readonly StrategyPackage[]): string {
  const canonical = JSON.stringify({
    entry,
    sources: sources.map(({ path, sha256: hash }) => [path, hash]),
    packages: packages.map(({ name, version, integrity }) => [name, version, integrity]),
  });
  return sha256(canonical);
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && Array.isArray((error as Partial<BuildFailure>).errors);
}

/** The first message as a coded error: place, what is wrong, the line with a caret; the number of others. */
function codedError(messages: readonly Message[]): PlayheadError {
  const first = messages[0];
  const { location } = first;
  const place = location ? { file: location.file, line: location.line, column: columnOf(location) } : undefined;
  const where = place ? `${place.file}:${place.line}:${place.column}: ` : '';
  const excerpt = location ? excerptOf(location) : '';
  const more = messages.length > 1 ? `\n(and ${messages.length - 1} more)` : '';
  const fields = { ...place };
  if (first.detail === 'forbidden') {
    const text = `${first.text} is forbidden in a strategy, because results would not repeat; bring data in as a series of the scenario or an imported .json file`;
    return new StrategyError('STRATEGY_FORBIDDEN', `${where}${text}${excerpt}${more}`, fields);
  }
  if (first.id === 'direct-eval')
    return new StrategyError(
      'STRATEGY_FORBIDDEN',
      `${where}eval() is forbidden in a strategy; write the code out${excerpt}${more}`,
      fields,
    );
  return new ConfigError('STRATEGY_INVALID', `${where}${reworded(first.text)}${excerpt}${more}`, fields);
}

/** The line and a mark under the place; tabs stay tabs, so that the mark stands there whatever a tab is worth. */
function excerptOf(location: { column: number; lineText: string }): string {
  const before = location.lineText.slice(0, columnOf(location) - 1);
  return location.lineText.trim() === '' ? '' : `\n  ${location.lineText}\n  ${before.replaceAll(/[^\t]/g, ' ')}^`;
}

/** esbuild counts columns from 0 in UTF-8 bytes; editors from 1 in characters. */
function columnOf(location: { column: number; lineText: string }): number {
  return Buffer.from(location.lineText, 'utf8').subarray(0, location.column).toString('utf8').length + 1;
}

/** esbuild's words, but for an import that playhead does not have. */
function reworded(text: string): string {
  const missing = /"playhead:playhead" for import "(.*)"/.exec(text);
  if (!missing) return text;
  const names = Object.keys(surface);
  const near = nearest(missing[1], names);
  return `"playhead" has no "${missing[1]}" for strategies${near ? `; did you mean "${near}"?` : ''} (it has: ${names.join(', ')})`;
}
