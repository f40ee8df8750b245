/**
 * Service: a real process of this repository that tests start, kill and start again, watched through the lines that it
 * logs.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type LogLine, parseLogLine } from '@skerry/testkit/log-line'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { until as untilFound } from '@skerry/testkit/until'

export type Service = {
  name: string
  /** The log lines of the current or the last run. */
  lines(): readonly LogLine[]
  /** The first matching line of this run, past or future. Rejects if the run ends without one. */
  logged(event: string, predicate?: (line: LogLine) => boolean): Promise<LogLine>
  /** The output that is no log line. */
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

/** The root of the sources from which services run. */
export const ROOT = join(import.meta.dirname, '../../../..')

/** A service that is not started yet. It calls `words` at each start. */
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

/** The processes to kill if a test is interrupted. */
const children = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

function startRun(args: readonly string[], root: string, environment: Record<string, string>): Run {
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...environment },
  })
  children.add(child)
  const exited = once(child, 'exit').then(([code]) => {
    children.delete(child)
    return code as number | null
  })
  const run: Run = { child, lines: [], words: '', heard: new EventTarget(), exited }
  createInterface({ input: child.stderr }).on('line', (text) => {
    const line = parseLogLine(text)
    if (line) run.lines.push(line)
    else run.words += `${text}\n`
    run.heard.dispatchEvent(new Event('line'))
  })
  exited.then(() => run.heard.dispatchEvent(new Event('line'))).catch(() => undefined)
  return run
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

/**
 * Looks until there is a result, and returns it. If a look throws, it tries again, and reports the last error when the
 * time is over.
 */
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
