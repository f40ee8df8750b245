/**
 * Worker: the thread of one model instance. onnxruntime's `create` and `run` block their thread, so each has its own.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { type Answerers, answerQuestion } from '@skerry/platform/process/asking'
import { answerRun } from './answer-run.ts'
import { whileMarked } from './run-mark.ts'
import { openSession, type Session } from './session.ts'
import {
  buffersToMove,
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
    run: (order) => answerRun((...request) => run(session, ...request), order),
  }
  await answerQuestion(answerers, order, (message) => report(message, buffersToMove(outputsOf(message.answer))))
}

const outputsOf = ({ outcomes }: RunReport) => outcomes.flatMap((outcome) => (outcome.ok ? outcome.outputs : []))

const messageOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause))

try {
  const session = await whileMarked(mark, () => openSession(source, settings))
  report({ kind: 'ready', signature: session.signature })
  serve(session)
} catch (cause) {
  report({ kind: 'refused', message: messageOf(cause) })
}
