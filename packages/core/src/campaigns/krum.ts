/**
 * Krum: [Blanchard et al., 2017] the updates that are nearest to their neighbours. An attacker must then send an update
 * near those of honest devices. The distances grow by a part of the weights at a time, so that memory does not grow with
 * the model.
 */

/** The distances of each pair cost as much as a pass over all updates: 100 updates of 1 M weights take some seconds. */
export const KRUM_UPDATES_MAX = 100

/** So many updates are needed to tolerate so many attackers. */
export const krumUpdatesMin = (attackers: number): number => 2 * attackers + 3

/** The squared distances of all pairs, in rows. */
export type Distances = { count: number; squares: Float64Array }

export const emptyDistances = (count: number): Distances => ({ count, squares: new Float64Array(count * count) })

/** Adds the distances within one part of the weights: the same part of each update. */
export function addDistances({ count, squares }: Distances, parts: readonly Float32Array[]): void {
  for (let one = 0; one < count; one += 1) {
    for (let other = one + 1; other < count; other += 1) {
      const square = squareBetween(parts[one], parts[other])
      squares[one * count + other] = (squares[one * count + other] ?? 0) + square
      squares[other * count + one] = (squares[other * count + one] ?? 0) + square
    }
  }
}

function squareBetween(one: Float32Array = new Float32Array(), other: Float32Array = new Float32Array()): number {
  let sum = 0
  for (let at = 0; at < one.length; at += 1) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0)
    sum += difference * difference
  }
  return sum
}

/**
 * The places of the updates that count, in their order: so many as are left without the attackers. Each is scored by the
 * distances to its nearest neighbours. There is always one, however few updates there are.
 */
export function krumChoice(distances: Distances, attackers: number): number[] {
  const { count } = distances
  const near = Math.max(1, count - attackers - 2)
  const scored = Array.from({ length: count }, (_, place) => ({ place, score: scoreOf(distances, place, near) }))
  return scored
    .toSorted((a, b) => a.score - b.score || a.place - b.place)
    .slice(0, Math.max(1, count - attackers))
    .map(({ place }) => place)
    .toSorted((a, b) => a - b)
}

function scoreOf({ count, squares }: Distances, place: number, near: number): number {
  const row = squares.slice(place * count, (place + 1) * count).filter((_, other) => other !== place)
  return row
    .sort()
    .subarray(0, near)
    .reduce((sum, square) => sum + square, 0)
}
