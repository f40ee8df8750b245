/**
 * Fidelity: how near the answers of a build are to those of its version. Cosine similarity is not among the measures:
 * it hides exactly the differences that turn one answer into another.
 */
import type { FidelityGoal, OutputFidelity } from '@skerry/contract/builds/build'
import type { GoldenOutputs, GoldenTensor } from '../device/proof/golden.ts'
import { elementReader } from '../tensors/tensor-elements.ts'
import { taskProblem } from './task-fidelity.ts'

/** The answers of the version and of the build to the same inputs, in the same order. */
export type Answers = { version: readonly GoldenOutputs[]; build: readonly GoldenOutputs[] }

export type Measured = { ok: true; fidelity: OutputFidelity[] } | { ok: false; message: string }

/** Measures each numeric output over all inputs. A build of other shapes or types has no fidelity. */
export function measureFidelity({ version, build }: Answers): Measured {
  const [first] = version
  if (!first) return { ok: false, message: 'there are no inputs to compare on' }
  const fidelity: OutputFidelity[] = []
  for (const name of first.keys()) {
    const pairs = version.map((outputs, at) => ({ wanted: outputs.get(name), got: build[at]?.get(name) }))
    const measured = measureOutput(name, pairs)
    if (!measured.ok) return measured
    fidelity.push(...measured.fidelity)
  }
  return { ok: true, fidelity }
}

type Pair = { wanted: GoldenTensor | undefined; got: GoldenTensor | undefined }

function measureOutput(name: string, pairs: readonly Pair[]): Measured {
  const tally = { rows: 0, agreeing: 0, largest: 0 }
  const spread = { count: 0, sum: 0, squares: 0 }
  for (const { wanted, got } of pairs) {
    if (!wanted || !got || wanted.datatype !== got.datatype || wanted.shape.join() !== got.shape.join())
      return { ok: false, message: `output ${name} has another type or shape than that of the version` }
    if (wanted.datatype === 'BYTES') return { ok: true, fidelity: [] }
    const problem = tallyTensor({ wanted, got }, tally, spread)
    if (problem !== undefined) return { ok: false, message: `output ${name} ${problem}` }
  }
  const deviation = deviationOf(spread)
  const agreement = tally.rows === 0 ? {} : { agreement: tally.agreeing / tally.rows }
  // An output that never varies has no deviation to measure by.
  const difference = deviation === 0 ? tally.largest : tally.largest / deviation
  return { ok: true, fidelity: [{ output: name, ...agreement, difference }] }
}

type Tally = { rows: number; agreeing: number; largest: number }
type Spread = { count: number; sum: number; squares: number }

/** Adds one tensor of each; the end of a sentence if the build has no number where the version has one. */
function tallyTensor(
  { wanted, got }: { wanted: GoldenTensor; got: GoldenTensor },
  tally: Tally,
  spread: Spread,
): string | undefined {
  const readers = [elementReader(wanted.datatype, wanted.data), elementReader(got.datatype, got.data)] as const
  const count = wanted.shape.reduce((product, size) => product * size, 1)
  const width = wanted.shape.at(-1) ?? 1
  for (let index = 0; index < count; index++) {
    const [a, b] = readers.map((valueAt) => Number(valueAt(index))) as [number, number]
    if (!Number.isFinite(b) && Number.isFinite(a)) return `[${index}] is ${b}, and the version answers ${a}`
    if (Number.isFinite(a)) addValue(a, b, tally, spread)
  }
  if (width < 2) return undefined
  for (let start = 0; start < count; start += width) {
    const [wantedBest, gotBest] = readers.map((valueAt) => largestAt(valueAt, start, start + width))
    tally.rows++
    if (wantedBest === gotBest) tally.agreeing++
  }
  return undefined
}

/** The place of the largest value from `start` to before `end`, the first of equal ones. */
function largestAt(valueAt: ReturnType<typeof elementReader>, start: number, end: number): number {
  let best = start
  for (let index = start + 1; index < end; index++) if (valueAt(index) > valueAt(best)) best = index
  return best
}

function addValue(a: number, b: number, tally: Tally, spread: Spread) {
  tally.largest = Math.max(tally.largest, Math.abs(a - b))
  spread.count++
  spread.sum += a
  spread.squares += a * a
}

function deviationOf({ count, sum, squares }: Spread): number {
  if (count === 0) return 0
  const mean = sum / count
  return Math.sqrt(Math.max(0, squares / count - mean * mean))
}

export type Verdict = { ok: true } | { ok: false; message: string }

/**
 * Whether each output reaches one of the two goals, or with labels that of its task. The message names the output that
 * is furthest from them.
 */
export function judgeFidelity(fidelity: readonly OutputFidelity[], goal: FidelityGoal): Verdict {
  for (const { output, task } of fidelity) {
    const problem = task && taskProblem(task, goal)
    if (problem !== undefined) return { ok: false, message: `output ${output}: ${problem}` }
  }
  const missed = fidelity
    .filter(({ task }) => !task)
    .filter(({ agreement, difference }) => (agreement ?? 0) < goal.agreementMin && difference > goal.differenceMax)
    .toSorted((a, b) => (a.agreement ?? 0) - (b.agreement ?? 0) || b.difference - a.difference)
  const [worst] = missed
  if (!worst) return { ok: true }
  const agreement =
    worst.agreement === undefined ? '' : `${short(worst.agreement)} of its rows agree, ${goal.agreementMin} are asked; `
  const difference = `its largest difference is ${short(worst.difference)} deviations, ${goal.differenceMax} are allowed`
  return { ok: false, message: `output ${worst.output}: ${agreement}${difference}` }
}

/** Whether the file of a build is small enough. */
export function judgeSize(sizeBytes: number, { sizeMaxBytes }: FidelityGoal): Verdict {
  if (sizeMaxBytes === undefined || sizeBytes <= sizeMaxBytes) return { ok: true }
  return { ok: false, message: `the build has ${sizeBytes} bytes, and the goal allows ${sizeMaxBytes}` }
}

const short = (value: number) => Number(value.toPrecision(3))
