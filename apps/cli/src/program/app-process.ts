/** App process: turns this process into the hub or the agent, so that no parent stays behind and signals reach it directly. */
import { fileURLToPath } from 'node:url'
import { fail } from './failure.ts'
import type { Io } from './terminal/io.ts'

/** Does not come back where it succeeds. The specifier is resolved only now: the CLI alone works without the apps. */
export function becomeApp(specifier: string, words: readonly string[], { execve }: Pick<Io, 'execve'>): never {
  return execve(process.execPath, [...process.execArgv, pathOf(specifier), ...words])
}

/** The file of an app's program. Resolved only when it is wanted: the CLI alone works without the apps. */
export function pathOf(specifier: string): string {
  try {
    return fileURLToPath(import.meta.resolve(specifier))
  } catch (cause) {
    throw fail('app_missing', `${specifier.split('/').slice(0, 2).join('/')} is not installed here`, { cause })
  }
}
