/** Loss: values that did not arrive, counted exactly, as few ranges as will do. */
import type { Loss } from '@skerry/contract/sinks/sink-loss'

/** The two as one, where they follow each other for the same reason. */
export function joinedLoss(before: Loss, after: Loss): Loss | undefined {
  const isNext = before.lane === after.lane && before.reason === after.reason && before.last + 1 === after.first
  return isNext ? hullOf(before, after) : undefined
}

/** At most `max` of them: the oldest of one lane and reason are put together. The count stays exact; the range then holds values that arrived, too. */
export function boundedLosses(losses: readonly Loss[], max: number): Loss[] {
  const kept = [...losses]
  while (kept.length > max) {
    const pair = oldestPair(kept)
    // So many reasons and lanes there are not.
    if (!pair) return kept
    const [before, after] = pair.map((index) => kept[index])
    if (!(before && after)) return kept
    kept.splice(pair[1], 1)
    kept.splice(pair[0], 1, hullOf(before, after))
  }
  return kept
}

function oldestPair(losses: readonly Loss[]): [number, number] | undefined {
  const seen = new Map<string, number>()
  for (const [index, { lane, reason }] of losses.entries()) {
    const key = `${lane} ${reason}`
    const earlier = seen.get(key)
    if (earlier !== undefined) return [earlier, index]
    seen.set(key, index)
  }
  return undefined
}

const hullOf = (before: Loss, after: Loss): Loss => ({
  lane: before.lane,
  reason: before.reason,
  count: before.count + after.count,
  first: Math.min(before.first, after.first),
  last: Math.max(before.last, after.last),
  fromMs: Math.min(before.fromMs, after.fromMs),
  toMs: Math.max(before.toMs, after.toMs),
})
