/** Webhook admission: whether a request is from whom it should be, is new, and is not one too many. Compares in the same time, whatever is right of it. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { secretOf } from '@skerry/connectors/tls'
import type { WebhookSourceConnection } from '@skerry/contract/source-webhook'

export type Refusal = { status: number; code: string; message: string }

export type Admission = {
  /** Takes its place among those of this second. */
  pace(monotonicMs: number): Refusal | undefined
  /** Before the body is read. */
  bearer(authorization: string | undefined): Refusal | undefined
  signature(headers: Signed, body: Buffer, nowMs: number): Refusal | undefined
}

export type Signed = { timestamp: string | undefined; signature: string | undefined }

type Secrets = Readonly<Record<string, string>>

/** Signatures of ten minutes at a good hundred a second, in some ten megabytes. */
const SEEN_MAX = 100_000

const DENIED: Refusal = { status: 401, code: 'request_denied', message: 'the bearer or the signature is not right' }

export function createAdmission(connection: WebhookSourceConnection, secrets: Secrets): Admission {
  const { perSecond, windowSeconds } = connection
  const bearer = connection.bearer && digestOf(`Bearer ${secretOf(connection.bearer, secrets)}`)
  const key = connection.signature && secretOf(connection.signature, secrets)
  const seen = new Map<string, number>()
  let room = perSecond
  let lastMs = 0
  return {
    pace(monotonicMs) {
      room = Math.min(perSecond, room + ((monotonicMs - lastMs) / 1_000) * perSecond)
      lastMs = monotonicMs
      if (room < 1) return { status: 429, code: 'request_rate', message: `at most ${perSecond} requests a second` }
      room -= 1
      return undefined
    },
    bearer: (authorization) => (bearer && !timingSafeEqual(digestOf(authorization ?? ''), bearer) ? DENIED : undefined),
    signature({ timestamp = '', signature = '' }, body, nowMs) {
      if (key === undefined) return undefined
      const told = /^sha256=([0-9a-f]{64})$/i.exec(signature)?.[1]
      const right = createHmac('sha256', key).update(`${timestamp}.`).update(body).digest()
      if (told === undefined || !timingSafeEqual(Buffer.from(told, 'hex'), right)) return DENIED
      const atMs = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) * 1_000 : Number.NaN
      // Also where it is no number.
      if (!(Math.abs(nowMs - atMs) <= windowSeconds * 1_000)) return staleFor(windowSeconds)
      return remember(seen, right.toString('base64'), { nowMs, untilMs: atMs + windowSeconds * 1_000 })
    },
  }
}

const digestOf = (text: string) => createHash('sha256').update(text).digest()

const staleFor = (seconds: number): Refusal => ({
  ...{ status: 401, code: 'request_stale' },
  message: `x-skerry-timestamp must be in seconds since 1970, within ${seconds} s of the device's clock`,
})

function remember(
  seen: Map<string, number>,
  signature: string,
  { nowMs, untilMs }: { nowMs: number; untilMs: number },
): Refusal | undefined {
  for (const [one, oneUntilMs] of seen) {
    if (oneUntilMs >= nowMs) break
    seen.delete(one)
  }
  if (seen.has(signature)) return { status: 409, code: 'request_replayed', message: 'this very request came before' }
  if (seen.size >= SEEN_MAX) return { status: 429, code: 'request_rate', message: 'too many within windowSeconds' }
  seen.set(signature, untilMs)
  return undefined
}
