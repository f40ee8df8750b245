/** Worker: the thread of one model instance. onnxruntime's `create` and `run` block their thread, so each has its own. */
import { parentPort, workerData } from 'node:worker_threads'
import { type Answerers, answerQuestion } from '@skerry/platform/process/asking'
import { joinInputs, splitOutputs } from '../host/batch.ts'
import { whileMarked } from './run-mark.ts'
import { openSession, type Session } from './session.ts'
import {
  buffersToMove,
  type RunOrder,
  type RunQuestions,
  type RunReport,
  type WorkerOrder,
  type WorkerReport,
  type WorkerTask,
} from './worker-message.ts'

if (parentPort === null) throw new Error('worker.ts must be started as a worker thread')
const port = parentPort
const { settings, mark, ...source }: WorkerTask = workerData

const report = (message: WorkerReport, move: ArrayBuffer[] = []) => port.postMessage(message, move)

const run = (session: Session, ...request: Parameters<Session['run']>) =>
  whileMarked(mark, () => session.run(...request))

/** Runs orders one after the other: while one waits for its turn in `session.run`, the next must not begin. */
function serve(session: Session): void {
  let last = Promise.resolve()
  port.on('message', (order: WorkerOrder) => {
    last = last.then(() => obey(session, order))
  })
}

async function obey(session: Session, order: WorkerOrder): Promise<void> {
  if (order.kind === 'stop') {
    port.close()
    return session.close()
  }
  const answerers: Answerers<RunQuestions> = {
    run: (run) => (run.requests.length > 1 ? runTogether(session, run) : runEach(session, run)),
  }
  await answerQuestion(answerers, order, (message) => report(message, buffersToMove(outputsOf(message.answer))))
}

const outputsOf = ({ outcomes }: RunReport) => outcomes.flatMap((outcome) => (outcome.ok ? outcome.outputs : []))

async function runTogether(session: Session, order: RunOrder): Promise<RunReport> {
  try {
    const { outputs, times } = await run(session, joinInputs(order.requests), order.outputs)
    const parts = splitOutputs(outputs, order.rows)
    if (parts === undefined) return { ...(await runEach(session, order)), isSplittable: false }
    const rows = order.rows.reduce((sum, count) => sum + count, 0)
    const outcomes = parts.map((part) => ({ ok: true as const, outputs: part, times }))
    return { outcomes, runs: [{ rows, times }], isSplittable: true }
  } catch {
    // One request that the model cannot digest must not fail its neighbours: each tries alone.
    return runEach(session, order)
  }
}

async function runEach(session: Session, order: RunOrder): Promise<RunReport> {
  const done: RunReport = { outcomes: [], runs: [], isSplittable: true }
  for (const [at, inputs] of order.requests.entries()) {
    try {
      const { outputs, times } = await run(session, inputs, order.outputs)
      done.outcomes.push({ ok: true, outputs, times })
      done.runs.push({ rows: order.rows[at] ?? 1, times })
    } catch (cause) {
      done.outcomes.push({ ok: false, message: messageOf(cause) })
    }
  }
  return done
}

const messageOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause))

try {
  const session = await whileMarked(mark, () => openSession(source, settings))
  report({ kind: 'ready', signature: session.signature })
  serve(session)
} catch (cause) {
  report({ kind: 'refused', message: messageOf(cause) })
}
