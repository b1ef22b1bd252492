/** Owns what code may not do and how it must look: banned calls, sizes, names, headers. Never looks at who imports whom. */
import { isDeterministic } from './import-rules.ts';
import { finding, isTest, lineOf, nameOf, type Rule, type SourceFile, type SyntaxNode } from './source.ts';

const globalsBanned = [
  'performance',
  'process',
  'Intl',
  'Promise',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'WeakRef',
  'FinalizationRegistry',
  'Temporal',
];
const localTime = /^[gs]et(FullYear|Month|Date|Day|Hours|Minutes|Seconds|Milliseconds|Year|TimezoneOffset)$/;

/** Nothing in the deterministic part depends on clock, chance, timers, process, locale or time zone, and nothing in it waits. */
export const bannedCalls: Rule = (file) => {
  if (!isDeterministic(file)) return [];
  const faults: string[] = [];
  for (const node of file.nodes) {
    const what = bannedCall(node);
    if (what !== '') faults.push(finding(file, node, `${what} in the deterministic part of the engine; take it as an input instead`));
  }
  return faults;
};

/** What is banned about this node, in words; '' where nothing is. */
function bannedCall(node: SyntaxNode): string {
  if (node.async === true) return 'async function';
  if (node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node.await === true)) return 'await';
  if (node.type === 'NewExpression' && nameOf(node.callee) === 'Date') {
    const count = (node.arguments as unknown[]).length;
    return count === 0 ? 'new Date() without argument' : count > 1 ? 'new Date(…) in local time' : '';
  }
  if (node.type === 'NewExpression' && globalsBanned.includes(nameOf(node.callee))) return `new ${nameOf(node.callee)}()`;
  if (node.type === 'CallExpression') {
    const callee = nameOf(node.callee);
    if (callee === 'Date' || globalsBanned.includes(callee)) return `${callee}()`;
  }
  if (node.type !== 'MemberExpression') return '';
  const name = nameOf(node);
  const [object, property] = [name.slice(0, name.lastIndexOf('.')), name.slice(name.lastIndexOf('.') + 1)];
  if (name === 'Date.now' || name === 'Math.random' || globalsBanned.includes(object)) return name;
  if (property.startsWith('toLocale') || property === 'localeCompare') return `.${property}()`;
  return localTime.test(property) ? `.${property}() in local time` : '';
}

const exactMath = ['abs', 'ceil', 'clz32', 'floor', 'fround', 'imul', 'max', 'min', 'round', 'sign', 'sqrt', 'trunc', 'random'];

/** The language does not promise the last bit of exp, log, pow, …: all take them from engine/math.ts. */
export const bannedNatives: Rule = (file) => {
  if (isTest(file.path) || file.path === 'engine/math.ts') return [];
  const faults: string[] = [];
  for (const node of file.nodes) {
    const name = node.type === 'MemberExpression' ? nameOf(node) : '';
    const isPower =
      (node.type === 'BinaryExpression' || node.type === 'AssignmentExpression') &&
      (node.operator === '**' || node.operator === '**=') &&
      !isBigInt(node.left) &&
      !isBigInt(node.right);
    const isUnpacked =
      node.type === 'VariableDeclarator' && nameOf(node.init) === 'Math' && (node.id as SyntaxNode).type === 'ObjectPattern';
    if (isPower) faults.push(finding(file, node, `the operator ${String(node.operator)}; use pow from engine/math.ts`));
    else if (isUnpacked) faults.push(finding(file, node, 'Math taken apart; call its functions by their full names'));
    else if (/^Math\.[a-z]/.test(name) && !exactMath.includes(name.slice(5)))
      faults.push(finding(file, node, `${name}; use engine/math.ts`));
  }
  return faults;
};

/** 10n or BigInt(…): whole numbers, whose powers are exact. */
function isBigInt(value: unknown): boolean {
  const node = value as SyntaxNode;
  return typeof node.bigint === 'string' || (node.type === 'CallExpression' && nameOf(node.callee) === 'BigInt');
}

