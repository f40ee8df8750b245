/** Agent process: starts the real agent for tests, reads its log, and kills it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { removeAtEnd } from '@skerry/testkit/leftovers'
import { type LogLine, parseLogLine } from '@skerry/testkit/log-line'
import { PATIENCE_MS } from '@skerry/testkit/patience'

export type AgentProcess = AsyncDisposable & {
  child: ChildProcess
  lines: LogLine[]
  /** Resolves with the first matching line, past or future. */
  logged(event: string, predicate?: (line: LogLine) => boolean): Promise<LogLine>
  /** The address of the inference server over REST. */
  rest(): Promise<string>
  /** Text that is no log line. */
  words(): string
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Resolves with the exit code when it has ended and its last words are read; null after a kill. */
  ended: Promise<number | null>
}

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname

/** A folder that is deleted after the tests. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-agent-'))
  removeAtEnd(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

/** Starts the agent in a data folder. `await using` kills it. */
export const startAgent = (data: string, ...args: readonly string[]): AgentProcess => startAgentIn({}, data, ...args)

/** Does the same, with additional environment variables. */
export function startAgentIn(environment: NodeJS.ProcessEnv, data: string, ...args: readonly string[]): AgentProcess {
  const child = spawn(
    process.execPath,
    [MAIN, '--data', data, '--listen', '127.0.0.1:0', '--grpc', '127.0.0.1:0', ...args],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...environment },
    },
  )
  const lines: LogLine[] = []
  let words = ''
  const heard = new EventTarget()
  createInterface({ input: child.stderr }).on('line', (text) => {
    const line = parseLogLine(text)
    if (line) lines.push(line)
    else words += `${text}\n`
    heard.dispatchEvent(new Event('line'))
  })
  const exited = once(child, 'exit')
  // The output that it wrote last may be read after its exit.
  const ended = once(child, 'close').then(([code]) => code as number | null)
  const agent: AgentProcess = {
    child,
    lines,
    words: () => words,
    async logged(event, predicate = () => true) {
      const signal = AbortSignal.timeout(PATIENCE_MS)
      for (;;) {
        const line = lines.find((one) => one.event === event && predicate(one))
        if (line) return line
        await once(heard, 'line', { signal }).catch((cause: unknown) => {
          const tail = lines.slice(-15).map((one) => JSON.stringify(one))
          throw new Error(`waited in vain for ${event}; last lines:\n${tail.join('\n')}\n${words}`, { cause })
        })
      }
    },
    rest: async () => String((await agent.logged('runner_ready')).rest),
    async kill(signal = 'SIGKILL') {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill(signal)
      await exited
    },
    ended,
    [Symbol.asyncDispose]: () => agent.kill(),
  }
  removeAtEnd(() => agent.kill())
  return agent
}
