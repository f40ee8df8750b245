/** Body worker: the thread that parses large bodies, one after the other, for as long as there are any. */
import { parentPort } from 'node:worker_threads'
import { type Answerers, answerQuestion, type QuestionMessage } from '@skerry/platform/process/asking'
import type { BodyQuestions } from './body-threads.ts'
import { type BodyResult, prepareBody } from './prepared-body.ts'

const answerers: Answerers<BodyQuestions> = { prepare: prepareBody }

parentPort?.on('message', (message: QuestionMessage<BodyQuestions>) => {
  void answerQuestion(answerers, message, (answer) => parentPort?.postMessage(answer, tensorsOf(answer.answer)))
})

/** Bytes that fill their buffer are handed over and not copied; small ones may share a buffer with others. */
function tensorsOf(result: BodyResult): ArrayBuffer[] {
  if (!result.ok || !result.prepared.frame?.ok) return []
  const whole = result.prepared.frame.parts.filter(({ buffer, byteLength }) => buffer.byteLength === byteLength)
  return [...new Set(whole.flatMap(({ buffer }) => (buffer instanceof ArrayBuffer ? [buffer] : [])))]
}
