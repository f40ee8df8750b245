/**
 * Joint: several machines of one type learn together how their tags move with each other. Each machine sends the covariance
 * of its features with the spreads that these are divided by. The sum is the same as if all rows were in one place. The
 * levels and the threshold of a machine stay its own.
 */
import { Matrix } from 'ml-matrix'
import { readParameters } from '../train/parameters.ts'
import { type DetectorHead, pcaHead, writeDetector } from './detector-model.ts'
import { medianOf } from './numbers.ts'
import { pcaOf, type UsualRows } from './pca.ts'
import { FEATURES_OF_TAG, type Scaling, type Units, WINDOWS_MAX } from './windows.ts'

/** The covariance is a lower triangle, row by row. The units are the spread of each tag, then that of each feature. */
export type JointPart = { rows: number; covariance: Float32Array; units: Float32Array }

const widthOf = (tags: number): number => tags * FEATURES_OF_TAG

/** The numbers of a covariance of so many tags. */
const partLength = (tags: number): number => (widthOf(tags) * (widthOf(tags) + 1)) / 2

const tagsOfUnits = (units: ArrayLike<number>): number => units.length / (1 + FEATURES_OF_TAG)

/** The spreads of a part, as a scaling has them. */
export const unitsOf = ({ units }: Pick<JointPart, 'units'>): Units => ({
  scale: Float64Array.from(units.subarray(0, tagsOfUnits(units))),
  featureScale: Float64Array.from(units.subarray(tagsOfUnits(units))),
})

export function jointPartOf({ width, rows, covariance }: UsualRows, { scale, featureScale }: Units): JointPart {
  const triangle: number[] = []
  for (let a = 0; a < width; a += 1) for (let b = 0; b <= a; b += 1) triangle.push(covariance.get(a, b))
  return { rows, covariance: Float32Array.from(triangle), units: Float32Array.of(...scale, ...featureScale) }
}

/** The size of one unit of each feature. The logarithm of a spread has no unit of the tag. */
function sizesOf({ units }: Pick<JointPart, 'units'>): number[] {
  const tags = tagsOfUnits(units)
  return Array.from({ length: widthOf(tags) }, (_, feature) => {
    const ofTag = feature < 2 * tags ? (units[feature % tags] ?? 1) : 1
    return ofTag * (units[tags + feature] ?? 1)
  })
}

/** The same covariance in other units. */
function inUnits(part: JointPart, units: Float32Array): Float32Array {
  const to = sizesOf({ units })
  const factors = sizesOf(part).map((size, feature) => size / (to[feature] ?? 1))
  const covariance = new Float32Array(part.covariance.length)
  for (let a = 0, at = 0; a < factors.length; a += 1)
    for (let b = 0; b <= a; b += 1, at += 1)
      covariance[at] = (part.covariance[at] ?? 0) * (factors[a] ?? 1) * (factors[b] ?? 1)
  return covariance
}

/** The middle of the units of all parts. */
export const middleUnits = (parts: readonly JointPart[]): Float32Array =>
  Float32Array.from(parts[0]?.units ?? [], (_, at) => medianOf(parts.map(({ units }) => units[at] ?? 1)))

/** Each part counts by its rows. */
export function joinParts(parts: readonly JointPart[]): JointPart {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  const units = middleUnits(parts)
  const sum = new Float64Array(parts[0]?.covariance.length ?? 0)
  for (const part of parts) {
    const covariance = inUnits(part, units)
    for (let at = 0; at < sum.length; at += 1)
      sum[at] = (sum[at] ?? 0) + (covariance[at] ?? 0) * (part.rows / Math.max(1, rows))
  }
  return { rows, covariance: Float32Array.from(sum), units }
}

/** The joined part of the other machines, in the units of all. */
export function withoutPart(joint: JointPart, own: JointPart): JointPart {
  const rows = Math.max(0, joint.rows - own.rows)
  const covariance = inUnits(own, joint.units)
  const others = joint.covariance.map((value, at) =>
    rows === 0 ? 0 : (value * joint.rows - (covariance[at] ?? 0) * own.rows) / rows,
  )
  return { rows, covariance: others, units: joint.units }
}

/** Machines of one type may have another size, but a factor like this is another unit. */
const UNIT_FACTOR_MOST = 30

/** The number of the first tag whose spread is far from the middle of all machines, with the factor. */
export function otherUnit(part: JointPart, middle: Float32Array): { tag: number; factor: number } | undefined {
  for (let tag = 0; tag < tagsOfUnits(middle); tag += 1) {
    const factor = (part.units[tag] ?? 1) / (middle[tag] ?? 1)
    if (factor > UNIT_FACTOR_MOST || factor < 1 / UNIT_FACTOR_MOST) return { tag, factor }
  }
  return undefined
}

/** A feature has been divided by its spread. A part with more is of a broken machine, or of a stranger. */
const VARIANCE_MOST = 1_000

