import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PlayheadError } from '../engine/errors.ts';
import * as math from '../engine/math.ts';
import { play } from '../engine/play.ts';
import type { SetupContext, StrategyContext } from '../engine/strategy.ts';
import { settingsOf, testHashes } from '../engine/testing/settings.ts';
import { instrumentOf, tapeOf } from '../engine/testing/tapes.ts';
import { compileStrategy } from './evaluate.ts';
import { fenceLocale } from './fence.ts';
import { bundleStrategy, type StrategyBundle } from './loader.ts';
import { locateInSource, traceStrategyError } from './trace.ts';

const root = mkdtempSync(join(tmpdir(), 'playhead-evaluate-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function bundleText(text: string): Promise<StrategyBundle> {
  writeFileSync(join(root, 'mine.ts'), text);
  return bundleStrategy('mine.ts', { root });
}

/** What the expression gives inside onBar, or the error a user would see. */
async function evaluateInOnBar(expression: string, top = ''): Promise<unknown> {
  const bundle = await bundleText(
    `import { defineStrategy } from 'playhead';\n${top}\nexport default defineStrategy({ name: 'mine', parameters: {}, setup: () => ({ onBar: () => (${expression}) as never }) });`,
  );
  const handlers = compileStrategy(bundle.code)().setup({} as SetupContext<Record<string, never>>);
  const onBar = handlers.onBar as (context: StrategyContext) => unknown;
  try {
    return onBar({} as StrategyContext);
  } catch (error) {
    return traceStrategyError(error, bundle.sourceMap);
  }
}

describe('a fresh evaluation', () => {
  test('keeps nothing of the one before: module variables, module objects, imported data', async () => {
    writeFileSync(join(root, 'data.json'), '{ "list": [1] }');
    const { code } = await bundleText(
      `import { defineStrategy } from 'playhead';\nimport data from './data.json';\nlet calls = 0;\nconst seen = new Map<number, number>();\nexport default defineStrategy({ name: 'mine', parameters: {}, setup() { calls++; seen.set(calls, 1); data.list.push(1); return { onBar: () => [calls, seen.size, data.list.length] as never }; } });`,
    );
    const factory = compileStrategy(code);
    const count = (definition: ReturnType<typeof factory>) => (definition.setup({} as never).onBar as unknown as () => number[])();
    const first = factory();
    expect(count(first)).toEqual([1, 1, 2]);
    // The same evaluation remembers; a fresh one does not.
    expect(count(first)).toEqual([2, 2, 3]);
    expect(count(factory())).toEqual([1, 1, 2]);
  });

  test('is given the running engine’s own functions', async () => {
    const { crossedAbove, crossing } = await import('../engine/strategy.ts');
    expect(await evaluateInOnBar('[exp, crossedAbove, crossing]', "import { exp, crossedAbove, crossing } from 'playhead';")).toEqual([
      math.exp,
      crossedAbove,
      crossing,
    ]);
  });
});

describe('the fence', () => {
  const cases: [expression: string, what: string, instead: string][] = [
    ['Date.now()', 'Date.now', 'use context.timeMs'],
    ['new Date()', 'new Date()', 'use context.timeMs'],
    ['Date()', 'Date()', 'use context.timeMs'],
    ['performance.now()', 'performance.now', 'use context.timeMs'],
    ['process.env.HOME', 'process.env', 'use the strategy’s parameters'],
    ["fetch('http://localhost')", 'fetch()', 'bring data in before the run'],
    ['setTimeout(() => {}, 1)', 'setTimeout()', 'handlers are synchronous'],
    ['setInterval(() => {}, 1)', 'setInterval()', 'handlers are synchronous'],
    ['setImmediate(() => {})', 'setImmediate()', 'handlers are synchronous'],
    ['queueMicrotask(() => {})', 'queueMicrotask()', 'handlers are synchronous'],
    ['Promise.resolve(1)', 'Promise.resolve', 'handlers are synchronous'],
    ['(async () => 1)()', 'new Promise()', 'handlers are synchronous'],
    ['import(String(1))', 'Promise.resolve', 'handlers are synchronous'],
    ['Math.random()', 'Math.random()', 'use random() from setup'],
    ['crypto.randomUUID()', 'crypto.randomUUID', 'use random() from setup'],
    ['new WeakRef({})', 'new WeakRef()', 'hold the object itself'],
    ["new WebSocket('ws://localhost')", 'new WebSocket()', 'bring data in'],
    ["new Worker('x')", 'new Worker()', 'handlers are synchronous'],
    ['new SharedArrayBuffer(8)', 'new SharedArrayBuffer()', 'handlers are synchronous'],
    ['Atomics.load(new Int32Array(1), 0)', 'Atomics.load', 'handlers are synchronous'],
    ["new Intl.NumberFormat('de')", 'Intl.NumberFormat', 'compare texts with < and >'],
    ['(require as any)(String(1))', 'require()', 'use an import'],
    ["(0, eval)('1')", 'eval()', 'write the code out'],
    ["Function('return this')()", 'Function()', 'write the code out'],
    ["new globalThis.Function('return this')()", 'Function()', 'write the code out'],
    ['globalThis.Date.now()', 'Date.now', 'use context.timeMs'],
    ['global.process.env', 'process.env', 'use the strategy’s parameters'],
    ['globalThis.Math.random()', 'Math.random()', 'use random()'],
    ['((globalThis as any).counter = 1)', 'writing globalThis.counter', 'keep state in setup'],
  ];
  test.each(cases)('%s is refused by name', async (expression, what, instead) => {
    const error = await evaluateInOnBar(expression);
    expect(error).toBeInstanceOf(PlayheadError);
    const { code, message, fields, exitCode } = error as PlayheadError;
    expect([code, exitCode, fields.file, fields.line]).toEqual(['STRATEGY_FORBIDDEN', 5, 'mine.ts', 3]);
    expect(message).toContain(`${what} is forbidden in a strategy, because results would not repeat; ${instead}`);
    expect(message).toMatch(/^mine\.ts:3:\d+: /);
  });

  test('Math keeps what is exact and takes the rest from the engine', async () => {
    expect(await evaluateInOnBar('[Math.PI, Math.sqrt(2), Math.max(1, 3), Math.floor(-0.5), Math.abs(-1)]')).toEqual([
      Math.PI,
      Math.SQRT2,
      3,
      -1,
      1,
    ]);
    const offered = Object.keys(math);
    expect(offered).toContain('log');
    for (const name of offered) expect(await evaluateInOnBar(`Math.${name}`), name).toBe((math as Readonly<Record<string, unknown>>)[name]);
    expect(await evaluateInOnBar('Object.isFrozen(Math)')).toBe(true);
  });

  test('a function of Math that the engine does not offer is refused, never the native', async () => {
    const exact = ['abs', 'ceil', 'clz32', 'floor', 'fround', 'imul', 'max', 'min', 'round', 'sign', 'sqrt', 'trunc'];
    const natives = Object.getOwnPropertyNames(Math).filter(
      (name) => typeof (Math as unknown as Record<string, unknown>)[name] === 'function',
    );
    const others = natives.filter((name) => !exact.includes(name) && !(name in math) && name !== 'random');
    for (const name of others) expect(await evaluateInOnBar(`Math.${name}(1)`), name).toMatchObject({ code: 'STRATEGY_FORBIDDEN' });
  });

  test('** becomes a call of the engine’s pow', async () => {
    const { code } = await bundleText(
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a source in a text, with a template of its own
      "import { defineStrategy } from 'playhead';\nexport default defineStrategy({ name: `${2 ** Number('3')}`, parameters: {}, setup: () => ({}) });",
    );
    expect(code).not.toContain('**');
    expect(compileStrategy(code)().name).toBe('8');
  });

  test('plain language is left alone', async () => {
    expect(
      await evaluateInOnBar(
        "[typeof process, typeof window, [3, 1].sort(), new Map([[1, 2]]).get(1), JSON.stringify({}), globalThis.Number('3'), (1.5).toFixed(2)]",
      ),
    ).toEqual(['function', 'undefined', [1, 3], 2, '{}', 3, '1.50']);
  });
});

describe('the locale fence', () => {
  let lift = () => {};
  beforeEach(() => {
    lift = fenceLocale();
  });
  afterEach(() => lift());

  test.each([
    "'a'.localeCompare('b')",
    '(1).toLocaleString()',
    "'i'.toLocaleUpperCase('tr')",
    "'I'.toLocaleLowerCase()",
    '[1].toLocaleString()',
    'new Float64Array(1).toLocaleString()',
    '({}).toLocaleString()',
  ])('%s is refused while it is up', async (expression) => {
    expect(await evaluateInOnBar(expression)).toMatchObject({ code: 'STRATEGY_FORBIDDEN' });
  });

  test('is gone once lifted', () => {
    lift();
    expect('a'.localeCompare('b')).toBe(-1);
  });
});

describe('an export that is no strategy', () => {
  const fault = async (text: string) => {
    const { code } = await bundleText(`import { choice, integer } from 'playhead';\n${text}\nvoid [choice, integer];`);
    try {
      compileStrategy(code)();
    } catch (error) {
      return [(error as PlayheadError).code, (error as PlayheadError).message];
    }
    return [];
  };
  const cases: [text: string, message: string][] = [
    ['const a = 1; void a;', 'the strategy file has no default export (it exports nothing); write "export default defineStrategy({ … })"'],
    [
      'export const strategy = {};',
      'the strategy file has no default export (it exports only strategy); write "export default defineStrategy({ … })"',
    ],
    ['export default function onBar() {}', 'the default export was a function (onBar), expected what defineStrategy({ … }) returns'],
    ['export default null;', 'the default export was null, expected what defineStrategy({ … }) returns'],
    ['export default {};', "name was missing, expected a text such as 'my-strategy'"],
    ["export default { name: 'a', parameters: {} };", 'setup of "a" was missing, expected a function that returns the handlers'],
    [
      "export default { name: 'a', setup() {} };",
      'parameters of "a" was missing, expected a schema such as { period: integer(20, { min: 2, max: 200 }) }, or {} for none',
    ],
    [
      "export default { name: 'a', parameters: { n: 5 }, setup() {} };",
      'parameter "n" of "a" was the number 5, expected integer(…), number(…), boolean(…) or choice(…)',
    ],
    [
      "export default { name: 'a', parameters: { n: integer(5, { min: 6, max: 9 }) }, setup() {} };",
      'parameter "n" of "a" has the default 5, outside its own range 6 to 9',
    ],
    [
      "export default { name: 'a', parameters: { n: integer(5.5, { min: 1, max: 9 }) }, setup() {} };",
      'parameter "n" of "a" has default 5.5 and range 1 to 9, expected whole numbers',
    ],
    [
      "export default { name: 'a', parameters: { n: choice('x' as 'y', ['y']) }, setup() {} };",
      'parameter "n" of "a" has the default "x", expected one of y',
    ],
    [
      "export default { name: 'a', parameters: { n: { type: 'text' } }, setup() {} };",
      'parameter "n" of "a" has the type "text", expected integer(…), number(…), boolean(…) or choice(…)',
    ],
  ];
  test.each(cases)('%s', async (text, message) => {
    expect(await fault(text)).toEqual(['STRATEGY_INVALID', message]);
  });
});

describe('the way back to the source', () => {
  test('a thrown error names the author’s file, line and column', async () => {
    const bundle = await bundleText(
      "import { defineStrategy, type Column } from 'playhead';\n\ninterface Unused { a: Column }\nexport default defineStrategy({\n  name: 'mine',\n  parameters: {},\n  setup() {\n    const nothing = undefined as unknown as { x: number };\n    return { onBar() { void (1 as number); nothing.x++; } };\n  },\n});\nexport type { Unused };",
    );
    const onBar = compileStrategy(bundle.code)().setup({} as never).onBar as unknown as () => void;
    let thrown: unknown;
    try {
      onBar();
    } catch (error) {
      thrown = traceStrategyError(error, bundle.sourceMap, 'onBar at 2024-05-01T00:00:00.000Z');
    }
    expect(thrown).toMatchObject({
      code: 'STRATEGY_THREW',
      fields: { file: 'mine.ts', line: 9, column: 44 },
      message: "mine.ts:9:44: TypeError: Cannot read properties of undefined (reading 'x') (in onBar at 2024-05-01T00:00:00.000Z)",
    });
    expect((thrown as Error).cause).toBeInstanceOf(TypeError);
  });

  test('an error at the top of a module is placed too', async () => {
    const bundle = await bundleText("export const a = 1;\nthrow new RangeError('early');");
    let thrown: unknown;
    try {
      compileStrategy(bundle.code)();
    } catch (error) {
      thrown = traceStrategyError(error, bundle.sourceMap);
    }
    expect((thrown as Error).message).toBe('mine.ts:2:7: RangeError: early');
  });

  test('an undeclared variable is an error, not a global that outlives the trial', async () => {
    expect(await evaluateInOnBar('((counter as unknown) = 1)', 'declare let counter: unknown;')).toMatchObject({
      message: expect.stringMatching(/^mine\.ts:3:\d+: ReferenceError: counter is not defined/),
    });
  });

  test('an endless recursion is placed', async () => {
    expect(await evaluateInOnBar('f()', 'function f(): number { return f() + 1; }')).toMatchObject({
      code: 'STRATEGY_THREW',
      message: expect.stringMatching(/^mine\.ts:2:\d+: RangeError: Maximum call stack/),
    });
  });

  test('what is thrown and is no Error is said so', async () => {
    expect(await evaluateInOnBar("(() => { throw 'oh'; })()")).toMatchObject({
      code: 'STRATEGY_THREW',
      message: 'the strategy threw "oh", which is no Error and has no line; throw new Error(…)',
    });
  });

  test('an error that the engine has wrapped with the bar is placed by its cause', async () => {
    const bundle = await bundleText(
      "import { defineStrategy } from 'playhead';\nlet bar = 0;\nexport default defineStrategy({ name: 'mine', parameters: {}, setup: () => ({\n  onBar() {\n    if (++bar === 3) throw new RangeError('third');\n  },\n}) });",
    );
    const input = {
      tapes: [tapeOf(Array.from({ length: 5 }, () => [1, 1, 1, 1] as const))],
      instruments: [instrumentOf()],
      settings: settingsOf(),
      parameters: {},
      hashes: testHashes,
    };
    let thrown: unknown;
    try {
      play({ ...input, strategy: compileStrategy(bundle.code), recording: 'full' });
    } catch (error) {
      thrown = traceStrategyError(error, bundle.sourceMap);
    }
    expect(thrown).toMatchObject({ code: 'STRATEGY_THREW', exitCode: 5, fields: { file: 'mine.ts', line: 5, column: 28, row: 2 } });
    expect((thrown as Error).message).toBe('mine.ts:5:28: at 1970-01-01T00:03:00.000Z (row 2): RangeError: third');
  });

  test('the engine’s own faults, and errors from elsewhere, come back as they are', async () => {
    const { sourceMap } = await bundleText('export default 1;');
    const own = new Error('Invariant: x');
    const other = new TypeError('elsewhere');
    const bundle = await bundleText(
      "import { defineStrategy } from 'playhead';\nexport default defineStrategy({ name: 'mine', parameters: {}, setup: ({ random }) => ({ onBar: () => void random() }) });",
    );
    const fault = () => {
      throw new Error('Invariant: below the strategy');
    };
    const onBar = compileStrategy(bundle.code)().setup({ random: fault } as never).onBar as unknown as () => void;
    let thrown: unknown;
    try {
      onBar();
    } catch (error) {
      thrown = error;
    }
    expect((thrown as Error).stack).toContain('playhead-strategy.js');
    expect(traceStrategyError(thrown, bundle.sourceMap)).toBe(thrown);
    expect(traceStrategyError(own, sourceMap)).toBe(own);
    expect(traceStrategyError(other, sourceMap)).toBe(other);
  });

  test('the map is read as its specification says', () => {
    // Segments: [0,0,0,0] [4,0,0,6] on line 1; [0,1,2,-6] on line 3: source 1, line 3, column 1.
    const sourceMap = JSON.stringify({ sources: ['a.ts', 'b.ts'], mappings: 'AAAA,IAAM;;ACEN' });
    expect(locateInSource(sourceMap, 1, 4)).toEqual({ file: 'a.ts', line: 1, column: 1 });
    expect(locateInSource(sourceMap, 1, 5)).toEqual({ file: 'a.ts', line: 1, column: 7 });
    expect(locateInSource(sourceMap, 2, 1)).toBe(null);
    expect(locateInSource(sourceMap, 3, 9)).toEqual({ file: 'b.ts', line: 3, column: 1 });
  });
});
