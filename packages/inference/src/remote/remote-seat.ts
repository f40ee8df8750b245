/**
 * Remote seat: the place of a session whose runs happen in the server of an app. It waits for answers and computes
 * nothing, so it needs no thread of its own.
 */
import { answerQuestion } from '@skerry/platform/process/asking'
import { answerRun } from '../seat/answer-run.ts'
import type { Seat } from '../seat/seat.ts'
import type { Session } from '../seat/session.ts'
import type { RunQuestions, WorkerOrder, WorkerReport } from '../seat/worker-message.ts'
import type { RemoteModel } from './remote-model.ts'
import { openRemoteSession } from './remote-session.ts'

/** Begins to open the session. */
export function openRemoteSeat(remote: RemoteModel): Seat {
  const { promise: ended, resolve: end } = Promise.withResolvers<string>()
  const listeners: ((report: WorkerReport) => void)[] = []
  const report = (message: WorkerReport) => {
    for (const listener of listeners) listener(message)
  }
  const opening = openRemoteSession(remote)
  // A report needs a listener, so nothing is reported in the turn that opens the seat.
  opening.then(
    ({ signature }) => report({ kind: 'ready', signature }),
    (cause: unknown) => report({ kind: 'refused', message: cause instanceof Error ? cause.message : String(cause) }),
  )
  const close = async () => {
    await opening.then((session) => session.close()).catch(() => undefined)
    end('the session was closed')
  }
  let last: Promise<unknown> = Promise.resolve()
  return {
    post(order) {
      last = last.then(() => (order.kind === 'stop' ? close() : obey(opening, order, report)))
    },
    onReport: (listener) => void listeners.push(listener),
    ended,
    leave: () => void close(),
  }
}

type Question = Extract<WorkerOrder, { kind: 'question' }>

async function obey(opening: Promise<Session>, order: Question, report: (message: WorkerReport) => void) {
  const session = await opening
  await answerQuestion<RunQuestions, 'run'>({ run: (run) => answerRun(session.run, run) }, order, report)
}
