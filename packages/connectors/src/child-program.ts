/** Child program: a program of the machine that speaks to equipment for us, as a process of its own. What breaks it ends that process, and nothing else. */
import { type ChildProcess, spawn } from 'node:child_process'
import { SourceTrouble } from './session.ts'

export type ChildProgramOrder = {
  command: string
  args: readonly string[]
  /** The package of Debian that has it. */
  from: string
  /** What it reads from its standard input. */
  script?: string
}

export type ChildProgram<Ended> = AsyncDisposable & {
  /** Resolves when it has ended: with why, or with why it was not started. */
  ended: Promise<Ended | SourceTrouble>
}

/** What it said last says why it ended; some say something for each thing that is damaged. */
const SAID_MAX = 4_000

/** Starts it. Each piece of what it writes is heard; `endedBy` judges its exit code and what it said last on its standard error. */
export function startChildProgram<Ended>(
  order: ChildProgramOrder,
  onBytes: (bytes: Uint8Array) => void,
  endedBy: (code: number | null, said: string) => Ended,
): ChildProgram<Ended> {
  // A group of its own: Ctrl-C of a person is ours to answer, and its end is the end of all that it may have started.
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
  // It may have ended before it read what it was told; that it ended says more.
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
    // It has just ended by itself.
  }
}
