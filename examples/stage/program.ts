/** Program: a real process of this repository, watched through the JSON lines that it logs. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type LogLine, parseLogLine } from '@skerry/testkit/log-line'

const ROOT = join(import.meta.dirname, '../..')

/** A hub or an agent is ready in a second or two; a busy machine needs longer, and one that hangs should be named. */
const EVENT_TIMEOUT_MS = 150_000

export type Program = AsyncDisposable & {
  /** The first line with the event, already logged or still to come. */
  waitFor(event: string): Promise<LogLine>
  /** Orders it to end, and waits until it has. */
  stop(): Promise<void>
  /** Ends it as a power cut would. */
  kill(): Promise<void>
}

export type ProgramOptions = {
  name: string
  entry: string
  args: readonly string[]
  logFolder: string
  env?: NodeJS.ProcessEnv
  /** A program, with its words, that starts it and becomes it, such as a tracer. */
  under?: readonly string[]
}

/** Starts it. Its log goes to a file of its own, for a later look. */
export function startProgram({ name, entry, args, logFolder, env = {}, under = [] }: ProgramOptions): Program {
  // In a process group of its own: Ctrl-C is for the tour, which then ends its programs one by one.
  const [program = '', ...words] = [...under, process.execPath, join(ROOT, entry), ...args]
  const child = spawn(program, words, {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    // The programs share compiled code, so that only the first of them compiles it.
    env: { NODE_COMPILE_CACHE: join(ROOT, '.skerry/compiled'), ...process.env, ...env },
  })
  const logPath = join(logFolder, `${name}.log`)
  const exited = once(child, 'exit')
  const lines: LogLine[] = []
  const waiting = new Set<(line: LogLine) => void>()
  child.stderr.pipe(createWriteStream(logPath, { flags: 'a' }))
  createInterface({ input: child.stderr }).on('line', (text) => {
    const line = parseLogLine(text)
    if (line === undefined) return
    lines.push(line)
    for (const notify of waiting) notify(line)
  })
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await exited
  }
  const stop = () => end('SIGTERM')
  return {
    async waitFor(event) {
      const { promise, resolve, reject } = Promise.withResolvers<LogLine>()
      const notify = (line: LogLine) => line.event === event && resolve(line)
      const timer = setTimeout(
        () => reject(new Error(`${name} did not log ${event}; see ${logPath}`)),
        EVENT_TIMEOUT_MS,
      )
      const ended = () => reject(new Error(`${name} ended instead of logging ${event}; see ${logPath}`))
      exited.then(ended, ended)
      waiting.add(notify)
      for (const line of lines) notify(line)
      return promise.finally(() => {
        clearTimeout(timer)
        waiting.delete(notify)
      })
    },
    stop,
    kill: () => end('SIGKILL'),
    [Symbol.asyncDispose]: stop,
  }
}
