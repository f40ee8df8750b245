/** Lock: the entries of package-lock.json for each package, and the packages that a workspace needs to run. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as z from 'zod'
import { ROOT } from './step.ts'

const LockedPackage = z.looseObject({
  name: z.string().optional(),
  version: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  license: z.string().optional(),
  link: z.boolean().optional(),
  dev: z.boolean().optional(),
  optional: z.boolean().optional(),
  inBundle: z.boolean().optional(),
  hasInstallScript: z.boolean().optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
})
export type LockedPackage = z.infer<typeof LockedPackage>

/** By path, such as `node_modules/zod` or `apps/hub`. */
export type Lock = Record<string, LockedPackage>

export const readLock = (): Lock =>
  z
    .object({ packages: z.record(z.string(), LockedPackage) })
    .parse(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'))).packages

/** `node_modules/a/node_modules/@b/c` → `@b/c`. */
export const nameAt = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)

/** Which of its lists count: an optional package is installed if possible, and nothing needs it. */
export type Kind = 'dependencies' | 'optionalDependencies'

/** The packages that it needs to run, by path; an optional one that the lock does not have is left out. */
export function needsOf(lock: Lock, path: string, kinds: readonly Kind[]): string[] {
  const names = kinds.flatMap((kind) => Object.keys(lock[path]?.[kind] ?? {}))
  return [...new Set(names)].flatMap((name) => {
    const found = find(lock, name, path)
    if (found === undefined && lock[path]?.optionalDependencies?.[name] === undefined) {
      throw new Error(`${path} needs ${name}, which package-lock.json has not`)
    }
    return found ?? []
  })
}

/** The paths of the packages and of everything that they need to run. */
export function neededBy(lock: Lock, roots: readonly string[], kinds: readonly Kind[] = ['dependencies']): string[] {
  const found = new Set(roots)
  for (const path of found) for (const need of needsOf(lock, path, kinds)) found.add(need)
  return [...found]
}

/** The place where Node finds it: in the nearest node_modules above. A workspace is a link to its folder. */
function find(lock: Lock, name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, 'node_modules', name)
    const entry = lock[path]
    if (entry?.link) return z.string().parse(entry.resolved)
    if (entry) return path
    if (folder === '.') return undefined
  }
}
