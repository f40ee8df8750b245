/**
 * Send near: gives the update of this device to the aggregator of its site, which sends one sum to the hub. It never costs
 * the update: if the sum is not counted in time, the device sends the bytes to the hub. The hub alone says what counts.
 */
import { type SumPlace, SumState } from '@skerry/contract/campaigns/site-sum'
import type { CampaignReport } from '@skerry/contract/campaigns/update'
import { CACHE_PASS_HEADER } from '@skerry/contract/chunks/site-cache'
import { encodeCachePass } from '@skerry/platform/chunks/cache-pass'
import type { OrderDeps } from './order-parts.ts'
import { type Answer, fileContent, type Sending, sendOnce } from './send-report.ts'

/** `direct`: the device sends its bytes to the hub. `ended`: the hub does not want the update any more. */
type NearResult = 'counted' | 'ended' | 'direct'

type Trained = Extract<CampaignReport, { kind: 'trained' }>

type NearSending = Sending & {
  report: Trained
  /** Whether the device keeps values that count with the update. */
  keeps: boolean
}

/** Both are on the network of the site. */
const LOOK_MS = 500

/** An aggregator that fails so often in a row has vanished. */
const FAILURES_MAX = 3

/** An order that is withdrawn ends at once, but the device must know whether its kept values count. */
const CONFIRM_MS = 3_000

export async function sendNear(deps: OrderDeps, sending: NearSending, signal: AbortSignal): Promise<NearResult> {
  const { order, report, keeps } = sending
  const offer: Sending = { ...sending, report: { ...report, isOffer: true } }
  const answer = await sendOffer(deps, offer, signal)
  // The direct way tries again.
  if (answer.kind !== 'taken') return 'direct'
  const { counted, sum, needsBytes } = answer.reply
  if (counted) return 'counted'
  if (!sum) return needsBytes ? 'direct' : 'ended'
  const about = { campaign: order.name, round: order.round, aggregator: sum.device }
  try {
    const reason = await handOver(deps, { ...sending, place: sum }, signal)
    if (reason !== undefined) deps.log.warn('campaign_aggregator_unused', { ...about, reason })
    return await confirm(deps, offer, about, signal)
  } catch (error) {
    if (!signal.aborted || !keeps) throw error
    const found = await confirm(deps, offer, about, AbortSignal.timeout(CONFIRM_MS)).catch(() => 'direct' as const)
    if (found === 'counted') return found
    throw error
  }
}

/** An offer is far smaller than the bytes of an update, so a bad line gets some tries. */
async function sendOffer(deps: OrderDeps, offer: Sending, signal: AbortSignal): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    const answer = await sendOnce(deps, offer, signal)
    if (answer.kind !== 'again' || tries >= FAILURES_MAX) return answer
    await deps.clock.sleep(tries * LOOK_MS, signal)
  }
}

type About = { campaign: string; round: number; aggregator: string }

/** An aggregator could say anything, so the hub is asked. */
async function confirm(deps: OrderDeps, offer: Sending, about: About, signal: AbortSignal): Promise<NearResult> {
  const answer = await sendOffer(deps, offer, signal)
  if (answer.kind !== 'taken') return 'direct'
  const { counted, sum, needsBytes } = answer.reply
  if (!counted) return sum || needsBytes ? 'direct' : 'ended'
  deps.log.info('campaign_reported', { ...about, kind: 'trained', counted })
  return 'counted'
}

type Handing = NearSending & { place: SumPlace }

/** Until the sum has been sent. The reason if the aggregator does not help. */
async function handOver(deps: OrderDeps, it: Handing, signal: AbortSignal): Promise<string | undefined> {
  const untilMs = deps.clock.nowMs() + it.place.waitMs
  let failures = 0
  let isHeld = false
  while (deps.clock.nowMs() < untilMs) {
    const found = await exchange(deps, it, isHeld, signal)
    if (found.kind === 'counted') return undefined
    if (found.kind === 'refused') return found.reason
    failures = found.kind === 'failed' ? failures + 1 : 0
    if (found.kind === 'failed' && failures >= FAILURES_MAX) return found.reason
    isHeld ||= found.kind === 'held'
    await deps.clock.sleep(LOOK_MS, signal)
  }
  return 'the sum was not counted in time'
}

type Found = { kind: 'counted' | 'held' | 'busy' } | { kind: 'refused' | 'failed'; reason: string }

/** Sends the bytes, or requests their state if the aggregator has them. */
async function exchange(
  { near }: Pick<OrderDeps, 'near'>,
  { order, outPath, place }: Handing,
  isHeld: boolean,
  signal: AbortSignal,
): Promise<Found> {
  const client = near(place.key)
  if (!client) return { kind: 'refused', reason: 'this device has not joined a hub' }
  const answer = await client.sendJson(
    {
      method: isHeld ? 'GET' : 'PUT',
      url: `https://${place.address}/v1/campaign-sums/${order.campaign}/${order.round}/${order.attempt}`,
      headers: { [CACHE_PASS_HEADER]: encodeCachePass(place.pass) },
      ...(!isHeld && { content: await fileContent(outPath) }),
    },
    signal,
  )
  if (!answer.ok) {
    if (answer.status === 503) return { kind: 'busy' }
    return { kind: answer.status === undefined ? 'failed' : 'refused', reason: answer.message }
  }
  const read = SumState.safeParse(answer.body)
  if (!read.success) return { kind: 'refused', reason: 'the answer of the aggregator cannot be read' }
  const { state, message } = read.data
  if (state === 'held' || state === 'counted') return { kind: state }
  return { kind: 'refused', reason: message ?? 'the aggregator does not have the update any more' }
}
