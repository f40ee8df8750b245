/** Turns: the candidates of one sitting run one after the other, round by round, each for a moment. */
import { restMs } from '@skerry/core/builds/bench-plan'
import { medianOf, type Pair, sampleOf } from '@skerry/core/builds/speed'
import type { Clock } from '@skerry/platform/process/clock'
import type { Candidate } from './candidate.ts'

/** A turn of a fast model. It is long against the change of processes, and short against the noise of a machine. */
const TURN_MS = 20

/** The figures of a turn of a tiny model: enough for its median, and few enough to keep. */
const RUNS_MAX = 50

/** As long as new processes take to begin. More rounds would tell more of the same processes only. */
const ROUNDS = 12

/** Of a slow model, fewer rounds are as good: one of its runs is as long as many of a fast one. */
const ROUNDS_MIN = 3
const SITTING_MS = 2_000

export type Terms = {
  /** The time of all turns, on the monotonic clock. */
  untilMs: number
  /** The share of the time in which candidates run. */
  cpuPercent: number
  /** Whether the device needs its processor now. */
  isBusy(): boolean
  clock: Pick<Clock, 'monotonicMs' | 'sleep'>
}

/** The figures of one candidate in one sitting. */
export type Sitting = {
  runsMs: number[]
  peakBytes: number
  /** Against the first candidate. Undefined for that one. */
  sample?: number
  /** Why it gave no more answers. */
  message?: string
}

export type Sat = { stopped?: 'time' | 'busy'; sittings: Sitting[] }

type Runner = { candidate: Candidate; sitting: Sitting; turnsMs: Map<number, number> }

/** Rejects only when the signal fires. */
export async function takeTurns(candidates: readonly Candidate[], terms: Terms, signal: AbortSignal): Promise<Sat> {
  const runners = candidates.map(
    (candidate): Runner => ({ candidate, sitting: { runsMs: [], peakBytes: 0 }, turnsMs: new Map() }),
  )
  const startMs = terms.clock.monotonicMs()
  let stopped: Sat['stopped']
  for (let round = 0; round < ROUNDS && stopped === undefined; round += 1) {
    if (round >= ROUNDS_MIN && terms.clock.monotonicMs() - startMs > SITTING_MS * candidates.length) break
    stopped = await runRound(runners, round, terms, signal)
  }
  const sittings = runners.map((runner) => ({ ...runner.sitting, ...sampleAgainst(runner, runners[0]) }))
  return { ...(stopped && { stopped }), sittings }
}

/** Gives each candidate one turn with the same golden case. Returns why no further turn begins. */
async function runRound(runners: readonly Runner[], round: number, terms: Terms, signal: AbortSignal) {
  // The order turns around each time, so that none always runs after the same neighbour.
  for (const runner of round % 2 === 0 ? runners : runners.toReversed()) {
    if (terms.isBusy()) return 'busy'
    if (terms.clock.monotonicMs() >= terms.untilMs) return 'time'
    if (runner.sitting.message === undefined) await runTurn(runner, round, terms, signal)
  }
  return undefined
}

async function runTurn(runner: Runner, round: number, terms: Terms, signal: AbortSignal): Promise<void> {
  const { candidate, sitting, turnsMs } = runner
  const turn = { caseAt: round % candidate.cases, forMs: TURN_MS, runsMax: RUNS_MAX }
  const answer = await rested(terms, () => candidate.turn(turn, signal), signal)
  if (!answer.ok) {
    sitting.message = answer.message
    return
  }
  for (const took of answer.runsMs) sitting.runsMs.push(took)
  turnsMs.set(round, medianOf(answer.runsMs))
  sitting.peakBytes = Math.max(sitting.peakBytes, answer.peakBytes)
}

/** Does the work, and then rests for as long as the processor must be left to others. */
export async function rested<T>({ clock, cpuPercent, untilMs }: Terms, work: () => Promise<T>, signal: AbortSignal) {
  const startMs = clock.monotonicMs()
  const done = await work()
  const nowMs = clock.monotonicMs()
  const rest = Math.min(restMs(nowMs - startMs, cpuPercent), untilMs - nowMs)
  if (rest > 0) await clock.sleep(rest, signal)
  return done
}

function sampleAgainst(runner: Runner, first: Runner | undefined): Pick<Sitting, 'sample'> {
  if (!first || runner === first) return {}
  const pairs = [...runner.turnsMs].flatMap(([round, build]): Pair[] => {
    const version = first.turnsMs.get(round)
    return version === undefined ? [] : [{ version, build }]
  })
  // A sitting that was cut off early would count as much as a whole one.
  const sample = pairs.length < ROUNDS_MIN ? undefined : sampleOf(pairs)
  return sample === undefined ? {} : { sample }
}
