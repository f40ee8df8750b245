/** Best positions: where the cut makes the slowest stage the fastest. */
import type { Flow } from './flow.ts'
import type { Placed } from './order.ts'
import type { Parts, SplitFacts } from './parts.ts'
import type { TensorFacts } from './tensor-facts.ts'

/**
 * Positions that are compared. Each pair of them is a possible stage, so 400 give 80,000 stages, which takes a second for
 * a model of thousands of nodes.
 */
const POSITIONS_MAX = 400

/** Dynamic programming over the last stage: the time of the slowest stage is the larger of it and the best before it. */
export function bestPositions(parts: Parts, facts: SplitFacts, stages: number): number[] | undefined {
  const { steps } = parts.ordered
  const ends = [...candidates(parts, facts), steps.length]
  let best = ends.map((): Best | undefined => undefined)
  let before: (Best | undefined)[] = [{ slowestUs: 0, positions: [] }]
  let starts = [0]
  for (let stage = 1; stage <= stages; stage++) {
    best = ends.map(() => undefined)
    for (const [index, from] of starts.entries()) {
      const sofar = before[index]
      if (sofar) extend(parts, facts, { from, sofar, ends, best })
    }
    before = best
    starts = ends
  }
  return best.at(-1)?.positions.slice(0, -1)
}

type Best = { slowestUs: number; positions: number[] }
type Extension = { from: number; sofar: Best; ends: readonly number[]; best: (Best | undefined)[] }

/** Every stage that begins at `from`. */
function extend(parts: Parts, facts: SplitFacts, { from, sofar, ends, best }: Extension): void {
  const tally = createTally(parts, facts, from)
  for (const [index, to] of ends.entries()) {
    if (to <= from) continue
    tally.reach(to)
    const slowestUs = Math.max(sofar.slowestUs, tally.us())
    if (tally.isStage() && slowestUs < (best[index]?.slowestUs ?? Number.POSITIVE_INFINITY))
      best[index] = { slowestUs, positions: [...sofar.positions, to] }
  }
}

/** A stage that grows step by step, and the tensors that it takes and gives. */
function createTally({ ordered, flow, costs }: Parts, { tensors, bytesPerUs }: SplitFacts, from: number) {
  const taken = new Set<string>()
  const given = new Set<string>()
  let [computeUs, bytes, at] = [0, 0, from]
  const bytesOf = (name: string) => tensors.get(name)?.bytes ?? 0
  const enter = (names: Set<string>, name: string) => {
    if (names.has(name)) return
    names.add(name)
    bytes += bytesOf(name)
  }
  const isReadAfter = (name: string) => (flow.lastRead.get(name) ?? -1) > at
  const read = ({ name, writtenAt }: { name: string; writtenAt: number }) => {
    if (writtenAt < from) enter(taken, name)
    if (!isReadAfter(name) && given.delete(name)) bytes -= bytesOf(name)
  }
  const step = () => {
    computeUs += costs[at] ?? 0
    flow.reads[at]?.forEach(read)
    for (const name of ordered.steps[at]?.writes ?? []) if (isReadAfter(name)) enter(given, name)
  }
  return {
    reach(to: number) {
      for (; at < to; at++) step()
    },
    us: () => computeUs + bytes / bytesPerUs,
    isStage: () => {
      const isLast = at === ordered.steps.length
      return taken.size > 0 && (given.size > 0 || (isLast && flow.unwritten.length > 0))
    },
  }
}

/** All open positions, or of each share of the work the one that the fewest bytes pass. */
function candidates({ ordered, flow, costs }: Parts, { tensors }: SplitFacts): number[] {
  const count = ordered.steps.length
  const open = Array.from({ length: Math.max(0, count - 1) }, (_, at) => at + 1).filter(flow.isOpen)
  if (open.length <= POSITIONS_MAX) return open
  const total = costs.reduce((sum, cost) => sum + cost, 0)
  const passing = passingBytes(ordered.steps, flow, tensors)
  const chosen = new Map<number, number>()
  let [done, position] = [0, 0]
  for (const next of open) {
    for (; position < next; position++) done += costs[position] ?? 0
    const share = Math.floor((done / total) * POSITIONS_MAX)
    const known = chosen.get(share)
    if (known === undefined || (passing[next] ?? 0) < (passing[known] ?? 0)) chosen.set(share, next)
  }
  return [...chosen.values()].toSorted((a, b) => a - b)
}

/** For each position the bytes of the tensors that are written before it, and read behind it. */
function passingBytes(steps: readonly Placed[], { lastRead }: Flow, tensors: TensorFacts): number[] {
  const changes = Array.from({ length: steps.length + 2 }, () => 0)
  for (const [at, { writes }] of steps.entries()) {
    for (const name of writes) {
      const bytes = tensors.get(name)?.bytes ?? 0
      const end = Math.max(at, Math.min(lastRead.get(name) ?? at, steps.length)) + 1
      changes[at + 1] = (changes[at + 1] ?? 0) + bytes
      changes[end] = (changes[end] ?? 0) - bytes
    }
  }
  let sum = 0
  return changes.map((change) => {
    sum += change
    return sum
  })
}
