/** Main of the CLI: turns Ctrl-C into a signal, a closed output into an early end, and the result into an exit code. */
import { exitCodes } from './program/failure.ts'
import { run } from './program/run.ts'
import { processIo } from './program/terminal/io.ts'

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
