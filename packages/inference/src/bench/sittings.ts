/**
 * Sittings: measures candidates again and again, each time in new processes, until the intervals of their speeds are
 * apart, or until the time or the quiet is over.
 */
import type { BenchReport, Timing } from '@skerry/contract/builds/measurement'
import { isLook } from '@skerry/core/builds/bench-plan'
import { areApart, quantileOf, speedOf } from '@skerry/core/builds/speed'
import type { Candidate, OpenedCandidate } from './candidate.ts'
import type { CandidateProblem } from './candidate-message.ts'
import { rested, type Sitting, type Terms, takeTurns } from './take-turns.ts'

/** 40 sittings of 12 turns of 50 runs: 24,000 numbers of a candidate. More would narrow an interval by little. */
const SITTINGS_MAX = 40

/** Undefined: the run ended before the candidate had a turn. */
export type Result = { timing: Timing } | { problem: CandidateProblem } | undefined

export type Measured = {
  ended: BenchReport['ended']
  /** In the order of the candidates. */
  results: Result[]
  /** The runtime of the candidates; empty if none could be loaded. */
  runtime: string
}

type Figures = { runsMs: number[]; peakBytes: number; samples: number[]; problem?: CandidateProblem }

export type OpenCandidate = (place: number, signal: AbortSignal) => Promise<OpenedCandidate>

/** The first candidate is the version. Rejects only when the signal fires. */
export async function measureInSittings(
  count: number,
  open: OpenCandidate,
  terms: Terms,
  signal: AbortSignal,
): Promise<Measured> {
  const all = Array.from({ length: count }, (): Figures => ({ runsMs: [], peakBytes: 0, samples: [] }))
  let ended: BenchReport['ended'] | undefined
  let runtime = ''
  for (let sitting = 1; ended === undefined; sitting += 1) {
    const sat = await sit({ all, sitting, open }, terms, signal)
    runtime ||= sat.runtime
    ended = sat.stopped ?? endAfter(all, sitting)
  }
  return { ended, results: all.map(resultOf), runtime }
}

function endAfter([version, ...builds]: readonly Figures[], sittings: number): BenchReport['ended'] | undefined {
  if (sittings >= SITTINGS_MAX || !version || version.problem) return 'time'
  const sound = builds.filter(({ problem }) => !problem)
  return isLook(sittings) && areApart(sound.map(({ samples }) => speedOf(samples))) ? 'separated' : undefined
}

type Sitters = { all: readonly Figures[]; sitting: number; open: OpenCandidate }

/** One sitting of those that have no problem. */
async function sit({ all, sitting, open }: Sitters, terms: Terms, signal: AbortSignal) {
  using running = new DisposableStack()
  const seats: (Candidate | undefined)[] = all.map(() => undefined)
  for (const place of placesOf(all, sitting)) {
    if (terms.isBusy()) return { stopped: 'busy' as const, runtime: '' }
    if (terms.clock.monotonicMs() >= terms.untilMs) return { stopped: 'time' as const, runtime: '' }
    const opened = await rested(terms, () => open(place, signal), signal)
    if (opened.ok) seats[place] = running.use(opened.candidate)
    else refuse(all[place], opened.problem)
  }
  const seated = all.flatMap((figures, place) => {
    const candidate = seats[place]
    return candidate ? [{ figures, candidate }] : []
  })
  const candidates = seated.map(({ candidate }) => candidate)
  const { stopped, sittings } = await takeTurns(candidates, terms, signal)
  for (const [place, { figures }] of seated.entries()) add(figures, sittings[place], seats[0] !== undefined)
  return { stopped, runtime: candidates[0]?.runtime ?? '' }
}

function refuse(figures: Figures | undefined, problem: CandidateProblem): void {
  if (figures) figures.problem = problem
}

/** The first to begin finds the memory emptier. So each other sitting begins with the last. */
function placesOf(all: readonly Figures[], sitting: number): number[] {
  const places = all.flatMap(({ problem }, place) => (problem ? [] : [place]))
  return sitting % 2 === 0 ? places.toReversed() : places
}

function add(figures: Figures, sitting: Sitting | undefined, isCompared: boolean): void {
  if (!sitting) return
  for (const took of sitting.runsMs) figures.runsMs.push(took)
  figures.peakBytes = Math.max(figures.peakBytes, sitting.peakBytes)
  if (isCompared && sitting.sample !== undefined) figures.samples.push(sitting.sample)
  if (sitting.message !== undefined) figures.problem = { code: 'failed', message: sitting.message }
}

function resultOf({ problem, runsMs, peakBytes, samples }: Figures): Result {
  if (problem) return { problem }
  if (runsMs.length === 0) return undefined
  const sorted = runsMs.toSorted((one, other) => one - other)
  const speed = speedOf(samples)
  const [p50Ms, p95Ms] = [quantileOf(sorted, 0.5), quantileOf(sorted, 0.95)]
  return { timing: { n: sorted.length, p50Ms, p95Ms, ...(speed && { speed }), peakBytes } }
}
