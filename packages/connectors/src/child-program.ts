/**
 * Child program: a program of the machine that speaks to equipment for a connector, as a process of its own. If bad
 * input crashes it, only that process ends.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { SourceTrouble } from './session.ts'

export type ChildProgramOrder = {
  command: string
  args: readonly string[]
  /** The Debian package that contains the program. */
  from: string
  /** The text that the program reads from its standard input. */
  script?: string
}

export type ChildProgram<Ended> = AsyncDisposable & {
  /** Resolves when the program has ended, with the reason, or with the reason why it did not start. */
  ended: Promise<Ended | SourceTrouble>
}

/** The last output of a program gives the reason for its end. Some programs write a line for each damaged object. */
const SAID_MAX = 4_000

/**
 * Starts the program. `onBytes` receives each piece of its standard output. `endedBy` judges its exit code and the end
 * of its standard error.
 */
export function startChildProgram<Ended>(
  order: ChildProgramOrder,
  onBytes: (bytes: Uint8Array) => void,
  endedBy: (code: number | null, said: string) => Ended,
): ChildProgram<Ended> {
  // A process group of its own: Skerry handles Ctrl-C itself, and can end all processes that the program may have
  // started.
  const child = spawn(order.command, order.args, {
    detached: true,
    env: { PATH: process.env.PATH, LANG: 'C' },
    stdio: [order.script === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr?.on('data', (bytes) => {
    said = `${said}${String(bytes)}`.slice(-SAID_MAX)
  })
  child.stdout?.on('data', onBytes)
  // The program may have ended before it read its script. The reason for its end is more useful than this error.
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(order.script)
  const ended = new Promise<Ended | SourceTrouble>((resolve) => {
    child.once('error', (error) => resolve(notStarted(order, error)))
    child.once('close', (code) => resolve(endedBy(code, said.trim())))
  })
  return {
    ended,
    async [Symbol.asyncDispose]() {
      kill(child)
      await ended
    },
  }
}

function notStarted({ command, from }: ChildProgramOrder, error: Error): SourceTrouble {
  const isMissing = 'code' in error && error.code === 'ENOENT'
  return new SourceTrouble(
    'source_unreachable',
    isMissing
      ? `${command} is not installed on this machine; install the package ${from}`
      : `${command}: ${error.message}`,
  )
}

function kill({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // The program has just ended by itself.
  }
}
