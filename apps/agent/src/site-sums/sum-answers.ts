/** Sum answers: the answers of an aggregator to a neighbour, without the network. */
import type { SumState } from '@skerry/contract/campaigns/site-sum'
import { CACHE_PASS_HEADER } from '@skerry/contract/chunks/site-cache'
import { CampaignId } from '@skerry/contract/values/ids'
import { openSumPass } from '@skerry/platform/campaigns/sum-pass'
import type { CacheGround, CacheRequest } from '../site-cache/cache-answers.ts'
import type { SumDesk } from './sum-desk.ts'

export type SumAnswer = { status: number; json: SumState | { code: string; message: string } }

/** A campaign has at most 2,000 rounds, and a round three attempts. */
const PATH = /^\/v1\/campaign-sums\/([^/]{1,64})\/([1-9][0-9]{0,5})\/([1-9][0-9]{0,5})$/

type SumGround = Pick<CacheGround, 'ownKey' | 'trustedKeys' | 'nowMs'> & { sums: SumDesk }

type SumRequest = CacheRequest & { body: AsyncIterable<Uint8Array> }

/** Undefined if the request is not about a sum. */
export async function answerAboutSum(
  { sums, ownKey, trustedKeys, nowMs }: SumGround,
  request: SumRequest,
  signal: AbortSignal,
): Promise<SumAnswer | undefined> {
  const [, id, round, attempt] = PATH.exec(request.path) ?? []
  const campaign = CampaignId.safeParse(id)
  if (!campaign.success || (request.method !== 'PUT' && request.method !== 'GET')) return undefined
  const opened = openSumPass(String(request.headers[CACHE_PASS_HEADER] ?? ''), {
    campaign: campaign.data,
    round: Number(round),
    attempt: Number(attempt),
    callerKey: request.callerKey ?? '',
    aggregatorKey: ownKey,
    trustedKeys: trustedKeys(),
    nowMs: nowMs(),
  })
  if (!opened.ok) return refuse(403, 'sum_pass_refused', opened.message)
  if (request.method === 'GET') return { status: 200, json: sums.stateOf(opened.pass) }
  const state = await sums.add(opened.pass, request.body, signal)
  if (state !== 'busy') return { status: 200, json: state }
  return refuse(503, 'sum_busy', 'the aggregator reads other updates; send it again')
}

const refuse = (status: number, code: string, message: string): SumAnswer => ({ status, json: { code, message } })
