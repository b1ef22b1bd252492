/** Owns what tests ask of every page as text: that it is one balanced document that requests nothing. Never used outside tests. */

/** The page without code, style and data: what a reader sees. */
export function visibleOf(page: string): string {
  return page.replace(/<(script|style)\b.*?<\/\1>/gs, '');
}

/** Names of elements left open or closed out of order. */
export function unbalanced(page: string): string[] {
  const voids = new Set(['meta', 'link', 'input', 'br', '!doctype']);
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, slash, name, rest] of visibleOf(page).matchAll(/<(\/?)([a-z!][a-z0-9]*)((?:"[^"]*"|[^">])*)>/gi)) {
    if (voids.has(name.toLowerCase()) || rest.endsWith('/')) continue;
    if (slash === '') open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...wrong, ...open];
}

/** Ids that stand twice. */
export function twiceUsedIds(page: string): string[] {
  const ids = [...visibleOf(page).matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  return ids.filter((id, i) => ids.indexOf(id) !== i);
}

/** Addresses that the page names, but for the namespaces of its pictures. */
export function addressesOf(page: string): string[] {
  return [...visibleOf(page).matchAll(/https?:\/\/[^"<\s]*/g)].map(([url]) => url).filter((url) => !url.startsWith('http://www.w3.org/'));
}
