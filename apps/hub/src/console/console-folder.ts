/**
 * Console folder: the folder of the built pages, beside the console's manifest, both in the repository and in a packed
 * installation.
 */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the documentation site, which is packed with the console. */
export function guideFolder(): string | undefined {
  const folder = consoleFolder()
  return folder && join(folder, '../guide')
}

/** The folder, even if it has not been built; undefined if the console is not installed. */
export function consoleFolder(): string | undefined {
  try {
    return dirname(fileURLToPath(import.meta.resolve('@skerry/console/web/page')))
  } catch {
    return undefined
  }
}
