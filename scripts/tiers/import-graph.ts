/** Import graph: which files of the repository a file imports, directly or not. Read from their text; types count, too. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** `import ... from 'x'` and `export ... from 'x'`, on one line or several; `import 'x'`; `import('x')`. */
const IMPORT = /(?:^(?:import|export|\})[^'"\n]*\bfrom\s*|^import\s*|\bimport\s*\(\s*)['"]([^'"]+)['"]/gm

/** The names that a file's text imports, as they are written there. */
export const specifiersIn = (text: string): string[] =>
  [...text.matchAll(IMPORT)].map(([, specifier = '']) => specifier)

/** Gives, for a file relative to the root, itself and all files that it reaches. */
export function createImportGraph(root: string): { reachOf(path: string): ReadonlySet<string> } {
  const direct = new Map<string, string[]>()
  const importsOf = (path: string): string[] => {
    const known = direct.get(path)
    if (known) return known
    const found = specifiersIn(readFileSync(join(root, path), 'utf8')).flatMap((specifier) =>
      resolve(root, path, specifier),
    )
    direct.set(path, found)
    return found
  }
  return {
    reachOf(path) {
      const reached = new Set([path])
      for (const each of reached) for (const next of importsOf(each)) reached.add(next)
      return reached
    },
  }
}

/** Packages and apps are reached through their `exports`, which all say `./*` is `./src/*.ts`. */
function resolve(root: string, from: string, specifier: string): string[] {
  const [, name = '', inside = ''] = /^@skerry\/([a-z-]+)\/(.+)$/.exec(specifier) ?? []
  const paths = specifier.startsWith('.')
    ? [join(dirname(from), specifier)]
    : ['packages', 'apps'].flatMap((top) => ['ts', 'tsx'].map((end) => join(top, name, 'src', `${inside}.${end}`)))
  return paths.filter((path) => /\.(ts|tsx|mts|mjs)$/.test(path) && existsSync(join(root, path))).slice(0, 1)
}
