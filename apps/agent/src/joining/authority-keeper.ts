/**
 * Authority keeper: whom the device takes for its hub, as the hub last said over the link, and when it is to renew because another authority signs. What it is
 * told is on disk before the hub hears that it has it; a certificate of the new authority is asked for only then.
 */
import { createHash } from 'node:crypto'
import { ORPCError } from '@orpc/client'
import { AuthoritiesMessage } from '@skerry/contract/authority'
import { backoffMs } from '@skerry/core/backoff'
import { authoritiesIn } from '@skerry/platform/certificate'
import type { Clock } from '@skerry/platform/clock'
import type { Log } from '@skerry/platform/log'
import type { Conditions } from '../conditions.ts'
import type { LinkClient } from '../link/link-connection.ts'
import type { Identity } from './identity.ts'
import type { Renewal } from './renewal.ts'

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
    if (message.roots !== undefined && (await take(deps, message.roots))) return
    if (message.renewWithinMs !== undefined) onWish(message)
  }
  throw new Error('the hub ended the stream of authorities')
}

async function take({ change, conditions, log }: AuthorityKeeperDeps, roots: string): Promise<boolean> {
  const refuse = (why: string) => {
    conditions.raise({
      code: 'authorities_refused',
      message: `what the hub says of its authorities is not taken: ${why}`,
    })
    return false
  }
  const authorities = authoritiesIn(roots)
  if (authorities === undefined) return refuse('it holds no certificate of an authority, or what is none')
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

/** [contract, HeldAuthorities] */
const markOf = (ca: string) => createHash('sha256').update(ca).digest('hex')
