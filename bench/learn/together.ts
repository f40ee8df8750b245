/**
 * Together: a machine with few rows learns alone, and together with machines of its type. Six tags follow two hidden loads;
 * each machine has levels and a size of its own. Both detectors are judged by the same planted faults.
 */
import type { LearningCandidate } from '@skerry/contract/learning/learning'
import { joinParts, withoutPart } from '@skerry/onnx/learn/joint'
import { learnDetector, learnPart } from '@skerry/onnx/learn/learn'
import { chanceOf, meanOf, normalOf } from '@skerry/onnx/learn/numbers'
import type { TagRows } from '@skerry/onnx/learn/windows'
import { runModel } from './runtime.ts'

const GAINS = [1, -0.6, 0.8, 0.3, -0.9, 0.5]
const TAGS = GAINS.map((_, tag) => `tag-${tag}`)

const ORDER = { everyMs: 60_000, samples: 8, falseAlarmDays: 1, accept: [], seed: 3 }

/** Rows of the machine that is judged. The four others have so many as the largest of them. */
const ROWS = [160, 300, 1_000, 2_000] as const
const OTHER_MACHINES = 4
const OTHER_ROWS = 2_000

const SEEDS = [1, 11, 21]

function machineOf(rows: number, seed: number): TagRows {
  const chance = chanceOf(seed)
  const level = 20 + 10 * (seed % 7)
  const size = 1 + (seed % 5)
  const values = new Float64Array(rows * TAGS.length)
  let load = 0
  let heat = 0
  for (let row = 0; row < rows; row += 1) {
    load = 0.9 * load + 0.4 * normalOf(chance)
    heat = 0.95 * heat + 0.3 * normalOf(chance)
    for (const [tag, gain] of GAINS.entries())
      values[row * TAGS.length + tag] =
        level + 5 * tag + size * (gain * load + (1 - Math.abs(gain)) * heat + 0.15 * normalOf(chance))
  }
  return { tags: TAGS, values, rows }
}

async function candidatesFor(rows: number, seed: number): Promise<LearningCandidate[]> {
  const others = Array.from({ length: OTHER_MACHINES }, (_, at) => machineOf(OTHER_ROWS, seed + 1 + at))
  const own = machineOf(rows, seed)
  const parts = [own, ...others].map((machine) => {
    const { part, findings } = learnPart({ rows: machine, order: ORDER })
    if (!part) throw new Error(JSON.stringify(findings))
    return part
  })
  const [ownPart] = parts
  if (!ownPart) throw new Error('no part')
  const order = { ...ORDER, others: withoutPart(joinParts(parts), ownPart) }
  const { signal } = new AbortController()
  return (await learnDetector({ rows: own, order, run: runModel, signal })).candidates
}

const foundBy = ({ detected }: LearningCandidate): number => meanOf(Object.values(detected))

export async function togetherFigures(): Promise<object> {
  const figures: Record<string, object> = {}
  for (const rows of ROWS) {
    const judged: LearningCandidate[] = []
    for (const seed of SEEDS) judged.push(...(await candidatesFor(rows, seed)))
    const of = (kind: string) => {
      const figures = judged.filter((one) => one.kind === kind)
      return {
        faultsFound: Number(meanOf(figures.map(foundBy)).toFixed(3)),
        tagFirst: Number(meanOf(figures.map(({ namedFirst }) => namedFirst)).toFixed(3)),
        falseAlarms: figures.reduce((sum, { falseAlarms }) => sum + falseAlarms, 0),
      }
    }
    figures[`${rows} rows`] = { alone: of('pca'), together: of('joint') }
  }
  return figures
}
