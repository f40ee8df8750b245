/** Deep parts: what `npm run test:deep` runs, one after the other, and what each depends on. */
import { createImportGraph } from './import-graph.ts'

/** One file in one project of vitest, or one of the two parts that are more than a file. */
export type DeepPart = { name: string; project: 'unit' | 'native' | 'whole' | 'web' | 'postgres' | 'bench' }

/** The hub's tests again, on PostgreSQL. */
export const POSTGRES: DeepPart = { name: 'postgres', project: 'postgres' }

/** A fleet of 1,000 devices against the recorded ratios. */
export const FLEET: DeepPart = { name: 'bench fleet', project: 'bench' }

/** A file has tests in the deep tier if it uses one of the marks, or says so in its header. */
const MARK = /@module-tag (deep|law|strict)\b|from '@skerry\/testkit\/(tier|histories)'|from '\.\/(tier|histories)\.ts'/

/** Gives the parts, cheap files first. */
export function deepParts(testFiles: readonly string[], textOf: (path: string) => string): DeepPart[] {
  const files = testFiles.filter((path) => MARK.test(textOf(path))).map((name) => ({ name, project: projectOf(name) }))
  const order = ['unit', 'native', 'whole', 'web']
  return [...files.sort((a, b) => order.indexOf(a.project) - order.indexOf(b.project)), POSTGRES, FLEET]
}

function projectOf(path: string): DeepPart['project'] {
  if (path.startsWith('packages/inference/src/')) return 'native'
  if (/^test\/web-/.test(path)) return 'web'
  return /^(?:[^/]+|scripts\/[^/]+|(?:packages|apps)\/[^/]+\/src\/.*)$/.test(path) ? 'unit' : 'whole'
}

/** Those of which the name contains one of the words; all without words. */
export const named = (parts: readonly DeepPart[], words: readonly string[]): DeepPart[] =>
  parts.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))

/**
 * Those that a change touches: they import a changed file, or start a program that does. A test across processes starts programs by their
 * path, so it depends on all sources of the apps that it may start.
 */
export function touched(root: string, parts: readonly DeepPart[], changed: readonly string[]): DeepPart[] {
  const graph = createImportGraph(root)
  const isChanged = new Set(changed)
  const sources = changed.filter((path) => /^(packages|apps)\/[^/]+\/src\//.test(path) && !/\.test\.tsx?$/.test(path))
  return parts.filter(({ name, project }) => {
    if (project === 'postgres') return changed.some((path) => /^(apps\/hub|packages)\//.test(path))
    if (project === 'bench') return sources.some((path) => !path.startsWith('apps/console/'))
    if ([...graph.reachOf(name)].some((path) => isChanged.has(path))) return true
    const started = startedBy(name)
    return started !== undefined && sources.some((path) => started.test(path))
  })
}

/** Sources behind the programs that a test may start; undefined for a unit test, which starts none. */
function startedBy(name: string): RegExp | undefined {
  if (/^test\/web-/.test(name)) return /./
  if (/^(test|examples)\//.test(name)) return /^(?!apps\/console\/)/
  const [, home] = /^((?:packages|apps)\/[^/]+)\/test\//.exec(name) ?? []
  if (home === undefined) return undefined
  if (home === 'apps/cli') return /^(?!apps\/console\/)/
  return new RegExp(`^(?:${home}/|packages/(?!testkit/))`)
}
