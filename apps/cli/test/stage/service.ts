/** Service: a real process of this repository that tests start, kill and start again, watched through the lines that it logs. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { until as untilFound } from '@skerry/testkit/until'

type LogLine = { event: string; name: string; level: string } & Record<string, unknown>

export type Service = {
  name: string
  /** Of the run that is under way, or was the last. */
  lines(): readonly LogLine[]
  /** The first line of this run, past or to come, that fits; rejects when the run ends without one. */
  logged(event: string, predicate?: (line: LogLine) => boolean): Promise<LogLine>
  /** What it wrote that is no log line. */
  words(): string
  isRunning(): boolean
  /** Starts it, and does not wait for anything. The variables are for this run only. */
  launch(environment?: Record<string, string>): void
  /** Resolves with the exit code when the process is gone; null after a kill. */
  end(signal?: NodeJS.Signals): Promise<number | null>
  /** Resolves when it has ended by itself. */
  ended(): Promise<number | null>
  /** The newest lines, for the message of a test that failed. */
  tail(): string
}

type Run = {
  child: ChildProcess
  lines: LogLine[]
  words: string
  heard: EventTarget
  exited: Promise<number | null>
}

/** The folder of the sources that services run from. */
export const ROOT = join(import.meta.dirname, '../../../..')

/** Not started yet. `words` is asked anew at each start. */
export function newService(name: string, entry: string, words: () => readonly string[], root = ROOT): Service {
  let run: Run | undefined
  const current = () => {
    if (!run) throw new Error(`${name} has not been started`)
    return run
  }
  const isRunning = () => run !== undefined && run.child.exitCode === null && run.child.signalCode === null
  const service: Service = {
    name,
    lines: () => run?.lines ?? [],
    words: () => run?.words ?? '',
    isRunning,
    launch(environment = {}) {
      if (isRunning()) throw new Error(`${name} is running`)
      run = startRun([join(root, entry), ...words()], root, environment)
    },
    logged: (event, predicate = () => true) => waitForLine(service, current(), event, predicate),
    async end(signal = 'SIGKILL') {
      if (isRunning()) current().child.kill(signal)
      return run ? run.exited : null
    },
    ended: () => current().exited,
    tail: () => [...(run?.lines ?? []).slice(-20).map((line) => JSON.stringify(line)), run?.words].join('\n'),
  }
  return service
}

/** A test that is cut off leaves nothing running behind. */
const children = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

function startRun(args: readonly string[], root: string, environment: Record<string, string>): Run {
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
    // Dozens of starts on one machine: the code is compiled once.
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'skerry-test-compiled'), ...environment },
  })
  children.add(child)
  const exited = once(child, 'exit').then(([code]) => {
    children.delete(child)
    return code as number | null
  })
  const run: Run = { child, lines: [], words: '', heard: new EventTarget(), exited }
  createInterface({ input: child.stderr }).on('line', (text) => {
    const line = parseLine(text)
    if (line) run.lines.push(line)
    else run.words += `${text}\n`
    run.heard.dispatchEvent(new Event('line'))
  })
  exited.then(() => run.heard.dispatchEvent(new Event('line'))).catch(() => undefined)
  return run
}

/** A line that a kill cut in the middle is no log line. */
function parseLine(text: string): LogLine | undefined {
  try {
    const line = JSON.parse(text)
    return typeof line?.event === 'string' ? line : undefined
  } catch {
    return undefined
  }
}

async function waitForLine(
  service: Service,
  run: Run,
  event: string,
  predicate: (line: LogLine) => boolean,
): Promise<LogLine> {
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const inVain = (why: string, cause?: unknown) =>
    new Error(`${service.name} ${why} ${event}:\n${service.tail()}`, { cause })
  for (;;) {
    const line = run.lines.find((one) => one.event === event && predicate(one))
    if (line) return line
    if (run.child.exitCode !== null || run.child.signalCode !== null) throw inVain('ended without')
    await once(run.heard, 'line', { signal }).catch((cause: unknown) => {
      throw inVain('did not log', cause)
    })
  }
}

/** Looks until there is something, and gives it. What a look throws is tried again, and told when the time is over. */
export function until<Found>(
  what: string,
  look: () => Promise<Found | undefined> | Found | undefined,
  patienceMs = PATIENCE_MS,
): Promise<Found> {
  let last: unknown
  const forgivingly = async () => {
    try {
      last = undefined
      return await look()
    } catch (error) {
      last = error
      return undefined
    }
  }
  return untilFound(forgivingly, { what, patienceMs, everyMs: LOOK_INTERVAL_MS, seen: () => last })
}

const LOOK_INTERVAL_MS = 50
