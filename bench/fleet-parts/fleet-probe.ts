/**
 * fleet, the probe: runs inside a measured process, from its start (`--import`). It counts the statements of SQLite, and
 * writes the memory of the main thread to a file on each SIGUSR2. Only a process can know these figures of itself.
 */
import { renameSync, writeFileSync } from 'node:fs'
import { StatementSync } from 'node:sqlite'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isMainThread } from 'node:worker_threads'

/** The figures of a process about itself. `live` is what a full collection leaves. */
export type ProbedUse = {
  statements: number
  heapLiveMb: number
  externalLiveMb: number
}

/** The variable that names the file. Without it, the probe does nothing. */
export const PROBE_FILE = 'SKERRY_BENCH_PROBE'

/** The file in the hub's home. */
export const PROBE_NAME = 'probe.json'

const METHODS = ['all', 'get', 'run', 'iterate'] as const

const path = process.env[PROBE_FILE]
// The processes that the hub starts inherit the variable, but not the program.
if (path !== undefined && isMainThread && process.argv[1]?.endsWith('apps/hub/src/main.ts')) watch(path)

function watch(file: string): void {
  let statements = 0
  const prototype = StatementSync.prototype as unknown as Record<string, (...given: unknown[]) => unknown>
  for (const method of METHODS) {
    const own = prototype[method]
    if (!own) throw new Error(`the driver of SQLite has no method ${method}`)
    prototype[method] = function (this: unknown, ...given) {
      statements += 1
      return own.apply(this, given)
    }
  }
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  process.on('SIGUSR2', () => {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    const use: ProbedUse = { statements, heapLiveMb: megabytes(heapUsed), externalLiveMb: megabytes(external) }
    writeFileSync(`${file}.partial`, JSON.stringify(use))
    renameSync(`${file}.partial`, file)
  })
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e4) / 100
}
