/**
 * Signed streams: gives the messages of the hub's streams to the rest of the agent only after their signatures have been verified. A thief who has only the hub's
 * TLS key can open a connection, and can say nothing in it that the device obeys.
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

/** The procedures of the link; streams give messages as they were before the hub signed them. */
export type LinkClient = { [Name in keyof Wire]: Opened<Wire[Name]> }

export type HubKnown = { deviceId: DeviceId; session: LinkSession; trustedKeys: readonly string[] }

/** The hub at the other end has the TLS key, and has not shown that it is the hub. */
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

/** A longer wait is a matter of the caller, which has other work meanwhile. */
const WAIT_MAX_MS = 30_000

/** How long the hub said that the device has to wait before it may make a call again; undefined for any other error. */
export function waitIn(error: unknown): number | undefined {
  if (!(error instanceof ORPCError && error.code === 'rate_limited')) return undefined
  const { retryAfterMs } = Object(error.data) as { retryAfterMs?: unknown }
  return typeof retryAfterMs === 'number' && retryAfterMs >= 0 ? retryAfterMs : WAIT_MAX_MS
}

/** Makes a call again after the time that the hub named. */
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

/** Stands around the client of one connection. */
export function openStreams(wire: Wire, known: HubKnown, clock: Pick<Clock, 'monotonicMs' | 'sleep'>): LinkClient {
  const open = linkOpener(known, known.trustedKeys)
  let aheadMs: number | undefined
  const judge = (name: string, offered: unknown): unknown => {
    const nowMs = aheadMs === undefined ? undefined : aheadMs + clock.monotonicMs()
    const opened = open(name, offered, nowMs)
    if (opened.ok) return opened.message
    const why = `the device rejected a message of the hub on the stream "${name}": ${opened.why}`
    // The hub's clock was set back, or the line was slow: the next connection hears its time anew.
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