const lineLimits: Readonly<Record<string, number>> = { 'engine/step.ts': 120 };

export const fileLength: Rule = ({ path, text }) => {
  const limit = lineLimits[path] ?? 400;
  const count = text.trimEnd().split('\n').length;
  return count > limit ? [`${path}:${limit + 1}: has ${count} lines, the limit is ${limit}; give a part of it a file of its own`] : [];
};

/** Tests are exempt: a describe is a chapter, not a function. */
export const functionLength: Rule = (file) => {
  if (isTest(file.path)) return [];
  const faults: string[] = [];
  for (const node of file.nodes) {
    if (!/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)) continue;
    const count = lineOf(file, node.end) - lineOf(file, node.start) + 1;
    if (count > 70) faults.push(finding(file, node, `a function of ${count} lines, the limit is 70; branch here, compute in leaves`));
  }
  return faults;
};

export const bannedTypes: Rule = (file) => {
  const words: Readonly<Record<string, string>> = {
    TSAnyKeyword: 'any; use unknown or the type',
    TSEnumDeclaration: 'enum; use a union of literals or an object "as const"',
  };
  return file.nodes.filter((node) => Object.hasOwn(words, node.type)).map((node) => finding(file, node, words[node.type]));
};

export const kebabNames: Rule = ({ path }) => {
  const wrong = path.split('/').filter((part) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/.test(part));
  return wrong.map((part) => `${path}:1: "${part}" is not kebab-case`);
};

export const engineHeader: Rule = ({ path, text }) => {
  if (!path.startsWith('engine/') || isTest(path)) return [];
  const header = /^\/\*\*[\s\S]*?\*\//.exec(text)?.[0] ?? '';
  return /\bOwns\b/.test(header) ? [] : [`${path}:1: does not open with a comment that says what it owns ("/** Owns … Never … */")`];
};

/** Names of tests state facts. */
export const testNames: Rule = (file) => {
  if (!isTest(file.path)) return [];
  const faults: string[] = [];
  for (const node of file.nodes) {
    if (node.type !== 'CallExpression' || !/^(test|it|describe)\b/.test(calledName(node.callee))) continue;
    const name = textOf((node.arguments as SyntaxNode[])[0]);
    if (/\bshould\b/i.test(name)) faults.push(finding(file, node, `a test called "${name}"; state the fact without "should"`));
  }
  return faults;
};

/** test, test.each(rows), describe.skipIf(absent) … → "test", "describe" */
function calledName(value: unknown): string {
  const node = value as SyntaxNode;
  if (node.type === 'CallExpression' || node.type === 'TaggedTemplateExpression') return calledName(node.callee ?? node.tag);
  return nameOf(node);
}

function textOf(node: SyntaxNode | undefined): string {
  if (node?.type === 'Literal') return String(node.value);
  if (node?.type !== 'TemplateLiteral') return '';
  return (node.quasis as { value: { raw: string } }[]).map((part) => part.value.raw).join('…');
}

/** Folders beside the five: none, but for what tools make and hide. */
export function strayFolders(folders: readonly string[], expected: readonly string[]): string[] {
  const isKnown = (name: string): boolean =>
    expected.includes(name) || name.startsWith('.') || ['node_modules', 'dist', 'coverage'].includes(name);
  return folders
    .filter((name) => !isKnown(name))
    .map((name) => `${name}/: a sixth top-level folder; everything has a home in ${expected.join(', ')}`);
}

/** Every rule that looks at one file, by name. */
export type NamedRules = Readonly<Record<string, (file: SourceFile) => string[]>>;
export const codeRules: NamedRules = {
  bannedCalls,
  bannedNatives,
  fileLength,
  functionLength,
  bannedTypes,
  kebabNames,
  engineHeader,
  testNames,
};
