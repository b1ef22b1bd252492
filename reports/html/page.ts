/** Owns the frame of every page: one document that opens offline, under a policy that forbids every request and eval. Never holds a figure. */
import { escapeHtml, scriptCode, scriptJson } from './escape.ts';
import { style } from './style.ts';

export interface Page {
  /** Text, as are title and footer; all else is HTML. */
  readonly title: string;
  readonly header: string;
  readonly navigation: string;
  readonly body: readonly string[];
  readonly footer: string;
  /** What the page's code reads. */
  readonly data: object;
  readonly scripts: readonly string[];
}

const policy =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

export function pageHtml({ title, header, navigation, body, footer, data, scripts }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
${header}
${navigation}
<main>
${body.join('\n')}
</main>
<footer class="soft">${escapeHtml(footer)}</footer>
<div id="tip" role="status"></div>
<script type="application/json" id="report-data">${scriptJson(data)}</script>
${scripts.map((code) => `<script>${scriptCode(code)}</script>`).join('\n')}
</body>
</html>
`;
}
