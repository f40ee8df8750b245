/**
 * The neighbours with which a client exchanges masks and shares. With all others in small rounds; in large ones with
 * the nearest on a ring that the round shuffles: [Bell et al., 2020] a few dozen neighbours hide a client as well.
 */

export type Sharing = {
  /** The neighbours of each client. */
  degree: number
  /** The shares that rebuild a secret. Its holders are the neighbours and the client itself. */
  threshold: number
}

export type SharingFacts = {
  clients: number
  /** The share of clients that may vanish in a round. */
  dropoutMax: number
  /** The share of clients that may work together with the server. */
  colludingMax: number
}

/** One round of ten thousand may lack shares, and then gives no sum. */
const FAILURE_MAX = 1e-4

/** One round of a million may have a client among whose holders enough collude. */
const EXPOSURE_MAX = 1e-6

/** The least number of neighbours with which a round is safe and ends; all others if no smaller number is enough. */
export function sharingFor(facts: SharingFacts): Sharing {
  const { clients, dropoutMax, colludingMax } = facts
  for (let degree = 2; degree < clients - 1; degree += 2) {
    const threshold = thresholdFor(degree + 1, colludingMax)
    // The share that a vanished client holds of itself has vanished as well.
    const failure = clients * tailOf(degree, dropoutMax, degree - threshold + 1)
    const exposure = clients * tailOf(degree, colludingMax, threshold)
    if (failure <= FAILURE_MAX && exposure <= EXPOSURE_MAX) return { degree, threshold }
  }
  return { degree: clients - 1, threshold: thresholdFor(clients, colludingMax) }
}

/**
 * An honest client answers one question in a round. A lying server that asks two groups, one for the seed of a client
 * and one for its key, has too few holders for both, even if the colluding ones answer twice.
 */
export const thresholdFor = (holders: number, colludingMax: number): number =>
  Math.min(holders, Math.floor((holders * (1 + colludingMax)) / 2) + 1)

/** The probability that at least `least` of `count` have a property that each has by itself with this chance. */
function tailOf(count: number, chance: number, least: number): number {
  if (least <= 0) return 1
  let sum = 0
  for (let k = least; k <= count; k++) {
    let term = 1
    for (let index = 0; index < k; index++) term *= ((count - index) / (k - index)) * chance
    sum += term * (1 - chance) ** (count - k)
  }
  return sum
}

/** @param ring all clients in the shuffled order of the round */
export function neighboursOnRing(ring: readonly string[], degree: number): Map<string, string[]> {
  const size = ring.length
  const isAll = degree >= size - 1
  return new Map(
    ring.map((id, at) => {
      if (isAll) return [id, ring.filter((other) => other !== id)]
      const steps = Array.from({ length: Math.floor(degree / 2) }, (_, index) => index + 1)
      const near = steps.flatMap((step) => [ring[(at + step) % size] ?? '', ring[(at - step + size) % size] ?? ''])
      return [id, near]
    }),
  )
}
