/** Owns which tests compare with published results: those of this folder, those that read the oracles, and those whose header says so. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Paths from the root, in order. */
export function oracleTests(root) {
  return ['engine', 'data', 'scenarios']
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path.replaceAll('\\', '/')}`),
    )
    .filter(
      (path) =>
        path.endsWith('.test.ts') && (path.startsWith('scenarios/oracles/') || comparesWithOthers(readFileSync(join(root, path), 'utf8'))),
    )
    .sort();
}

function comparesWithOthers(source) {
  const header = source.startsWith('/**') ? source.slice(0, source.indexOf('*/')) : '';
  return /oracles/i.test(source) || /published/i.test(header);
}
