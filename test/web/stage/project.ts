/** Web project: builds the pages of the console once, before the test files that look at them in a browser. */
import { buildConsole, hasBrowser } from './browser.ts'

/** Without a browser the tests are skipped. */
export async function setup(): Promise<void> {
  if (hasBrowser) await buildConsole()
}
