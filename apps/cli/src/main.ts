/** Main of the CLI: Ctrl-C becomes a signal, a reader that went away an early end, and the result an exit code. */
import { exitCodes } from './program/failure.ts'
import { run } from './program/run.ts'
import { processIo } from './program/terminal/io.ts'

const controller = new AbortController()
const stop = () => {
  // Whoever presses it twice has waited long enough.
  if (controller.signal.aborted) process.exit(exitCodes.interrupted)
  controller.abort()
}
process.on('SIGINT', stop)
process.on('SIGTERM', stop)
// `skerry audit ls | head`: nobody reads on, which is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? exitCodes.ok : exitCodes.failed),
)

process.exitCode = await run(process.argv.slice(2), processIo(), controller.signal)
