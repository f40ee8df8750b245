/** Send report: brings the report of an order to the hub, with the bytes of its update. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type CampaignReport, CampaignUpdateReply, REPORT_HEADER } from '@skerry/contract/campaigns/update'
import { backoffMs } from '@skerry/core/values/backoff'
import { reasonIn } from '../hub/hub-reason.ts'
import type { AnyOrder, OrderDeps } from './order-parts.ts'

const RETRY = { baseMs: 500, maxMs: 30_000 }

export type Sending = { order: AnyOrder; outPath: string; report: CampaignReport; body?: Buffer | undefined }

/** Sends the report until the hub has it, or the deadline has passed. True if the hub counts it. */
export async function sendReport(deps: OrderDeps, sending: Sending, signal: AbortSignal): Promise<boolean> {
  const { order, report } = sending
  const { clock, log, random } = deps
  const about = { campaign: order.name, round: order.round, kind: report.kind }
  for (let tries = 0; clock.nowMs() <= order.deadlineMs; tries += 1) {
    const answer = await sendOnce(deps, sending, signal)
    if (answer.kind === 'taken') {
      const { counted, reason } = answer.reply
      log.info('campaign_reported', { ...about, counted, ...(reason !== undefined && { reason }) })
      return counted
    }
    if (answer.kind === 'rejected') {
      log.warn('campaign_report_rejected', { ...about, message: answer.message })
      return false
    }
    await clock.sleep(backoffMs(tries, RETRY, random()), signal)
  }
  log.warn('campaign_report_late', about)
  return false
}

export type Answer =
  | { kind: 'taken'; reply: CampaignUpdateReply }
  | { kind: 'rejected'; message: string }
  | { kind: 'again' }

export async function sendOnce(
  { send }: Pick<OrderDeps, 'send'>,
  { order, outPath, report, body }: Sending,
  signal: AbortSignal,
): Promise<Answer> {
  const content = await contentOf(report, outPath, body)
  const answer = await send(
    {
      method: 'PUT',
      path: `/v1/campaign-updates/${order.campaign}/${order.round}/${order.attempt}`,
      headers: {
        'content-type': 'application/octet-stream',
        [REPORT_HEADER]: Buffer.from(JSON.stringify(report)).toString('base64url'),
      },
      content,
    },
    signal,
  )
  if (!answer.ok) return answer.retryable ? { kind: 'again' } : { kind: 'rejected', message: answer.message }
  const said = parsed(await text(answer.stream))
  if (answer.status === 429 || answer.status >= 500) return { kind: 'again' }
  const reply = CampaignUpdateReply.safeParse(said)
  if (answer.status === 200 && reply.success) return { kind: 'taken', reply: reply.data }
  return { kind: 'rejected', message: reasonIn(said)?.message ?? `the hub answered ${answer.status}` }
}

const hasFile = (report: CampaignReport): boolean =>
  report.kind === 'surveyed' || (report.kind === 'trained' && report.isOffer !== true)

async function contentOf(report: CampaignReport, outPath: string, body: Buffer = Buffer.alloc(0)) {
  return hasFile(report)
    ? fileContent(outPath)
    : { length: body.byteLength, stream: Readable.from(body.byteLength ? [body] : []) }
}

/** The bytes of the update. */
export const fileContent = async (path: string) => ({ length: (await stat(path)).size, stream: createReadStream(path) })

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
