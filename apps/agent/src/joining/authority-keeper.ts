/**
 * Authority keeper: the roots by which the device knows its hub, as the hub last signed them, and when to renew because another authority signs. A new set takes
 * the place of the old one only after a connection with it has succeeded, in one atomic write: a power cut leaves the old set or the new one, and both work. It
 * is on disk before the hub learns of it; the device requests a certificate of the new authority only then.
 */
import { createHash } from 'node:crypto'
import { ORPCError } from '@orpc/client'
import { AuthoritiesMessage } from '@skerry/contract/authority'
import { backoffMs } from '@skerry/core/backoff'
import { authoritiesIn } from '@skerry/platform/certificate'
import type { Clock } from '@skerry/platform/clock'
import type { Log } from '@skerry/platform/log'
import type { Conditions } from '../conditions.ts'
import type { LinkClient } from '../link/signed-streams.ts'
import type { Identity } from './identity.ts'
import type { Renewal } from './renewal.ts'
import type { RootsVerdict } from './roots-trial.ts'

export type AuthorityKeeper = {
  /** Hears the hub for as long as the link holds. Never returns. */
  follow(client: Pick<LinkClient, 'authorities'>, signal: AbortSignal): Promise<never>
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
  return {
    async follow(client, signal) {
      for (;;) {
        const ended = new AbortController()
        const until = AbortSignal.any([signal, ended.signal])
        try {
          await hear(deps, client, { signal, onWish: (message) => void renew(message, until).catch(() => {}) })
        } catch (error) {
          // [oRPC] What a server says of a procedure that it does not have.
          if (!(error instanceof ORPCError && error.code === 'NOT_FOUND')) throw error
          return new Promise(() => {})
        } finally {
          ended.abort()
        }
      }
    },
  }
}

type Hearing = { signal: AbortSignal; onWish(message: AuthoritiesMessage): void }

/** Returns when the device has taken something, which the hub is to hear. */
async function hear(
  deps: AuthorityKeeperDeps,
  client: Pick<LinkClient, 'authorities'>,
  { signal, onWish }: Hearing,
): Promise<void> {
  for await (const offered of await client.authorities({ held: markOf(deps.identity().ca) }, { signal })) {
    const message = AuthoritiesMessage.parse(offered)
    if (message.roots !== undefined && (await take(deps, message.roots, signal))) return
    if (message.renewWithinMs !== undefined) onWish(message)
  }
  throw new Error('the hub ended the stream of authorities')
}

async function take(deps: AuthorityKeeperDeps, roots: string, signal: AbortSignal): Promise<boolean> {
  const { change, conditions, log } = deps
  const refuse = (why: string) => {
    conditions.raise({
      code: 'authorities_refused',
      message: `what the hub says of its authorities is not taken: ${why}`,
    })
    return false
  }
  const authorities = authoritiesIn(roots)
  if (authorities === undefined) return refuse('it holds no certificate of an authority, or what is none')
  const verdict = await tryUntilKnown(deps, roots, signal)
  if (verdict.kind === 'wrong') return refuse(`this hub does not verify by it (${verdict.message})`.slice(0, 500))
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

/** [contract, HeldAuthorities] */
const markOf = (ca: string) => createHash('sha256').update(ca).digest('hex')
