/**
 * Signed streams: passes the messages of the hub's streams to the rest of the agent only after it has verified their
 * signatures. A thief with only the hub's TLS key can open a connection, but cannot send a message that the device
 * obeys.
 */
import { mapEventIterator, ORPCError } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import type { link } from '@skerry/contract/link/link'
import type { LinkSession, SignedMessage } from '@skerry/contract/link/link-message'
import type { DeviceId } from '@skerry/contract/values/ids'
import type { Clock } from '@skerry/platform/process/clock'
import { linkOpener } from '@skerry/platform/signatures/link-signature'

type Wire = ContractRouterClient<typeof link>

type Opened<Call extends (...given: never[]) => unknown> =
  Awaited<ReturnType<Call>> extends AsyncIterator<SignedMessage<infer Message>, infer End, infer Next>
    ? (...given: Parameters<Call>) => Promise<AsyncIteratorObject<Message, End, Next>>
    : Call

/** The procedures of the link. Their streams give messages in the form before the hub signed them. */
export type LinkClient = { [Name in keyof Wire]: Opened<Wire[Name]> }

export type HubKnown = { deviceId: DeviceId; session: LinkSession; trustedKeys: readonly string[] }

/** The hub at the other end has the TLS key, and has not proved that it is the hub. */
export class HubUnproved extends Error {
  readonly code = 'hub_unproved'
}

const STREAMS = ['desired', 'commands', 'jobs', 'documents'] as const

const CALLS = [
  'answer',
  'jobDone',
  'held',
  'wipeBegun',
  'journal',
  'telemetry',
  'renew',
  'leave',
] as const satisfies (keyof Wire)[]

type Call = (input: never, options?: { signal?: AbortSignal }) => Promise<unknown>

/** The caller handles a longer wait, because it has other work meanwhile. */
const WAIT_MAX_MS = 30_000

/** The wait that the hub requires before the device may repeat a call. Undefined for any other error. */
export function waitIn(error: unknown): number | undefined {
  if (!(error instanceof ORPCError && error.code === 'rate_limited')) return undefined
  const { retryAfterMs } = Object(error.data) as { retryAfterMs?: unknown }
  return typeof retryAfterMs === 'number' && retryAfterMs >= 0 ? retryAfterMs : WAIT_MAX_MS
}

/** Repeats a call after the time that the hub named. */
const patient =
  (call: Call, { sleep }: Pick<Clock, 'sleep'>): Call =>
  async (input, options) => {
    for (;;) {
      try {
        return await call(input, options)
      } catch (error) {
        const waitMs = waitIn(error)
        if (waitMs === undefined || waitMs > WAIT_MAX_MS) throw error
        await sleep(waitMs, options?.signal ?? new AbortController().signal)
      }
    }
  }
type Stream = AsyncIterator<unknown>

/** Wraps the client of one connection. */
export function openStreams(wire: Wire, known: HubKnown, clock: Pick<Clock, 'monotonicMs' | 'sleep'>): LinkClient {
  const open = linkOpener(known, known.trustedKeys)
  let aheadMs: number | undefined
  const judge = (name: string, offered: unknown): unknown => {
    const nowMs = aheadMs === undefined ? undefined : aheadMs + clock.monotonicMs()
    const opened = open(name, offered, nowMs)
    if (opened.ok) return opened.message
    const why = `the device rejected a message of the hub on the stream "${name}": ${opened.why}`
    // The hub's clock was set back, or the line was slow: the next connection gets its time again.
    if (opened.kind === 'expired') throw new Error(why)
    throw new HubUnproved(why)
  }
  const callOf = (name: keyof Wire) => patient(wire[name] as unknown as Call, clock)
  const report: Call = async (...given) => {
    const reply = (await callOf('report')(...given)) as Awaited<ReturnType<Wire['report']>>
    aheadMs = reply.hubTimeMs - clock.monotonicMs()
    return reply
  }
  const streams = STREAMS.map((name) => {
    const ask = callOf(name)
    const opened: Call = async (...given) =>
      mapEventIterator((await ask(...given)) as Stream, {
        value: async (offered) => judge(name, offered),
        error: async (error) => error,
      })
    return [name, opened] as const
  })
  const others = CALLS.map((name) => [name, callOf(name)] as const)
  const own = new Map<PropertyKey, Call>([['report', report], ...streams, ...others])
  return Object.fromEntries(own) as unknown as LinkClient
}
