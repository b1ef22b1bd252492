/** Owns the conformance page: what others published, case by case, against what this engine gives. Written from the tests as they ran; decides nothing. */
import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';

const cell = (value) => String(value).replaceAll('|', '\\|').replaceAll('\n', ' ');

/** The sentence of the file's header that names the source. */
function sourceOf(path) {
  const header = /\/\*\*([\s\S]*?)\*\//.exec(readFileSync(path, 'utf8'))?.[1] ?? '';
  return header
    .replace(/^\s*\* ?/gm, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function rowsOf(module) {
  const rows = [];
  for (const test of module.children.allTests()) {
    const { state, errors } = test.result();
    const figures = test.meta().figures ?? { count: 0, shown: [] };
    const outcome =
      state === 'passed' ? 'passed' : state === 'failed' ? `FAILED: ${cell(errors?.[0]?.message?.split('\n')[0] ?? '')}` : 'skipped';
    const [first] = figures.shown;
    const more = figures.count > 1 ? ` (+${figures.count - 1})` : '';
    rows.push({
      state,
      line: `| ${cell(test.fullName)} | ${cell(first?.expected ?? '')}${more} | ${cell(first?.found ?? '')} | ${first?.tolerance ?? ''} | ${outcome} |`,
    });
  }
  return rows;
}

/** Published figures, each on a line of its own: vector, expected, ours, tolerance. */
function figureLines(module) {
  return [...module.children.allTests()].flatMap((test) => {
    const { state } = test.result();
    const name = cell(test.fullName);
    if (state === 'skipped') return [`| ${name} | | | | skipped |`];
    return (test.meta().figures?.shown ?? [])
      .filter(({ isPublished }) => isPublished)
      .map(({ expected, found, tolerance }) => `| ${name} | ${expected} | ${found} | ${tolerance} | ${state} |`);
  });
}

/** What users of other engines complain about, and the tests that answer it; complaints.test.ts holds it to be so. */
function complaintsPart() {
  const complaints = JSON.parse(readFileSync(new URL('../complaints.json', import.meta.url), 'utf8'));
  const rows = complaints.map(({ number, complaint, answers, later }) => {
    const answered = answers.map(({ file, title }) => `${cell(file)}: ${cell(title)}`).join('<br>');
    return `| ${number} | ${cell(complaint)} | ${answered} | ${cell(later)} |`;
  });
  const head = `## Thirty complaints\n\nWhat users of other engines complain about, and the tests of this one that answer it.`;
  return `${head}\n\n| | complaint | answered by | left to |\n|---|---|---|---|\n${rows.join('\n')}`;
}

export default class ConformanceReporter {
  onTestRunEnd(modules) {
    const path = process.env.PLAYHEAD_CONFORMANCE_PAGE;
    const summary = [];
    const parts = [];
    for (const module of [...modules].sort((a, b) => (a.moduleId < b.moduleId ? -1 : 1))) {
      const rows = rowsOf(module);
      const count = (state) => rows.filter((row) => row.state === state).length;
      const name = relative(process.cwd(), module.moduleId).replaceAll('\\', '/');
      summary.push(
        `| [${name}](#${name.replace(/[^a-z0-9]+/g, '-')}) | ${rows.length} | ${count('passed')} | ${count('failed')} | ${count('skipped')} |`,
      );
      parts.push(
        `<a id="${name.replace(/[^a-z0-9]+/g, '-')}"></a>\n\n## ${name}\n\n${sourceOf(module.moduleId)}\n\n| case | expected | ours | tolerance | outcome |\n|---|---|---|---|---|\n${rows.map((row) => row.line).join('\n')}`,
      );
    }
    const head =
      '# Conformance\n\nResults that others published, on the data they were computed on, against this engine. Made from the tests: `npm run conformance`.\nWhere a case makes several comparisons the first is shown and the others counted. What a source cannot be asked here, and why, stands in its header.\n';
    const page = `${head}\n| tests | cases | passed | failed | skipped |\n|---|---|---|---|---|\n${summary.join('\n')}\n\n${parts.join('\n\n')}\n\n${complaintsPart()}\n`;
    writeFileSync(path, page);
    if (process.env.PLAYHEAD_CONFORMANCE_ONLY !== '') {
      const lines = modules.flatMap((module) => figureLines(module));
      process.stdout.write(`| vector | expected | ours | tolerance | outcome |\n|---|---|---|---|---|\n${lines.join('\n')}\n\n`);
    }
    process.stdout.write(`${summary.map((line) => line.replaceAll(/\[|\]\([^)]*\)/g, '')).join('\n')}\n\nconformance page: ${path}\n`);
  }
}
