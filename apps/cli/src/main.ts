/** Main of the CLI: turns Ctrl-C into a signal, a closed output into an early end, and the result into an exit code. */
import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

// A start compiles some 1,600 modules: with the cache it needs half the time. Nothing is written before the first sign-in.
const home = process.env.SKERRY_HOME ?? join(homedir(), '.skerry')
if (process.env.NODE_COMPILE_CACHE === undefined && existsSync(home)) enableCompileCache(join(home, 'cache'))
const { exitCodes } = await import('./program/failure.ts')
const { run } = await import('./program/run.ts')
const { processIo } = await import('./program/terminal/io.ts')

const controller = new AbortController()
const stop = () => {
  // A person who presses Ctrl-C twice has waited long enough.
  if (controller.signal.aborted) process.exit(exitCodes.interrupted)
  controller.abort()
}

process.on('SIGINT', stop)
process.on('SIGTERM', stop)
// As with `skerry audit ls | head`: nobody reads the rest, and that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? exitCodes.ok : exitCodes.failed),
)

process.exitCode = await run(process.argv.slice(2), processIo(), controller.signal)
