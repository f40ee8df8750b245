/** Replay thread: replays a recording in a thread of its own, so that whoever serves models meanwhile goes on, whatever the steps of the flow compute. */
import { Worker } from 'node:worker_threads'
import type { FlowOutput } from '@skerry/contract/flows/flow-recording'
import { type Answerers, answerQuestion } from '@skerry/platform/process/asking'
import { whenThreadEnds } from '@skerry/platform/process/supervise'
import { answerOf, type ModelQuestions } from '../host/infer-way.ts'
import type { Infer } from '../model-step.ts'
import type { FromReplay, ReplayOrder } from './replay-message.ts'

/** A recording and its outputs are some tens of megabytes at most, and as objects some times that. */
const HEAP_MB = 512

export type ThreadReplayed = { ok: true; outputs: FlowOutput[] } | { ok: false; code: string; message: string }

const THREAD = new URL(`./replay-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

/** Rejects only when the signal fires; the thread has ended then, even one that never would. */
export async function replayInThread(order: ReplayOrder, infer: Infer, signal: AbortSignal): Promise<ThreadReplayed> {
  signal.throwIfAborted()
  const thread = new Worker(THREAD, { workerData: order, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } })
  const end = () => void thread.terminate()
  signal.addEventListener('abort', end, { once: true })
  const answerers: Answerers<ModelQuestions> = { infer: (question) => answerOf(infer, question, signal) }
  let outputs: FlowOutput[] | undefined
  thread.on('message', (said: FromReplay) => {
    if (said.kind === 'done') outputs = said.outputs
    else void answerQuestion(answerers, said, (answer) => thread.postMessage(answer))
  })
  const message = await whenThreadEnds(thread)
  signal.removeEventListener('abort', end)
  if (outputs) return { ok: true, outputs }
  signal.throwIfAborted()
  return { ok: false, code: 'flow_trial_failed', message: `the replay of the recording crashed: ${message}` }
}
