/**
 * Authority keeper: the roots by which the device knows its hub, as the hub last signed them, and when to renew because another authority signs. A new set takes
 * the place of the old one only after a connection with it has succeeded, in one atomic write: a power cut leaves the old set or the new one, and both work. It
 * is on disk before the hub learns of it; the device requests a certificate of the new authority only then.
 */
import { createHash } from 'node:crypto'
import type { AuthoritiesMessage, HeldAuthorities } from '@skerry/contract/held/authorities'
import { backoffMs } from '@skerry/core/values/backoff'
import { authoritiesIn } from '@skerry/platform/certificates/certificate'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { Conditions } from '../conditions.ts'
import type { Identity } from './identity.ts'
import type { Renewal } from './renewal.ts'
import type { RootsVerdict } from './roots-trial.ts'

export type AuthorityKeeper = {
  /** The roots on the disk. */
  held(): HeldAuthorities
  /** Takes roots and orders to renew, for as long as the link holds. True if other roots are on the disk now. */
  take(message: AuthoritiesMessage, signal: AbortSignal): Promise<boolean>
}

export type AuthorityKeeperDeps = {
  clock: Clock
  random: () => number
  log: Log
  conditions: Conditions
  identity(): Identity
  /** From now on the identity is so, and is on disk. */
  change(part: Pick<Identity, 'ca'>): Promise<void>
  renewal: Pick<Renewal, 'renewNow'>
  /** Connects with these roots and no others. */
  tryRoots(roots: string, signal: AbortSignal): Promise<RootsVerdict>
  /** The link has something to do. */
  touch(): void
}

/** What could not be renewed just now is tried again: a hub that is busy is so for minutes. */
const BACKOFF = { baseMs: 5_000, maxMs: 3_600_000 }

/** Knows of no wish yet. */
export function createAuthorityKeeper(deps: AuthorityKeeperDeps): AuthorityKeeper {
  const { clock, random } = deps
  // Of this wish and no other: a link that breaks must not put it off.
  let wish: { active: string; dueAtMs: number } | undefined
  const renew = async ({ active, renewWithinMs = 0 }: AuthoritiesMessage, signal: AbortSignal) => {
    if (wish?.active !== active) wish = { active, dueAtMs: clock.monotonicMs() + random() * renewWithinMs }
    await clock.sleep(Math.max(0, wish.dueAtMs - clock.monotonicMs()), signal)
    for (let failures = 0; ; failures++) {
      const renewed = deps.renewal.renewNow(signal).then(
        () => true,
        () => false,
      )
      deps.touch()
      if (await renewed) return
      await clock.sleep(backoffMs(failures, BACKOFF, random()), signal)
    }
  }
  let renewing = new AbortController()
  const dropWish = () => {
    renewing.abort()
    renewing = new AbortController()
  }
  return {
    held: () => ({ held: markOf(deps.identity().ca) }),
    async take(message, signal) {
      if (message.roots !== undefined && (await takeRoots(deps, message.roots, signal))) {
        // The hub repeats the order when it knows of the roots.
        dropWish()
        return true
      }
      if (message.renewWithinMs !== undefined) {
        dropWish()
        void renew(message, AbortSignal.any([signal, renewing.signal])).catch(() => {})
      }
      return false
    },
  }
}

async function takeRoots(deps: AuthorityKeeperDeps, roots: string, signal: AbortSignal): Promise<boolean> {
  const { change, conditions, log } = deps
  const refuse = (why: string) => {
    conditions.raise({
      code: 'authorities_refused',
      message: `the device rejects the list of authorities of the hub: ${why}`,
    })
    return false
  }
  const authorities = authoritiesIn(roots)
  if (authorities === undefined) return refuse('it has no certificate of an authority, or something else besides')
  const verdict = await tryUntilKnown(deps, roots, signal)
  if (verdict.kind === 'wrong') return refuse(`it does not verify this hub (${verdict.message})`.slice(0, 500))
  try {
    await change({ ca: roots })
  } catch (error) {
    return refuse(
      `it cannot be written to disk (${error instanceof Error ? error.message : String(error)})`.slice(0, 500),
    )
  }
  conditions.clear('authorities_refused')
  log.info('authorities_taken', { fingerprints: authorities.map(({ fingerprint }) => fingerprint) })
  return true
}

/** A hub that takes no connection for a moment says nothing about the roots; the link goes on meanwhile with the old set. */
async function tryUntilKnown(deps: AuthorityKeeperDeps, roots: string, signal: AbortSignal): Promise<RootsVerdict> {
  for (let failures = 0; ; failures++) {
    const verdict = await deps.tryRoots(roots, signal)
    if (verdict.kind !== 'unknown') return verdict
    await deps.clock.sleep(backoffMs(failures, BACKOFF, deps.random()), signal)
  }
}

/** [contract, HeldAuthorities.held] */
const markOf = (ca: string) => createHash('sha256').update(ca).digest('hex')
