/**
 * Caller check: whether the key of a caller may send requests to routes. The hub decides, and its answer counts for
 * seconds, so a revoked key ends soon. While the hub does not answer, a key that was good lately stays good for a while.
 */
import { hash } from 'node:crypto'
import { KeySecret } from '@skerry/contract/people/key'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Clock } from '@skerry/platform/process/clock'
import type { GatewayHub } from './gateway-hub.ts'

/** Why a request gets no answer of a model: a status, a code of ours, and words. */
export type Refusal = { ok: false; status: number; code: string; message: string; isPassing?: boolean }

export type Admitted = { ok: true; organisationId: OrganisationId; name: string }

export type CallerCheck = {
  /** The verdict on the value of an Authorization header. */
  check(authorization: string | undefined): Promise<Admitted | Refusal>
}

/** A revoked key works no longer than this. */
const FRESH_MS = 5_000

/** From this age on, the hub is asked again while requests go on. */
const RENEW_MS = 2_000

/** A caller of a good hub waits no longer for a verdict. */
const ASK_MS = 5_000

/** Known keys; the oldest make room. A gateway with more callers asks the hub more often. */
const KEYS_MAX = 10_000

/** Questions to the hub at the same time, so that a guesser cannot make the gateway flood it. */
const ASKING_MAX = 64

type Known = { verdict: Admitted | Refusal; atMs: number }

type CallerCheckOptions = {
  hub: Pick<GatewayHub, 'access'>
  clock: Pick<Clock, 'monotonicMs'>
  /** How long a key stays good while the hub does not answer. */
  graceMs: number
}

export function createCallerCheck({ hub, clock, graceMs }: CallerCheckOptions): CallerCheck {
  const known = new Map<string, Known>()
  const asked = new Map<string, Promise<Admitted | Refusal>>()
  let isHubAway = false

  const ask = async (id: string, key: string): Promise<Admitted | Refusal> => {
    const verdict = await askHub(hub, key)
    isHubAway = !verdict.ok && verdict.isPassing === true
    if (isHubAway) return verdict
    known.delete(id)
    known.set(id, { verdict, atMs: clock.monotonicMs() })
    const [oldest] = known.keys()
    if (known.size > KEYS_MAX && oldest !== undefined) known.delete(oldest)
    return verdict
  }
  const askOnce = (id: string, key: string): Promise<Admitted | Refusal> => {
    const going = asked.get(id)
    if (going) return going
    if (asked.size >= ASKING_MAX) return Promise.resolve(BUSY)
    const started = ask(id, key).finally(() => asked.delete(id))
    asked.set(id, started)
    return started
  }
  const judge = async (id: string, key: string): Promise<Admitted | Refusal> => {
    const before = known.get(id)
    if (!before) return askOnce(id, key)
    const ageMs = clock.monotonicMs() - before.atMs
    const isInGrace = before.verdict.ok && ageMs < graceMs
    if (ageMs < FRESH_MS || (isHubAway && isInGrace)) {
      // No caller waits for a hub that is away, and the first answer after it ends the grace.
      if (ageMs > RENEW_MS) void askOnce(id, key)
      return before.verdict
    }
    const verdict = await askOnce(id, key)
    return isHubAway && isInGrace ? before.verdict : verdict
  }

  return {
    async check(authorization) {
      const key = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1]
      if (key === undefined) return MISSING
      return KeySecret.safeParse(key).success ? judge(hash('sha256', key), key) : INVALID
    },
  }
}

const MISSING: Refusal = {
  ok: false,
  status: 401,
  code: 'key_missing',
  message: 'send an API key of the hub as "Authorization: Bearer sk_..."',
}

const INVALID: Refusal = { ok: false, status: 401, code: 'key_invalid', message: 'the API key is not one of this hub' }

const BUSY: Refusal = {
  ok: false,
  status: 429,
  code: 'gateway_busy',
  message: 'too many unknown keys at once: try again in a second',
  isPassing: true,
}

const UNREACHABLE: Refusal = {
  ok: false,
  status: 503,
  code: 'hub_unreachable',
  message: 'the gateway cannot check the API key, because the hub does not answer: try again later',
  isPassing: true,
}

async function askHub(hub: Pick<GatewayHub, 'access'>, key: string): Promise<Admitted | Refusal> {
  const reply = await hub.access(key, AbortSignal.timeout(ASK_MS))
  if (reply.ok) return { ok: true, ...reply.value }
  return reply.status === 401 || reply.status === 403 ? reply : UNREACHABLE
}
