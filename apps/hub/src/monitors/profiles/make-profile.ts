/**
 * Makes the reference profile of a version: runs the model on the given rows, and counts the values of each feature. The
 * golden cases have their answers already.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GOLDEN_PATH, Golden, type GoldenCase } from '@skerry/contract/devices/golden'
import { ELEMENT_BYTES, type Tensor } from '@skerry/contract/models/tensor'
import { EDGES_MAX, FEATURES_MAX, type FeatureProfile, type ReferenceProfile } from '@skerry/contract/monitors/profile'
import type { ProfileRows } from '@skerry/contract/monitors/profile-rows'
import { classText } from '@skerry/core/captures/performance'
import { predictionOf } from '@skerry/core/captures/prediction'
import { calibrationOf } from '@skerry/core/monitors/calibration'
import { type Feature, featuresOf, largestOf, profileOf } from '@skerry/core/monitors/profile'
import { textHash } from '@skerry/core/monitors/text-hash'
import { rowOutputsOf } from '@skerry/inference/capture/row-cut'
import { elementReader } from '@skerry/inference/host/element-reader'
import { fromContract, splitBytes } from '@skerry/inference/host/raw-tensor'
import { runSandboxed } from '@skerry/inference/seat/sandbox'
import { problem } from '../../http/problem.ts'
import type { Hub } from '../../hub.ts'
import { stageFiles } from '../../models/staging.ts'
import { filesOf } from '../../models/version-store.ts'
import type { VersionTable } from '../../store/tables/foundation-tables.ts'
import { clusterFeatures } from './profile-clusters.ts'
import { errorsIn } from './profile-errors.ts'

/** As for a pushed model. */
const TRIAL_LIMITS = { loadMs: 30_000, casesMs: 60_000 }

/** Fewer rows than bins say nothing about a distribution. */
const ROWS_MIN = EDGES_MAX

/** Throws the contract's problem if the rows do not fit the model, or are too few. */
export async function makeProfile(
  hub: Hub,
  version: VersionTable,
  data: ProfileRows | undefined,
  signal: AbortSignal,
): Promise<ReferenceProfile> {
  const files = await filesOf(hub.store.db, version.id)
  using _pins = hub.blobGuard.pin(files.map(({ digest }) => digest))
  await using staged = await stageFiles(hub, { folder: hub.stagingPath(hub.ids.build()), files }, signal)
  const cases = data
    ? await answered(hub, { modelPath: staged.modelPath, data }, signal)
    : await goldenCases(version, staged.folder)
  const rows = cases.reduce((sum, { inputs }) => sum + rowsOf(inputs), 0)
  if (rows < ROWS_MIN) throw problem('profile_refused', tooFew(rows))
  const { features: all, left } = featuresOf(signatureOf(cases))
  const features = all.filter((feature) => !feature.isClass || areScores(feature, cases))
  if (features.length === 0) throw problem('profile_refused', 'no input or output of the model is a number or a text')
  const counted = features.map((feature) => profileOf(feature, valuesOf(feature, cases), isText(feature, cases)))
  return {
    v: 1,
    model: version.name,
    version: version.version,
    origin: data ? 'data-set' : 'golden',
    rows,
    features: [...counted, ...clusterFeatures(cases, FEATURES_MAX - counted.length)],
    left,
    ...(data?.labels && judgedBy(cases, counted, { ...data, labels: data.labels })),
  }
}

type LabelledRows = ProfileRows & { labels: string[] }

/** Confidences are calibrated for classes, and errors are predicted for numbers. */
function judgedBy(
  cases: readonly GoldenCase[],
  features: readonly FeatureProfile[],
  data: LabelledRows,
): Pick<ReferenceProfile, 'calibration' | 'errors'> {
  const rows = cases.reduce((sum, { inputs }) => sum + rowsOf(inputs), 0)
  if (data.labels.length !== rows)
    throw problem('profile_refused', `there are ${data.labels.length} labels for ${rows} rows; give one for each row`)
  if (data.task === 'regression') return { errors: errorsIn({ cases, features, data, rowsOf, valuesOf }) }
  return { calibration: calibrate(cases, data) }
}

