/**
 * Runner process: control's end of one runner, from its start to its end. Orders are answered or, when the runner ends, refused: none is
 * left waiting. A runner that gives no sign of life is killed, and its end says so.
 */
import { type ChildProcess, fork } from 'node:child_process'
import type { Cause } from '@skerry/contract/devices/item'
import type { RunnerEndKind } from '@skerry/core/device/crash-blame'
import { TELEMETRY_OFF } from '@skerry/inference/runtime/runtime-telemetry'
import { type Asked, createAsking } from '@skerry/platform/process/asking'
import type { Log } from '@skerry/platform/process/log'
import type { Address } from '../options.ts'
import type { HubQuestion } from './equipment/sink-request.ts'
import {
  BEAT_OVERDUE_MS,
  type Beat,
  type FromRunner,
  type RunnerAnswer,
  type RunnerOrder,
  type RunnerTask,
  type ToRunner,
} from './runner-message.ts'

/**
 * How a runner ended. `killed` is from outside, or for want of memory: not proven to be anybody's fault. `refused`: it could not begin here, or
 * control knows the culprit.
 */
export type RunnerEnd = { kind: RunnerEndKind; message: string }

/** What a device says of a runner that ended before it could serve. */
export const failingCause = ({ message }: RunnerEnd): Cause => ({
  code: 'runner_failing',
  message: `${message} before it could serve; the log of the agent says why`.slice(0, 1_000),
})

export type RunnerProcess = {
  pid: number | undefined
  order(order: RunnerOrder): Promise<RunnerAnswer>
  /** Has it end after its last answers; resolves when it has. */
  stop(): Promise<void>
  /** For a runner that cannot be trusted any more; `refused` where it is known why, so that its end is held against nobody. */
  kill(reason: string, kind?: 'hung' | 'refused'): void
}

export type RunnerEvents = {
  onReady(endpoints: { rest: Address; grpc: Address }): void
  onRefused(cause: Cause): void
  onBeat(beat: Beat): void
  /** It has values for the hub, and waits for the answer. */
  onTelemetry(question: HubQuestion): void
  onLog(line: string): void
  /** Called once, after which nothing else is. */
  onEnd(end: RunnerEnd): void
}

type RunnerQuestions = { order: { question: RunnerOrder; answer: RunnerAnswer } }

/** The reconciler gives one order after the other, the hub has four commands at a device, and each batch for the hub is one order. */
const ORDERS_MAX = 1_024

const runnerGone = (message: string): RunnerAnswer => ({ ok: false, code: 'runner_gone', message })

const NOT_ANSWERED = runnerGone('the runner ended before it answered')

function runnerAnswer(asked: Asked<RunnerAnswer>): RunnerAnswer {
  if (asked.ok) return asked.answer
  // A runner with so many open orders is stuck: it is ended by the watchdog, and the order is given again.
  return asked.code === 'asking_full' ? runnerGone(asked.message) : NOT_ANSWERED
}

/** After its two seconds of grace the runner ends by itself; a little later it is made to. */
const STOP_WAIT_MS = 3_000

/** Starts a runner. `marks` is the open file in which it marks the sessions that run. */
export function startRunner(
  task: RunnerTask,
  { events, marks }: { events: RunnerEvents; marks: number | undefined },
  log: Log,
): RunnerProcess {
  const script = new URL(`./runner-main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
  const child = fork(script, [JSON.stringify(task)], {
    serialization: 'advanced',
    execArgv: ['--max-semi-space-size=1'],
    env: runnerEnvironment(process.env),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc', ...(marks === undefined ? [] : [marks])],
  })
  const asking = createAsking<RunnerQuestions>({
    inFlightMax: ORDERS_MAX,
    // A pipe that breaks here is followed by the end of the runner, which settles everything.
    send: ({ id, question }) => child.send({ id, order: question } satisfies ToRunner, () => {}),
  })
  let killed: RunnerEnd | undefined
  let isStopping = false
  let refusedFor: string | undefined
  const kill: RunnerProcess['kill'] = (message, kind = 'hung') => {
    killed ??= { kind, message }
    child.kill('SIGKILL')
  }
  const watchdog = createWatchdog(() => kill('the runner did not respond for too long'))
  child.on('message', (message) => {
    watchdog.feed()
    const heard = message as FromRunner
    if (heard.kind === 'refused') refusedFor = heard.cause.message
    if (heard.kind === 'answer') asking.answered(heard)
    else hear(heard, events)
  })
  const ended = whenEnded(child).then(({ code, signal }) => {
    watchdog.stop()
    const end = endOf({ code, signal, killed, refusedFor, isStopping })
    asking.end(end.message)
    log[end.kind === 'stopped' ? 'info' : 'warn']('runner_ended', { runnerPid: child.pid, code, signal, ...end })
    events.onEnd(end)
  })
  return {
    pid: child.pid,
    async order(order) {
      return child.connected ? runnerAnswer(await asking.ask('order', order)) : NOT_ANSWERED
    },
    async stop() {
      isStopping = true
      if (child.connected) child.disconnect()
      const timer = setTimeout(() => kill('the runner did not stop on request'), STOP_WAIT_MS)
      await ended
      clearTimeout(timer)
    },
    kill,
  }
}

function hear(message: Exclude<FromRunner, { kind: 'answer' }>, events: RunnerEvents): void {
  if (message.kind === 'beat') events.onBeat(message)
  if (message.kind === 'telemetry') events.onTelemetry(message)
  if (message.kind === 'log') events.onLog(message.line)
  if (message.kind === 'refused') events.onRefused(message.cause)
  if (message.kind === 'ready') events.onReady(message)
}

/** Silent, and without control's one arena: it would make the threads of many models wait for each other. */
function runnerEnvironment({ MALLOC_ARENA_MAX: _, ...environment }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...environment, ...TELEMETRY_OFF }
}

type Exit = { code: number | null; signal: NodeJS.Signals | null }

function whenEnded(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
    child.once('error', () => resolve({ code: null, signal: null }))
  })
}

function endOf({
  code,
  signal,
  killed,
  refusedFor,
  isStopping,
}: Exit & { killed: RunnerEnd | undefined; refusedFor: string | undefined; isStopping: boolean }): RunnerEnd {
  if (killed) return killed
  if (isStopping) return { kind: 'stopped', message: 'the runner was stopped' }
  if (signal === 'SIGKILL' || signal === 'SIGTERM')
    return { kind: 'killed', message: `the runner was killed (${signal})` }
  if (refusedFor !== undefined) return { kind: 'refused', message: refusedFor }
  const how = signal === null ? `ended with code ${code}` : `crashed (${signal})`
  return { kind: 'crashed', message: `the runner ${how}` }
}

const TICK_MS = BEAT_OVERDUE_MS / 4

/** Loading the runtime may take a small device most of a minute when everything starts at once. */
const START_TICKS_MAX = 60_000 / TICK_MS

/** Counts ticks of its own instead of comparing times: while control itself stood still, nothing was overdue. */
function createWatchdog(onOverdue: () => void) {
  let ticksMax = START_TICKS_MAX
  let ticks = 0
  const timer = setInterval(() => {
    ticks++
    if (ticks > ticksMax) onOverdue()
  }, TICK_MS)
  return {
    feed: () => {
      ticks = 0
      ticksMax = BEAT_OVERDUE_MS / TICK_MS
    },
    stop: () => clearInterval(timer),
  }
}
