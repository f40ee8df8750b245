/** Agent process: starts the real agent for tests, reads its log, and kills it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { afterAll } from 'vitest'

type LogLine = { event: string; name: string; level: string; pid: number } & Record<string, unknown>

export type AgentProcess = AsyncDisposable & {
  child: ChildProcess
  lines: LogLine[]
  /** Resolves with the first line, past or future, that fits. */
  logged(event: string, predicate?: (line: LogLine) => boolean): Promise<LogLine>
  /** The address of the inference server over REST. */
  rest(): Promise<string>
  /** Text that is no log line. */
  words(): string
  kill(signal?: NodeJS.Signals): Promise<void>
}

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname
const leftovers: (() => Promise<void>)[] = []

/** Whatever a test left running or lying, when its file ends. */
afterAll(async () => {
  for (const remove of leftovers.reverse()) await remove()
})

/** A folder that is gone after the tests. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-agent-'))
  leftovers.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

/** Starts the agent in a data folder; `await using` kills it. */
export const startAgent = (data: string, ...args: readonly string[]): AgentProcess => startAgentIn({}, data, ...args)

/** The same, with more in its environment. */
export function startAgentIn(environment: NodeJS.ProcessEnv, data: string, ...args: readonly string[]): AgentProcess {
  const child = spawn(
    process.execPath,
    [MAIN, '--data', data, '--listen', '127.0.0.1:0', '--grpc', '127.0.0.1:0', ...args],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'skerry-test-compiled'), ...environment },
    },
  )
  const lines: LogLine[] = []
  let words = ''
  const heard = new EventTarget()
  createInterface({ input: child.stderr }).on('line', (text) => {
    if (!text.startsWith('{')) words += `${text}\n`
    else {
      lines.push(JSON.parse(text))
      heard.dispatchEvent(new Event('line'))
    }
  })
  const exited = once(child, 'exit')
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
    [Symbol.asyncDispose]: () => agent.kill(),
  }
  leftovers.push(() => agent.kill())
  return agent
}
