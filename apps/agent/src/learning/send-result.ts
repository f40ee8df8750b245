/** Send result: a learning's result goes to the hub until the hub has decided about it. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import type { LearningOrder } from '@skerry/contract/held/learnings'
import { LearningReply, RESULT_REJECTED } from '@skerry/contract/learning/result'
import { backoffMs } from '@skerry/core/values/backoff'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { HubDownload } from '../hub/hub-download.ts'
import { reasonIn } from '../hub/hub-reason.ts'
import { writeFailure } from './failure.ts'

export type SendDeps = {
  clock: Pick<Clock, 'sleep'>
  send: HubDownload['send']
  random: () => number
  log: Pick<Log, 'info' | 'warn'>
}

const RETRY = { baseMs: 500, maxMs: 30_000 }

const UPDATE = 'update the hub and the agent to the same version, and start the learning again'

export type Sending = { order: LearningOrder; outPath: string }

/** Undefined if the hub cannot read the result at all. */
export async function sendResult(
  deps: SendDeps,
  sending: Sending,
  signal: AbortSignal,
): Promise<LearningReply | undefined> {
  const { learning, spec } = sending.order
  let isRejected = false
  for (let tries = 0; ; tries += 1) {
    signal.throwIfAborted()
    const answer = await sendOnce(deps, sending, signal)
    if (answer.kind === 'taken') {
      const { taken, reason } = answer.reply
      deps.log.info('learning_reported', { learning: spec.name, taken, ...(reason !== undefined && { reason }) })
      return answer.reply
    }
    if (answer.kind === 'rejected') {
      const { message } = answer
      deps.log.warn('learning_result_rejected', { learning: spec.name, id: learning, message })
      if (isRejected) return undefined
      // Without an end the hub would wait for ever. A failure has a form that each hub reads.
      isRejected = true
      await writeFailure(sending.outPath, { code: RESULT_REJECTED, message, advice: UPDATE })
      continue
    }
    await deps.clock.sleep(backoffMs(tries, RETRY, deps.random()), signal)
  }
}

type Answer = { kind: 'taken'; reply: LearningReply } | { kind: 'rejected'; message: string } | { kind: 'again' }

async function sendOnce({ send }: SendDeps, { order, outPath }: Sending, signal: AbortSignal): Promise<Answer> {
  const { size } = await stat(outPath)
  const answer = await send(
    {
      method: 'PUT',
      path: `/v1/learning-results/${order.learning}`,
      headers: { 'content-type': 'application/octet-stream' },
      content: { length: size, stream: createReadStream(outPath) },
    },
    signal,
  )
  // A wrong clock or an expired certificate is mended some day, and the rows of a week must not be lost by it.
  if (!answer.ok) return { kind: 'again' }
  const body = parsed(await text(answer.stream))
  if (isPassing(answer.status)) return { kind: 'again' }
  const reply = LearningReply.safeParse(body)
  if (answer.status === 200 && reply.success) return { kind: 'taken', reply: reply.data }
  return { kind: 'rejected', message: reasonIn(body)?.message ?? `the hub answered ${answer.status}` }
}

/** A device in quarantine may come out of it, and a hub may be busy. */
const isPassing = (status: number) => status === 401 || status === 403 || status === 429 || status >= 500

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
