/**
 * Output moments: mean, spread and range of a version's numeric outputs, from a sample of its answers. Its cost is
 * bounded whatever the load and the size of the outputs, and it keeps nothing of an answer.
 */
import { OUTPUTS_MAX, type OutputStats } from '@skerry/contract/devices/item'
import { ELEMENT_BYTES } from '@skerry/contract/models/tensor'
import { elementReader, type ReadElement } from './element-reader.ts'
import type { RawTensor } from './raw-tensor.ts'

export type OutputMoments = {
  /** Looks at an answer, if it is time for one. */
  observe(outputs: readonly RawTensor[], nowUs: number): void
  stats(): OutputStats[]
}

/**
 * Twenty answers a second determine a mean as well as all of them. With the limits below they cost at most about a
 * millisecond of each second.
 */
const SAMPLE_INTERVAL_US = 50_000

/**
 * The most elements of an output that are read. A larger output is sampled at even distances, from another start each
 * time.
 */
const ELEMENTS_MAX = 256

/** [contract, OutputStats.name] */
const NAME_MAX = 200

type Moments = {
  answers: number
  empty: number
  values: number
  notFinite: number
  mean: number
  squares: number
  min: number
  max: number
}

const nothing = (): Moments => ({
  answers: 0,
  empty: 0,
  values: 0,
  notFinite: 0,
  mean: 0,
  squares: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
})

/** The moments of a version without any answer yet. */
export function createOutputMoments(): OutputMoments {
  const known = new Map<string, Moments>()
  let nextUs = 0
  const momentsOf = (name: string) => {
    const found = known.get(name)
    if (found || known.size >= OUTPUTS_MAX) return found
    const made = nothing()
    known.set(name, made)
    return made
  }
  return {
    observe(outputs, nowUs) {
      if (nowUs < nextUs) return
      nextUs = nowUs + SAMPLE_INTERVAL_US
      for (const output of outputs) {
        const read = elementReader(output.datatype)
        const moments = read && momentsOf(output.name)
        if (moments) observe(moments, output, read)
      }
    },
    stats: () => [...known].map(([name, moments]) => statsOf(name, moments)),
  }
}

function observe(moments: Moments, { data, datatype }: RawTensor, read: ReadElement): void {
  const size = ELEMENT_BYTES[datatype]
  const count = Math.floor(data.byteLength / size)
  const step = Math.max(1, Math.ceil(count / ELEMENTS_MAX))
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  // Always the same ones would be one column of many a matrix.
  for (let index = moments.answers % step; index < count; index += step) add(moments, read(view, index * size))
  moments.answers++
  if (count === 0) moments.empty++
}

/** [Welford 1962] */
function add(moments: Moments, value: number): void {
  if (!Number.isFinite(value)) {
    moments.notFinite++
    return
  }
  moments.values++
  const away = value - moments.mean
  moments.mean += away / moments.values
  moments.squares += away * (value - moments.mean)
  moments.min = Math.min(moments.min, value)
  moments.max = Math.max(moments.max, value)
}

/**
 * If numbers are so large that their squares overflow, moments are left out: a report with infinities would be
 * rejected.
 */
function statsOf(name: string, { answers, empty, values, notFinite, mean, squares, min, max }: Moments): OutputStats {
  const found = { mean, std: Math.sqrt(Math.max(0, squares / values)), min, max }
  return {
    name: name.slice(0, NAME_MAX),
    answers,
    empty,
    values,
    notFinite,
    ...(Object.values(found).every(Number.isFinite) && found),
  }
}
