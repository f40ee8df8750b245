/** Processes: the command line, hub and agents as programs of their own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../../bin/skerry.mjs', import.meta.url))

/** The environment of a person, and the compiled code of earlier starts, which saves half of a start. */
const own = () => {
  const { PATH, NODE_COMPILE_CACHE } = process.env
  return { PATH, ...(NODE_COMPILE_CACHE === undefined ? undefined : { NODE_COMPILE_CACHE }) }
}

export type Result = { code: number | null; out: string; err: string }

/** One command line, from its start to its exit. */
export async function skerry(words: readonly string[], env: Record<string, string>, stdin = ''): Promise<Result> {
  const child = spawn(process.execPath, [BIN, ...words], { env: { ...own(), ...env } })
  child.stdin.end(stdin)
  const [out, err] = await Promise.all([textOf(child.stdout), textOf(child.stderr), once(child, 'close')])
  return { code: child.exitCode, out, err }
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  return text
}

type LogEvent = Readonly<Record<string, unknown>>

/** A hub or an agent that runs. */
export type App = AsyncDisposable & {
  pid: number
  /** The newest log line of this event, as soon as it exists. Throws with the whole log if the program ends before. */
  event(name: string): Promise<LogEvent>
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** Starts `skerry hub` or `skerry agent`. */
export function startApp(words: readonly string[], env: Record<string, string>): App {
  const child = spawn(process.execPath, [BIN, ...words], {
    env: { ...own(), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const log: string[] = []
  const events = new Map<string, LogEvent>()
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const wakeOne of waiting) wakeOne()
  }
  createInterface({ input: child.stderr }).on('line', (line) => {
    log.push(line)
    const event = eventOf(line)
    if (event) events.set(String(event.event), event)
    wake()
  })
  child.once('close', wake)
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  return {
    pid: child.pid ?? 0,
    async event(name) {
      while (true) {
        const event = events.get(name)
        if (event) return event
        if (hasEnded()) throw new Error(`${words[0]} ended before ${name}:\n${log.join('\n')}`)
        await new Promise<void>((resolve) => {
          const wakeOne = () => {
            waiting.delete(wakeOne)
            resolve()
          }
          waiting.add(wakeOne)
        })
      }
    },
    stop: (signal = 'SIGTERM') => stop(child, signal),
    [Symbol.asyncDispose]: () => stop(child, 'SIGTERM'),
  }
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'close')
  child.kill(signal)
  await closed
}

function eventOf(line: string): LogEvent | undefined {
  try {
    return JSON.parse(line) as LogEvent
  } catch {
    return undefined
  }
}
