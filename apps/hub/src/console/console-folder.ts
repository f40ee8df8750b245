/** Console folder: where the built pages lie, beside the console's manifest, in the repository and in a packed installation alike. */
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder, whether it has been built or not; undefined where the console is not installed. */
export function consoleFolder(): string | undefined {
  try {
    return dirname(fileURLToPath(import.meta.resolve('@skerry/console/web/page')))
  } catch {
    return undefined
  }
}
