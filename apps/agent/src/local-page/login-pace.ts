/**
 * Login pace: how often somebody may try a password. Each address has a few tries, and all addresses together have
 * some more, because an attacker may have many addresses.
 */
import type { Clock } from '@skerry/platform/process/clock'

export type LoginPace = {
  /** Takes one try. Returns the seconds to wait if there is none. */
  take(address: string): number
  /** The try of this address was right, so it costs nothing. */
  refund(address: string): void
}

type Bucket = { tokens: number; atMs: number }
type Rate = { burst: number; refillMs: number }

/** A person who mistypes gets on. A machine gets 120 tries an hour. */
const OF_ADDRESS: Rate = { burst: 5, refillMs: 30_000 }
const OF_ALL: Rate = { burst: 20, refillMs: 10_000 }

/** A network of people has fewer. Further addresses have only the tries of all. */
const ADDRESSES_MAX = 256

/** At the start all tries are free. */
export function createLoginPace(clock: Pick<Clock, 'monotonicMs'>): LoginPace {
  const all: Bucket = { tokens: OF_ALL.burst, atMs: clock.monotonicMs() }
  const addresses = new Map<string, Bucket>()
  const bucketOf = (address: string): Bucket | undefined => {
    const nowMs = clock.monotonicMs()
    for (const [known, bucket] of addresses) {
      refill(bucket, OF_ADDRESS, nowMs)
      if (bucket.tokens === OF_ADDRESS.burst && known !== address) addresses.delete(known)
    }
    const found = addresses.get(address)
    if (found || addresses.size >= ADDRESSES_MAX) return found
    const made = { tokens: OF_ADDRESS.burst, atMs: nowMs }
    addresses.set(address, made)
    return made
  }
  return {
    take(address) {
      const nowMs = clock.monotonicMs()
      const own = bucketOf(address)
      refill(all, OF_ALL, nowMs)
      const waitMs = Math.max(waitOf(all, OF_ALL, nowMs), own ? waitOf(own, OF_ADDRESS, nowMs) : 0)
      if (waitMs > 0) return Math.ceil(waitMs / 1_000)
      all.tokens -= 1
      if (own) own.tokens -= 1
      return 0
    },
    refund(address) {
      addresses.delete(address)
      all.tokens = Math.min(OF_ALL.burst, all.tokens + 1)
    },
  }
}

function refill(bucket: Bucket, { burst, refillMs }: Rate, nowMs: number): void {
  const earned = Math.floor((nowMs - bucket.atMs) / refillMs)
  bucket.tokens = Math.min(burst, bucket.tokens + earned)
  bucket.atMs = bucket.tokens === burst ? nowMs : bucket.atMs + earned * refillMs
}

const waitOf = ({ tokens, atMs }: Bucket, { refillMs }: Rate, nowMs: number) =>
  tokens >= 1 ? 0 : atMs + refillMs - nowMs
