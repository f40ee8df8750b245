/**
 * Output moments: what a version's numeric outputs look like, from a sample of its answers. What it costs is bounded whatever the load and the
 * size of the outputs, and nothing of an answer is kept.
 */
import { OUTPUTS_MAX, type OutputStats } from '@skerry/contract/devices/item'
import { type Datatype, ELEMENT_BYTES } from '@skerry/contract/models/tensor'
import type { RawTensor } from './raw-tensor.ts'

export type OutputMoments = {
  /** Looks at an answer, if it is time for one. */
  observe(outputs: readonly RawTensor[], nowUs: number): void
  stats(): OutputStats[]
}

/** Twenty answers a second tell as much of a mean as all of them; with what follows they cost at most about a millisecond of each second. */
const SAMPLE_INTERVAL_US = 50_000

/** Elements of an output that are looked at; over them, one in so many, each time others. */
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

/** Those of a version that has answered nobody yet. */
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
        const read = READERS[output.datatype]
        const moments = read && momentsOf(output.name)
        if (moments) observe(moments, output, read)
      }
    },
    stats: () => [...known].map(([name, moments]) => statsOf(name, moments)),
  }
}

type Read = (view: DataView, at: number) => number

/** Texts have no moments. */
const READERS: Readonly<Partial<Record<Datatype, Read>>> = {
  BOOL: (view, at) => view.getUint8(at),
  UINT8: (view, at) => view.getUint8(at),
  UINT16: (view, at) => view.getUint16(at, true),
  UINT32: (view, at) => view.getUint32(at, true),
  UINT64: (view, at) => Number(view.getBigUint64(at, true)),
  INT8: (view, at) => view.getInt8(at),
  INT16: (view, at) => view.getInt16(at, true),
  INT32: (view, at) => view.getInt32(at, true),
  INT64: (view, at) => Number(view.getBigInt64(at, true)),
  FP16: (view, at) => halfOf(view.getUint16(at, true)),
  BF16: (view, at) => brainOf(view.getUint16(at, true)),
  FP32: (view, at) => view.getFloat32(at, true),
  FP64: (view, at) => view.getFloat64(at, true),
}

/** [IEEE 754, binary16] A sign, five bits of exponent, ten of fraction. */
function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1 + fraction / 1_024) * 2 ** (exponent - 15)
}

const scratch = new DataView(new ArrayBuffer(4))

/** The upper half of a single. */
function brainOf(bits: number): number {
  scratch.setUint32(0, bits << 16)
  return scratch.getFloat32(0)
}

function observe(moments: Moments, { data, datatype }: RawTensor, read: Read): void {
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

/** Moments of numbers so large that their squares are none are left out: a report with infinities would be refused. */
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
