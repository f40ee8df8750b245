/**
 * Sum desk: this device adds the updates of its site, and sends their sum to the hub. It holds one sum for each campaign,
 * in memory only: after a restart, the devices of the site send their updates to the hub.
 */
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import {
  SUM_HEADER,
  SUM_UPDATES_MAX,
  type SumPass,
  SumReply,
  type SumReport,
  type SumState,
} from '@skerry/contract/campaigns/site-sum'
import { UPDATE_BYTES_MAX } from '@skerry/contract/campaigns/update'
import { isSumDue } from '@skerry/core/campaigns/site-sums/site-sum'
import { openSumVector, type SumVector, updateBytes, vectorBytes } from '@skerry/core/campaigns/site-sums/sum-vector'
import { backoffMs } from '@skerry/core/values/backoff'
import { digestOf } from '@skerry/platform/files/hash'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { HubDownload } from '../hub/hub-download.ts'

export type SumDesk = {
  /** Adds the bytes of an update. `busy`: the device tries again. */
  add(pass: SumPass, body: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<SumState | 'busy'>
  /** The state of the update that the pass is for. */
  stateOf(pass: SumPass): SumState
}

export type SumDeskDeps = {
  send: HubDownload['send']
  clock: Pick<Clock, 'sleep'>
  /** By the clock of the hub. */
  nowMs(): number
  random: () => number
  memoryAvailableBytes(): number
  log: Pick<Log, 'info' | 'warn'>
  /** Its end ends all sums. */
  signal: AbortSignal
}

/** The sum of the largest model takes 64 MiB, and a device of a site often has 1 GB of memory. */
const SUMS_MAX = 2

/** Bodies that are read at once: 32 MiB each at most. */
const BODIES_MAX = 2

/** Models that serve need the other half. */
const MEMORY_SHARE = 0.5

/** A neighbour sends over the network of the site. A slower sender would keep the other devices from sending. */
const BODY_MS = 30_000

/** Sums that have ended stay known for so many attempts, so that their devices hear of their end. */
const ENDED_MAX = 64

const LOOK_MS = 100

const RETRY = { baseMs: 500, maxMs: 5_000 }

type Sum = {
  pass: SumPass
  state: 'open' | 'sending' | 'counted' | 'refused'
  message: string | undefined
  /** Undefined at the end: its memory is free. */
  vector: SumVector | undefined
  held: Map<SumPass['device'], SumPass['digest']>
  expected: number
  sumByMs: number
  /** The first device stops waiting. */
  endMs: number
}

type Desk = SumDeskDeps & { sums: Map<string, Sum>; bodies: number }

const keyOf = ({ campaign, round, attempt }: SumPass) => `${campaign}/${round}/${attempt}`

export function openSumDesk(deps: SumDeskDeps): SumDesk {
  const it: Desk = { ...deps, sums: new Map(), bodies: 0 }
  return { add: (pass, body, signal) => addUpdate(it, pass, body, signal), stateOf: (pass) => stateOf(it, pass) }
}

const refuse = (message: string): SumState => ({ state: 'refused', message })

/** An update that its device has replaced counts as another one. */
function stateOf({ sums }: Desk, pass: SumPass): SumState {
  const sum = sums.get(keyOf(pass))
  if (sum?.held.get(pass.device) !== pass.digest) return { state: 'gone' }
  if (sum.state === 'counted') return { state: 'counted' }
  return sum.state === 'refused' ? refuse(sum.message ?? 'the hub has refused the sum') : { state: 'held' }
}

async function addUpdate(
  it: Desk,
  pass: SumPass,
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<SumState | 'busy'> {
  const before = troubleOf(it, pass)
  if (before) return before
  if (it.bodies >= BODIES_MAX) return 'busy'
  it.bodies += 1
  try {
    const bytes = await readBody(body, updateBytes(pass), AbortSignal.any([signal, AbortSignal.timeout(BODY_MS)]))
    if (!bytes) return refuse('the bytes ended too early, or too late')
    if (digestOf(bytes) !== pass.digest) return refuse('the bytes are not those that the device reported to the hub')
    // From here on nothing waits: another request of the same device finds the update in the sum, or not yet.
    return troubleOf(it, pass) ?? take(it, pass, bytes)
  } finally {
    it.bodies -= 1
  }
}

/** Undefined if the update may be added now. */
function troubleOf(it: Desk, pass: SumPass): SumState | undefined {
  const sum = it.sums.get(keyOf(pass))
  if (!sum) return roomTrouble(it, pass)
  const known = sum.held.get(pass.device)
  if (known !== undefined) return known === pass.digest ? stateOf(it, pass) : refuse('the sum has another update of it')
  if (sum.state !== 'open') return refuse('the sum of this round has been sent')
  if (sum.pass.form !== pass.form || sum.pass.elements !== pass.elements) return refuse('the sum has another form')
  return sum.held.size >= SUM_UPDATES_MAX ? refuse(`a sum has ${SUM_UPDATES_MAX} updates at most`) : undefined
}

function roomTrouble(it: Desk, pass: SumPass): SumState | undefined {
  if (pass.elements * 4 > UPDATE_BYTES_MAX) return refuse('the update is too large')
  const live = [...it.sums.values()].filter(({ vector }) => vector !== undefined)
  if (live.length >= SUMS_MAX) return refuse(`this device adds the updates of ${SUMS_MAX} rounds already`)
  // The sum, an update, and the body of the sum.
  const needed = vectorBytes(pass) + updateBytes(pass) + pass.elements * 4
  if (needed <= it.memoryAvailableBytes() * MEMORY_SHARE) return undefined
  return refuse('this device has too little memory for a sum')
}

function take(it: Desk, pass: SumPass, bytes: Uint8Array): SumState {
  const key = keyOf(pass)
  const sum = it.sums.get(key) ?? newSum(pass)
  const trouble = sum.vector?.add(bytes, pass.weight)
  if (trouble !== undefined) return refuse(trouble)
  sum.held.set(pass.device, pass.digest)
  const { campaign, round, device } = pass
  it.log.info('campaign_update_held', { campaign, round, device, held: sum.held.size })
  sum.expected = Math.min(pass.expected, SUM_UPDATES_MAX)
  // The pass of the first update ends soon after this time, and its device does not wait longer.
  sum.sumByMs = Math.min(sum.sumByMs, pass.sumByMs)
  sum.endMs = Math.min(sum.endMs, pass.expiresAtMs)
  if (!it.sums.has(key)) {
    it.sums.set(key, sum)
    void work(it, sum)
  }
  return { state: 'held' }
}

const newSum = (pass: SumPass): Sum => ({
  pass,
  state: 'open',
  message: undefined,
  vector: openSumVector(pass),
  held: new Map(),
  expected: pass.expected,
  sumByMs: pass.sumByMs,
  endMs: pass.expiresAtMs,
})

/** Waits until the sum is due, and sends it. */
async function work(it: Desk, sum: Sum): Promise<void> {
  const { campaign, round } = sum.pass
  try {
    while (!isSumDue({ ...sum, held: sum.held.size }, it.nowMs())) await it.clock.sleep(LOOK_MS, it.signal)
    sum.state = 'sending'
    const reply = await sendSum(it, sum)
    sum.state = reply.counted ? 'counted' : 'refused'
    sum.message = reply.reason?.slice(0, 500)
    const about = { campaign, round, updates: sum.held.size, counted: reply.counted }
    it.log.info('campaign_sum_sent', { ...about, ...(reply.reason !== undefined && { reason: reply.reason }) })
  } catch (error) {
    sum.state = 'refused'
    if (!it.signal.aborted) it.log.warn('campaign_sum_failed', { campaign, round, error })
  }
  sum.vector = undefined
  const ended = [...it.sums].filter(([, { vector }]) => vector === undefined)
  for (const [key] of ended.slice(0, -ENDED_MAX)) it.sums.delete(key)
}

/** The devices of the sum wait until the passes expire. Then they send their updates themselves. */
async function sendSum(it: Desk, sum: Sum): Promise<SumReply> {
  const { pass, held, vector } = sum
  const content = vector?.body() ?? new Uint8Array()
  const updates = [...held].map(([device, digest]) => ({ device, digest }))
  const report: SumReport = { digest: digestOf(content), updates }
  for (let tries = 0; ; tries += 1) {
    const reply = await sendOnce(it, pass, { report, content })
    if (reply) return reply
    if (it.nowMs() >= sum.endMs) return { counted: false, reason: 'the hub could not be reached in time' }
    await it.clock.sleep(backoffMs(tries, RETRY, it.random()), it.signal)
  }
}

type Sending = { report: SumReport; content: Uint8Array }

/** Undefined if another try can help. */
async function sendOnce(it: Desk, pass: SumPass, { report, content }: Sending): Promise<SumReply | undefined> {
  const answer = await it.send(
    {
      method: 'PUT',
      path: `/v1/campaign-sums/${keyOf(pass)}`,
      headers: { [SUM_HEADER]: Buffer.from(JSON.stringify(report)).toString('base64url') },
      content: { length: content.byteLength, stream: Readable.from([content]) },
    },
    it.signal,
  )
  if (!answer.ok) return answer.retryable ? undefined : { counted: false, reason: answer.message }
  const said = await text(answer.stream)
  if (answer.status === 429 || answer.status >= 500) return undefined
  const reply = answer.status === 200 ? SumReply.safeParse(parsed(said)) : undefined
  return reply?.success ? reply.data : { counted: false, reason: `the hub answered ${answer.status}` }
}

/** Undefined if the body does not have exactly this size, or takes too long. */
async function readBody(
  body: AsyncIterable<Uint8Array>,
  size: number,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(size)
  let at = 0
  const pieces = body[Symbol.asyncIterator]()
  const late = new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined)))
  for (;;) {
    const next = await Promise.race([pieces.next(), late])
    if (!next) return undefined
    if (next.done) return at === size ? bytes : undefined
    if (at + next.value.byteLength > size) return undefined
    bytes.set(next.value, at)
    at += next.value.byteLength
  }
}

function parsed(said: string): unknown {
  try {
    return JSON.parse(said)
  } catch {
    return undefined
  }
}