/** Why the part cannot be a covariance of the features of so many tags; undefined if it can. */
export function partTrouble({ rows, covariance, units }: JointPart, tags: number): string | undefined {
  if (!(rows >= 1)) return 'it has no rows'
  if (rows > WINDOWS_MAX) return `it has ${rows} windows, and a machine learns from ${WINDOWS_MAX} at most`
  if (units.length !== tags + widthOf(tags) || !units.every((unit) => unit > 0 && Number.isFinite(unit)))
    return `it does not have ${tags + widthOf(tags)} positive units`
  if (covariance.length !== partLength(tags))
    return `it has ${covariance.length} numbers instead of ${partLength(tags)}`
  const width = widthOf(tags)
  const variance = (at: number) => covariance[(at * (at + 1)) / 2 + at] ?? Number.NaN
  for (let a = 0; a < width; a += 1) {
    if (!(variance(a) >= 0 && variance(a) <= VARIANCE_MOST)) return `the variance ${a} is ${variance(a)}`
    for (let b = 0; b < a; b += 1) {
      const most = Math.sqrt(variance(a) * variance(b)) * (1 + ROUNDING) + ROUNDING
      const value = covariance[(a * (a + 1)) / 2 + b] ?? Number.NaN
      if (!(Math.abs(value) <= most)) return `the covariance of ${a} and ${b} is ${value}, and ${most} is the most`
    }
  }
  return undefined
}

/** Of numbers with 24 bits. */
const ROUNDING = 1e-4

function matrixOf({ covariance }: JointPart, width: number): Matrix {
  const matrix = Matrix.zeros(width, width)
  for (let a = 0; a < width; a += 1)
    for (let b = 0; b <= a; b += 1) {
      const value = covariance[(a * (a + 1)) / 2 + b] ?? 0
      matrix.set(a, b, value)
      matrix.set(b, a, value)
    }
  return matrix
}

/** The own mean, and the covariance of this machine and the others. The features are in the units of the others. */
export function jointHead(own: UsualRows, others: JointPart | undefined): DetectorHead {
  const { width, mean, rows, covariance } = own
  if (!others) return pcaHead(pcaOf(own))
  const all = Math.max(1, rows + others.rows)
  const joined = Matrix.add(Matrix.mul(covariance, rows / all), Matrix.mul(matrixOf(others, width), others.rows / all))
  return pcaHead(pcaOf({ width, mean, covariance: joined }))
}

/** The weights that each machine has values of its own for, in the order of these values. */
export function ownWeightsOf(tags: number): { name: string; elements: number }[] {
  const width = widthOf(tags)
  return [
    { name: 'center', elements: tags },
    { name: 'floor', elements: tags },
    { name: 'feature_center', elements: width },
    { name: 'pca_mean', elements: width },
    { name: 'per_threshold', elements: 1 },
  ]
}

/** The own values of a machine in its detector. Throws if the file is no detector of so many tags. */
export function ownValuesIn(model: Uint8Array, tags: number): Float32Array {
  const weights = ownWeightsOf(tags)
  const found = readParameters(
    model,
    weights.map(({ name }) => name),
  )
  const values = weights.flatMap(({ name, elements }) => {
    const numbers = Array.from(found.get(name) ?? [])
    if (numbers.length !== elements) throw new RangeError(`${name} has ${numbers.length} numbers, and not ${elements}`)
    return numbers
  })
  if (!values.every(Number.isFinite)) throw new RangeError('a value is not finite')
  if (!((values.at(-1) ?? 0) > 0)) throw new RangeError('the threshold is not positive')
  return Float32Array.from(values)
}

/**
 * The middle of the own values of all machines. It stands in the file for the proof of the version, and a device without
 * values of its own serves with it. No single machine decides a value of it.
 */
export function middleOf(lines: readonly Float32Array[]): Float32Array {
  const length = lines[0]?.length ?? 0
  return Float32Array.from({ length }, (_, at) => medianOf(lines.map((line) => line[at] ?? 0)))
}

/** The scores of one detector are alike on all machines, so a factor like this is of a broken machine, or of a stranger. */
const THRESHOLD_FACTOR_MOST = 30

const thresholdIn = (line: Float32Array): number => 1 / (line.at(-1) ?? 1)

/** For each line of own values: the threshold over the middle one of all, if it is far from it. */
export function otherThresholds(lines: readonly Float32Array[]): (number | undefined)[] {
  // Of two machines, the middle by logarithms is equally far from both: nobody can say which one is wrong.
  const middle = Math.exp(medianOf(lines.map((line) => Math.log(thresholdIn(line)))))
  return lines.map((line) => {
    const factor = thresholdIn(line) / middle
    return factor <= THRESHOLD_FACTOR_MOST && factor >= 1 / THRESHOLD_FACTOR_MOST ? undefined : factor
  })
}

type JointModel = { joint: JointPart; own: Float32Array; samples: number; tags: readonly string[] }

/** The detector of all machines with these own values. */
export function jointModelOf({ joint, own, samples, tags }: JointModel): {
  model: Uint8Array<ArrayBuffer>
  scaling: Scaling
} {
  const values = new Map<string, Float64Array>()
  let at = 0
  for (const { name, elements } of ownWeightsOf(tags.length)) {
    values.set(name, Float64Array.from(own.subarray(at, at + elements)))
    at += elements
  }
  const of = (name: string) => values.get(name) ?? new Float64Array()
  const scaling: Scaling = {
    samples,
    tags: tags.length,
    center: of('center'),
    ...unitsOf(joint),
    floor: of('floor'),
    featureCenter: of('feature_center'),
  }
  const width = widthOf(tags.length)
  const head = pcaHead(pcaOf({ width, mean: of('pca_mean'), covariance: matrixOf(joint, width) }))
  const threshold = 1 / (of('per_threshold')[0] ?? 1)
  return { model: writeDetector({ scaling, head, threshold, tags, kind: 'joint' }), scaling }
}
