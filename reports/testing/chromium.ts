/** Owns where tests find a browser (Debian: apt-get install chromium), or its path in PLAYHEAD_CHROMIUM. Never used outside tests. */
import { existsSync } from 'node:fs';

const paths = [process.env.PLAYHEAD_CHROMIUM ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** undefined where there is none: such tests are skipped with the reason in their title. */
export const chromiumPath = paths.find((path) => path !== '' && existsSync(path));
export const skipReason = chromiumPath === undefined ? ' (skipped: no Chromium found; install it or set PLAYHEAD_CHROMIUM)' : '';
