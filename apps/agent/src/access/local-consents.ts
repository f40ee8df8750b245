/**
 * Local consents: a person at the device sees each grant that somebody uses, ends it, and must agree to it first if the
 * operator wants so. They are in memory: after a restart of the agent a person must agree again.
 */
import type { AccessOrder } from '@skerry/contract/access/access'
import type { Clock } from '@skerry/platform/process/clock'
import type { DeviceJournal } from '../auditing/device-journal.ts'

export type ConsentState = 'waiting' | 'agreed' | 'declined'

/** One grant that somebody has used here, or wants to use. */
export type ConsentEntry = {
  grant: string
  holder: string
  reason: string
  kinds: readonly string[]
  targets: readonly string[]
  path?: string
  state: ConsentState
  /** Until the grant ends. */
  remainingMs: number
}

export type ConsentVerdict = { ok: true; withdrawn: AbortSignal } | { ok: false; message: string }

export type LocalConsents = {
  /** Whether a person must agree first. */
  isNeeded: boolean
  /** The grants that have not ended. */
  list(): ConsentEntry[]
  /** Decides for a grant. False if there is no such grant. A declined grant ends its sessions. */
  decide(grant: string, isAgreed: boolean): boolean
  /** Waits a while for a decision about the grant of the order, if one is needed. */
  judge(order: Pick<AccessOrder, 'grant'>, signal: AbortSignal): Promise<ConsentVerdict>
}

export type LocalConsentsDeps = { isNeeded: boolean; clock: Clock; journal: Pick<DeviceJournal, 'note'> }

/** Twice the hub's limit of active grants for a device, so that declined ones have room. */
const GRANTS_MAX = 64

/** Shorter than the 30 s in which the hub wants an answer to its order. */
const WAIT_MS = 20_000

type Kept = Omit<ConsentEntry, 'remainingMs'> & {
  endsAtMs: number
  decided: PromiseWithResolvers<void>
  withdrawn: AbortController
}

/** At the start nobody has agreed to anything. */
export function createLocalConsents({ isNeeded, clock, journal }: LocalConsentsDeps): LocalConsents {
  const grants = new Map<string, Kept>()
  const tidy = () => {
    for (const [id, { endsAtMs }] of grants) if (endsAtMs <= clock.monotonicMs()) grants.delete(id)
  }
  const kept = ({ id, remainingMs, ...shown }: AccessOrder['grant']): Kept | undefined => {
    tidy()
    const known = grants.get(id)
    if (known || grants.size >= GRANTS_MAX) return known
    const { holder, reason, kinds, targets, path } = shown
    const made: Kept = {
      grant: id,
      holder,
      reason,
      kinds,
      targets,
      ...(path !== undefined && { path }),
      state: isNeeded ? 'waiting' : 'agreed',
      endsAtMs: clock.monotonicMs() + remainingMs,
      decided: Promise.withResolvers(),
      withdrawn: new AbortController(),
    }
    grants.set(id, made)
    return made
  }
  return {
    isNeeded,
    list() {
      tidy()
      const nowMs = clock.monotonicMs()
      return [...grants.values()].map(({ endsAtMs, decided: _, withdrawn: __, ...entry }) => ({
        ...entry,
        remainingMs: Math.round(endsAtMs - nowMs),
      }))
    },
    decide(grant, isAgreed) {
      tidy()
      const known = grants.get(grant)
      if (!known) return false
      const state = isAgreed ? 'agreed' : 'declined'
      if (known.state === state) return true
      const { holder, reason } = known
      journal.note(isAgreed ? 'consent-given' : 'consent-refused', { grant, holder, reason })
      if (isAgreed) known.withdrawn = new AbortController()
      else known.withdrawn.abort()
      known.state = state
      known.decided.resolve()
      return true
    },
    async judge({ grant }, signal) {
      const entry = kept(grant)
      if (!entry) return { ok: false, message: `the device keeps ${GRANTS_MAX} grants; wait until one of them ends` }
      if (entry.state === 'waiting') await decision(entry, clock, signal)
      if (entry.state === 'agreed') return { ok: true, withdrawn: entry.withdrawn.signal }
      return { ok: false, message: entry.state === 'declined' ? DECLINED : WAITING }
    },
  }
}

const DECLINED = 'a person at the device has declined this grant; speak with that person before you request another one'

const WAITING =
  'a person at the device must agree to this grant on the local page of the device; open the session again after that'

/** Resolves after a decision, or when the time to wait is over. Rejects by the signal. */
async function decision({ decided }: Kept, clock: Clock, signal: AbortSignal): Promise<void> {
  const done = new AbortController()
  const late = clock.sleep(WAIT_MS, AbortSignal.any([signal, done.signal]))
  try {
    await Promise.race([decided.promise, late])
  } finally {
    done.abort()
    await late.catch(() => undefined)
  }
}
