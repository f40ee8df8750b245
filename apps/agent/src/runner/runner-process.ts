/**
 * Runner process: control's end of one runner, from its start to its end. Each order is answered, or is rejected when
 * the runner ends: none stays pending. A runner without a sign of life is killed, and its end gives that reason.
 */
import { type ChildProcess, fork } from 'node:child_process'
import type { Cause } from '@skerry/contract/devices/item'
import type { RunnerEndKind } from '@skerry/core/device/crash-blame'
import { TELEMETRY_OFF } from '@skerry/inference/runtime/runtime-telemetry'
import { type Asked, createAsking } from '@skerry/platform/process/asking'
import type { Log } from '@skerry/platform/process/log'
import type { Picked } from '../captures/capture-board.ts'
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
 * The end of a runner. `killed`: from outside, or for lack of memory, so that no version is proven guilty. `refused`:
 * it could not begin here, or control knows the cause.
 */
export type RunnerEnd = { kind: RunnerEndKind; message: string }

/** The device's report about a runner that ended before it could serve. */
export const failingCause = ({ message }: RunnerEnd): Cause => ({
  code: 'runner_failing',
  message: `${message} before it could serve; the log of the agent says why`.slice(0, 1_000),
})

export type RunnerProcess = {
  pid: number | undefined
  order(order: RunnerOrder): Promise<RunnerAnswer>
  /** Leaves a runner that was told to linger. No event follows. */
  leave(): void
  /** Ends the runner after its last answers, and resolves when it has ended. */
  stop(): Promise<void>
  /**
   * For a runner that cannot be trusted any more. `refused` means that the reason is known, so that its end counts
   * against no version.
   */
  kill(reason: string, kind?: 'hung' | 'refused'): void
}

export type RunnerEvents = {
  onReady(endpoints: { rest: Address; grpc: Address }): void
  onRefused(cause: Cause): void
  onBeat(beat: Beat): void
  /** The runner has values for the hub, and waits for the answer. */
  onTelemetry(question: HubQuestion): void
  onLog(line: string): void
  onCaptured(picked: Picked): void
  /** Called once. No other call follows it. */
  onEnd(end: RunnerEnd): void
}

type RunnerQuestions = { order: { question: RunnerOrder; answer: RunnerAnswer } }

/**
 * The reconciler gives one order after the other. The hub has at most four commands at a device. Each batch for the hub
 * is one order.
 */
const ORDERS_MAX = 1_024

const runnerGone = (message: string): RunnerAnswer => ({ ok: false, code: 'runner_gone', message })

const NOT_ANSWERED = runnerGone('the runner ended before it answered')

function runnerAnswer(asked: Asked<RunnerAnswer>): RunnerAnswer {
  if (asked.ok) return asked.answer
  // A runner with so many open orders is stuck: the watchdog ends it, and the order is repeated.
  return asked.code === 'asking_full' ? runnerGone(asked.message) : NOT_ANSWERED
}

/** In milliseconds. After its two seconds of grace the runner ends by itself. A little later it is killed. */
const STOP_WAIT_MS = 3_000

/** Starts a runner. `marks`: the open file in which it marks the running sessions. */
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
    // A broken pipe is followed by the end of the runner, which settles everything.
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
  let isLeft = false
  const ended = whenEnded(child).then(({ code, signal }) => {
    if (isLeft) return
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
    leave() {
      isLeft = true
      watchdog.stop()
      child.disconnect()
      child.unref()
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
  if (message.kind === 'captured') events.onCaptured(message)
  if (message.kind === 'log') events.onLog(message.line)
  if (message.kind === 'refused') events.onRefused(message.cause)
  if (message.kind === 'ready') events.onReady(message)
}

/**
 * Without output, and without control's limit of one arena: it would make the threads of many models wait for each
 * other.
 */
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

/**
 * In milliseconds. On a small device, loading the runtime may take most of a minute during a start of the whole
 * machine.
 */
const START_TICKS_MAX = 60_000 / TICK_MS

/** Counts its own ticks instead of comparing times: if control itself was paused, nothing is overdue. */
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
