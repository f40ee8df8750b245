/** Find runtime: whether the runtime of language models is installed for this machine. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const LIBRARY = 'node-llama-cpp'

/** Looks as Node does for an import of the file `from`. It is not loaded for this, which would cost memory. */
export function findRuntime(from: string): boolean {
  const folders = createRequire(from).resolve.paths(LIBRARY) ?? []
  const found = folders.find((folder) => existsSync(join(folder, LIBRARY, 'package.json')))
  if (found === undefined) return false
  const binaries = `@${LIBRARY}/${process.platform === 'darwin' ? 'mac' : process.platform}-${process.arch}`
  return [found, join(found, LIBRARY, 'node_modules'), dirname(found)].some((folder) =>
    existsSync(join(folder, binaries)),
  )
}
