/** Program version: the version of this CLI, from its package. */
import { createRequire } from 'node:module'

/** Such as `0.1.0`. */
export function programVersion(): string {
  const require = createRequire(import.meta.url)
  const { version } = require('../../../package.json') as { version: string }
  return version
}
