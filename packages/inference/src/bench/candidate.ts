/**
 * Candidate: one form of a version, loaded in a process of its own, whose memory it alone fills. A crash ends that
 * process, and is a value here.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAsking } from '@skerry/platform/process/asking'
import { childEnvironment } from '../seat/sandbox.ts'
import { sourceUrl } from '../seat/source-url.ts'
import type {
  CandidateOrder,
  CandidateProblem,
  CandidateReport,
  Turn,
  TurnAnswer,
  TurnQuestions,
} from './candidate-message.ts'

export type Candidate = Disposable & {
  /** The number of golden cases. */
  cases: number
  /** The runtime that runs it, such as `onnxruntime 1.30.0`. */
  runtime: string
  /** Rejects only when the signal fires. */
  turn(turn: Turn, signal: AbortSignal): Promise<TurnAnswer>
}

export type OpenedCandidate = { ok: true; candidate: Candidate } | { ok: false; problem: CandidateProblem }

/** Loading and all golden cases. The check of a version that is activated has a minute for its cases, too. */
const OPEN_MAX_MS = 90_000

/** A model that takes longer for one inference is measured by nobody in five minutes. */
const TURN_MAX_MS = 30_000

/** Loads the candidate and checks its answers. Rejects only when the signal fires. */
export async function openCandidate(order: CandidateOrder, signal: AbortSignal): Promise<OpenedCandidate> {
  signal.throwIfAborted()
  const child = fork(sourceUrl('../bench/candidate-child'), {
    serialization: 'advanced',
    env: childEnvironment(),
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const over = new AbortController()
  const ending = AbortSignal.any([signal, over.signal])
  let isOpen = false
  try {
    const started = startOf(child)
    // A child that is gone already reports that by its exit.
    child.send(order, () => {})
    const opened = await Promise.race([started, tooLong(ending)])
    isOpen = opened.ok
    return opened
  } finally {
    over.abort()
    if (!isOpen) child.kill('SIGKILL')
  }
}

async function tooLong(ending: AbortSignal): Promise<OpenedCandidate> {
  await sleep(OPEN_MAX_MS, undefined, { signal: ending })
  return failed(`it took longer than ${OPEN_MAX_MS / 1_000} s to load it and to answer its golden cases`)
}

const failed = (message: string): OpenedCandidate => ({ ok: false, problem: { code: 'failed', message } })

function startOf(child: ChildProcess): Promise<OpenedCandidate> {
  const asking = createAsking<TurnQuestions>({
    inFlightMax: 1,
    send: (message) => void (child.connected && child.send(message, () => {})),
  })
  return new Promise((resolve) => {
    const end = (message: string) => {
      asking.end(message)
      resolve(failed(message))
    }
    child.on('message', (message) => {
      const report = message as CandidateReport
      if (report.kind === 'answer') asking.answered(report)
      else if (report.kind === 'refused') resolve({ ok: false, problem: report.problem })
      else resolve({ ok: true, candidate: candidateOf(child, asking, report) })
    })
    child.once('error', (cause) => end(`its process could not be started: ${cause.message}`))
    child.once('exit', (code, signal) => end(`its process ended with ${signal ?? `code ${code}`}`))
  })
}

const candidateOf = (
  child: ChildProcess,
  asking: ReturnType<typeof createAsking<TurnQuestions>>,
  { cases, runtime }: Extract<CandidateReport, { kind: 'ready' }>,
): Candidate => ({
  cases,
  runtime,
  async turn(turn, signal) {
    const asked = await asking.ask('turn', turn, { timeoutMs: TURN_MAX_MS, signal })
    return asked.ok ? asked.answer : { ok: false, message: asked.message }
  },
  [Symbol.dispose]: () => void child.kill('SIGKILL'),
})
