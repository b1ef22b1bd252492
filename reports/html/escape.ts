/** Owns the edge between a run's words and a page's code. Never lets the one become the other. */

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text that may stand between tags and inside quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]);
}

/** JSON that may stand inside a script element: no "<" that could end it, no line separators. NaN and infinities become null. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Library code that may stand inside a script element. */
export function scriptCode(code: string): string {
  return code.replace(/<(\/script|!--)/gi, '\\x3c$1');
}
