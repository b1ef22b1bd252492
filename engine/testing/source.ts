/** Owns how the tidy rules see a source file: its text and a flat list of its syntax. Never parses: the caller brings the tree. */

/** The slice of an ESTree node that the rules read. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export interface SourceFile {
  /** Relative to the project, forward slashes. */
  readonly path: string;
  readonly text: string;
  /** Every node of the tree, outer before inner. */
  readonly nodes: readonly SyntaxNode[];
}

export interface SourceImport {
  /** As written. */
  readonly specifier: string;
  /** The imported file relative to the project where the specifier is relative; '' for packages. */
  readonly target: string;
  readonly isTypeOnly: boolean;
  /** import() at run time. */
  readonly isLazy: boolean;
  readonly line: number;
}

/** A rule looks at one file and says each fault as "path:line: what was found; what to do". */
export type Rule = (file: SourceFile) => string[];

export function sourceFile(path: string, text: string, program: unknown): SourceFile {
  const nodes: SyntaxNode[] = [];
  collect(program, nodes);
  return { path, text, nodes };
}

function collect(value: unknown, nodes: SyntaxNode[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const each of value) collect(each, nodes);
    return;
  }
  const node = value as SyntaxNode;
  if (typeof node.type !== 'string') return;
  nodes.push(node);
  for (const field of Object.keys(node)) if (typeof node[field] === 'object') collect(node[field], nodes);
}

export function lineOf(file: SourceFile, offset: number): number {
  let line = 1;
  for (let i = file.text.indexOf('\n'); i >= 0 && i < offset; i = file.text.indexOf('\n', i + 1)) line++;
  return line;
}

/** "path:line: message" */
export function finding(file: SourceFile, node: SyntaxNode, message: string): string {
  return `${file.path}:${lineOf(file, node.start)}: ${message}`;
}

/** Tests and what only they use (oracles.test.helper.ts): what the package leaves out. */
export function isTest(path: string): boolean {
  return /\.test\.([a-z-]+\.)?ts$/.test(path);
}

export function importsOf(file: SourceFile): SourceImport[] {
  const imports: SourceImport[] = [];
  for (const node of file.nodes) {
    if (!/^(ImportDeclaration|ExportNamedDeclaration|ExportAllDeclaration|ImportExpression|TSImportType)$/.test(node.type)) continue;
    const specifier = (node.source as SyntaxNode | null)?.value;
    if (typeof specifier !== 'string') continue;
    imports.push({
      specifier,
      target: specifier.startsWith('.') ? joined(file.path, specifier) : '',
      isTypeOnly: node.importKind === 'type' || node.exportKind === 'type' || node.type === 'TSImportType',
      isLazy: node.type === 'ImportExpression',
      line: lineOf(file, node.start),
    });
  }
  return imports;
}

/** The package of a specifier: "@scope/name/inner" → "@scope/name"; '' for relative ones and Node's own. */
export function packageOf(specifier: string): string {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return '';
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** "object.property" of a plain member expression, "name" of an identifier, '' of anything else; globalThis is seen through. */
export function nameOf(value: unknown): string {
  const node = value as SyntaxNode | null | undefined;
  if (node?.type === 'Identifier') return String(node.name);
  if (node?.type !== 'MemberExpression') return '';
  const property = node.property as SyntaxNode;
  const name = node.computed === true ? property.value : property.name;
  if (typeof name !== 'string') return '';
  const object = nameOf(node.object);
  return object === 'globalThis' ? name : `${object}.${name}`;
}

function joined(from: string, specifier: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}
