/**
 * Webhook admission: whether a request is from its genuine sender, is new, and is not one too many. Only the requests of the genuine sender
 * count for its pace, or a stranger could use it up. Failures have a pace of their own, by address.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { secretOf } from '@skerry/connectors/tls'
import type { WebhookSourceConnection } from '@skerry/contract/sources/protocols/source-webhook'

export type Refusal = { status: number; code: string; message: string }

export type Admission = {
  /** Before the body is read. */
  early(request: Early, monotonicMs: number): Refusal | undefined
  /** Of the body and its signature. */
  late(request: { headers: Signed; body: Buffer; address: string }, at: Instant): Refusal | undefined
}

export type Early = { authorization: string | undefined; signature: string | undefined; address: string }

export type Instant = { nowMs: number; monotonicMs: number }

export type Signed = { timestamp: string | undefined; signature: string | undefined }

type Secrets = Readonly<Record<string, string>>

/** Signatures of ten minutes at a good hundred a second, in some ten megabytes. */
const SEEN_MAX = 100_000

const DENIED: Refusal = { status: 401, code: 'request_denied', message: 'the bearer token or the signature is wrong' }

export function createAdmission(connection: WebhookSourceConnection, secrets: Secrets): Admission {
  const { perSecond, windowSeconds } = connection
  const bearer = connection.bearer && digestOf(`Bearer ${secretOf(connection.bearer, secrets)}`)
  const key = connection.signature && secretOf(connection.signature, secrets)
  const seen = new Map<string, number>()
  const failures = createFailurePace()
  const room = { left: perSecond, atMs: 0 }
  const pace = (monotonicMs: number): Refusal | undefined =>
    take(room, { perSecond, burst: perSecond }, monotonicMs) ? undefined : tooMany(`${perSecond} requests a second`)
  return {
    early({ authorization, signature, address }, monotonicMs) {
      if (bearer && !timingSafeEqual(digestOf(authorization ?? ''), bearer)) return failures.fail(address, monotonicMs)
      if (key === undefined) return pace(monotonicMs)
      // Whatever failed at its address: behind a proxy, the genuine sender and all strangers have one.
      return toldBy(signature) ? undefined : failures.fail(address, monotonicMs)
    },
    late({ headers: { timestamp = '', signature }, body, address }, { nowMs, monotonicMs }) {
      if (key === undefined) return undefined
      const told = toldBy(signature)
      const right = createHmac('sha256', key).update(`${timestamp}.`).update(body).digest()
      if (!told || !timingSafeEqual(told, right)) return failures.fail(address, monotonicMs)
      const atMs = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) * 1_000 : Number.NaN
      // Also where it is no number.
      if (!(Math.abs(nowMs - atMs) <= windowSeconds * 1_000)) return staleFor(windowSeconds)
      const known = right.toString('base64')
      // Not remembered before it is let through: its sender tries again with the same signature.
      const late = seen.has(known) ? undefined : pace(monotonicMs)
      return late ?? remember(seen, known, { nowMs, untilMs: atMs + windowSeconds * 1_000 })
    },
  }
}

/** The digest that the header tells; undefined where it tells none. */
function toldBy(signature = ''): Buffer | undefined {
  const told = /^sha256=([0-9a-f]{64})$/i.exec(signature)?.[1]
  return told === undefined ? undefined : Buffer.from(told, 'hex')
}

type Bucket = { left: number; atMs: number }

/** Takes one; false if none is left. */
function take(bucket: Bucket, { perSecond, burst }: { perSecond: number; burst: number }, nowMs: number): boolean {
  bucket.left = Math.min(burst, bucket.left + ((nowMs - bucket.atMs) / 1_000) * perSecond)
  bucket.atMs = nowMs
  if (bucket.left < 1) return false
  bucket.left -= 1
  return true
}

/** A sender with a wrong secret is corrected by a person; one that guesses gets a guess a second. */
const FAILURES = { perSecond: 1, burst: 10 }

/** More addresses are forgotten, the oldest first: 1,000 take a tenth of a megabyte. */
const ADDRESSES_MAX = 1_000

function createFailurePace() {
  const buckets = new Map<string, Bucket>()
  const bucketOf = (address: string, nowMs: number): Bucket => {
    const network = networkOf(address)
    const bucket = buckets.get(network) ?? { left: FAILURES.burst, atMs: nowMs }
    buckets.delete(network)
    buckets.set(network, bucket)
    const [oldest] = buckets.keys()
    if (buckets.size > ADDRESSES_MAX && oldest !== undefined) buckets.delete(oldest)
    return bucket
  }
  return {
    fail: (address: string, nowMs: number): Refusal =>
      take(bucketOf(address, nowMs), FAILURES, nowMs) ? DENIED : TOO_MANY_FAILURES,
  }
}

/** [RFC 4291 2.5.4] One machine may take any address of its /64. */
const networkOf = (address: string): string =>
  address.includes(':') && !address.startsWith('::ffff:') ? address.split(':').slice(0, 4).join(':') : address

const tooMany = (what: string): Refusal => ({ status: 429, code: 'request_rate', message: `at most ${what}` })

const TOO_MANY_FAILURES = tooMany('one failed request a second from one address')

const digestOf = (text: string) => createHash('sha256').update(text).digest()

const staleFor = (seconds: number): Refusal => ({
  status: 401,
  code: 'request_stale',
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
  if (seen.has(signature)) return { status: 409, code: 'request_replayed', message: 'this request was received before' }
  if (seen.size >= SEEN_MAX) return { status: 429, code: 'request_rate', message: 'too many within windowSeconds' }
  seen.set(signature, untilMs)
  return undefined
}