/** Throws if the answers are no classes with scores. */
function calibrate(cases: readonly GoldenCase[], { labels, output }: LabelledRows) {
  const answers = cases.flatMap(({ inputs, outputs }) => {
    const tensors = Object.entries(outputs).map(([name, tensor]) => fromContract(name, tensor))
    const count = rowsOf(inputs)
    return Array.from({ length: count }, (_, row) =>
      predictionOf(rowOutputsOf(tensors, row, count), { task: 'classification', output }),
    )
  })
  const judged = answers.flatMap(({ predicted, confidence }, at) => {
    if (predicted === undefined || confidence === undefined) return []
    return [{ predicted, confidence, isRight: classText(predicted) === classText(labels[at] ?? '') }]
  })
  if (judged.length === 0)
    throw problem('profile_refused', 'the model gives no scores, so its answers have no confidence')
  return calibrationOf(judged, output)
}

const tooFew = (rows: number) =>
  `there are ${rows} rows, and a profile needs ${ROWS_MIN}; give more with "skerry monitor baseline NAME --data rows.npz"`

async function goldenCases({ golden_cases }: VersionTable, folder: string): Promise<GoldenCase[]> {
  if (golden_cases === 0) throw problem('profile_refused', 'the version has no golden cases; give rows of inputs')
  return Golden.parse(JSON.parse(await readFile(join(folder, GOLDEN_PATH), 'utf8'))).cases
}

async function answered(
  hub: Hub,
  { modelPath, data }: { modelPath: string; data: ProfileRows },
  signal: AbortSignal,
): Promise<GoldenCase[]> {
  const cases = data.cases.map(({ inputs }) => ({ inputs }))
  const ran = await runSandboxed({ modelPath, cases, limits: { ...TRIAL_LIMITS, memoryBytes: hub.trialBytes }, signal })
  if (!ran.ok) throw problem('profile_refused', ran.message)
  return cases.map(({ inputs }, at) => ({ inputs, outputs: ran.outputs[at] ?? {} }))
}

/** The first dimension of the first input counts the rows, as requests are counted. */
const rowsOf = (inputs: GoldenCase['inputs']) => Object.values(inputs)[0]?.shape[0] ?? 1

/** All cases have the same tensors: the model took them. */
function signatureOf([first]: readonly GoldenCase[]) {
  const specs = (tensors: Record<string, Tensor>) =>
    Object.entries(tensors).map(([name, { datatype, shape }]) => ({ name, datatype, shape }))
  return { inputs: specs(first?.inputs ?? {}), outputs: specs(first?.outputs ?? {}) }
}

/** A row of several numbers that add up to one has a class. Others may be anything, such as three forecasts. */
const areScores = ({ tensor }: Feature, cases: readonly GoldenCase[]) =>
  cases.every(({ outputs }) => {
    const found = outputs[tensor]
    const columns = found?.shape[1] ?? 1
    const values = found ? valuesIn(found, undefined) : []
    return rowsIn(values, columns).every((row) => {
      const sum = row.reduce((total, value) => total + value, 0)
      return row.every((value) => value >= 0) && Math.abs(sum - 1) < SUM_TOLERANCE
    })
  })

/** Of half precision with a thousand classes. */
const SUM_TOLERANCE = 0.01

const rowsIn = (values: readonly number[], columns: number): number[][] =>
  Array.from({ length: Math.floor(values.length / columns) }, (_, at) => values.slice(at * columns, (at + 1) * columns))

function valuesOf({ side, tensor, column, isClass }: Feature, cases: readonly GoldenCase[]): number[] {
  return cases.flatMap((one) => {
    const found = (side === 'input' ? one.inputs : one.outputs)[tensor]
    if (!found) return []
    return isClass ? rowsIn(valuesIn(found, undefined), found.shape[1] ?? 1).map(largestOf) : valuesIn(found, column)
  })
}

const isText = ({ side, tensor }: Feature, [first]: readonly GoldenCase[]) =>
  (side === 'input' ? first?.inputs : first?.outputs)?.[tensor]?.datatype === 'BYTES'

/** Texts are their hashes. */
function valuesIn({ datatype, shape, data }: Tensor, column: number | undefined): number[] {
  if (datatype === 'BYTES') {
    const hashes = splitBytes(fromContract('', { datatype, shape, data }).data).map(textHash)
    return column === undefined ? hashes : hashes.filter((_, at) => at % (shape[1] ?? 1) === column)
  }
  const read = elementReader(datatype)
  if (!read) return []
  const bytes = Buffer.from(data, 'base64')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const size = ELEMENT_BYTES[datatype]
  const step = column === undefined ? 1 : (shape[1] ?? 1)
  const values: number[] = []
  for (let at = column ?? 0; (at + 1) * size <= bytes.byteLength; at += step) values.push(read(view, at * size))
  return values
}
