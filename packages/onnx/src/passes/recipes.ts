/** Recipes: named ways to a smaller or faster form of a model, each a list of passes. */
import type { Recipe } from '@skerry/contract/builds/build'
import type { RangeMethod } from '@skerry/contract/builds/device-ranges'
import { accept, type Result, rejectModel } from '../refusal.ts'
import { dynamicInt8 } from './dynamic-int8.ts'
import { float16 } from './float16.ts'
import { foldConvolution } from './fold-convolution.ts'
import { matMul4Bit } from './matmul-4bit.ts'
import { normalise } from './normalise.ts'
import { raiseOpset } from './opset/raise-opset.ts'
import { applyPasses, type Pass, type PassReport } from './pass.ts'
import { entropyRange } from './qdq/entropy.ts'
import { minMaxRange, type Observation, percentileRange, type Range } from './qdq/observation.ts'
import { staticInt8 } from './qdq/static-int8.ts'
import { refuseQuantised } from './refuse-quantised.ts'
import { LARGEST_7BIT } from './weight.ts'

/** The share of values inside of the range, in percent: the default of onnxruntime's own calibration. */
const PERCENTILE = 99.999

type Row = {
  /** Before a calibration, and exact: they change no answer by more than a rounding. */
  prepare: readonly Pass[]
  /** How its ranges come from a calibration; absent for a recipe without one. */
  method?: RangeMethod
  finish(options: { ranges: ReadonlyMap<string, Range>; keep: ReadonlySet<string> }): Pass
}

const prepare = [normalise, raiseOpset]
const prepareBits = [refuseQuantised, ...prepare]
const prepareStatic = [...prepareBits, foldConvolution]

const rows: Readonly<Record<Recipe, Row>> = {
  float16: { prepare, finish: () => float16 },
  'dynamic-int8': { prepare: prepareBits, finish: ({ keep }) => dynamicInt8(keep) },
  'matmul-4bit': { prepare: prepareBits, finish: ({ keep }) => matMul4Bit({ isLeftInt8: false, keep }) },
  'matmul-4bit-int8': { prepare: prepareBits, finish: ({ keep }) => matMul4Bit({ isLeftInt8: true, keep }) },
  'static-int8-minmax': { prepare: prepareStatic, method: 'minmax', finish: staticInt8 },
  'static-int8-percentile': { prepare: prepareStatic, method: 'percentile', finish: staticInt8 },
  'static-int8-entropy': { prepare: prepareStatic, method: 'entropy', finish: staticInt8 },
  'dynamic-7bit': { prepare: prepareBits, finish: ({ keep }) => dynamicInt8(keep, LARGEST_7BIT) },
  'static-7bit': {
    prepare: prepareStatic,
    method: 'percentile',
    finish: (options) => staticInt8({ ...options, largest: LARGEST_7BIT }),
  },
}

const methods: Readonly<Record<RangeMethod, (observation: Observation) => Range>> = {
  minmax: minMaxRange,
  percentile: (observation) => percentileRange(observation, PERCENTILE),
  entropy: entropyRange,
}

/** Whether a recipe needs runs on calibration inputs. */
export const needsCalibration = (recipe: Recipe): boolean => rows[recipe].method !== undefined

/** How the recipe takes ranges from a calibration; undefined for a recipe without one. */
export const rangeMethodOf = (recipe: Recipe): RangeMethod | undefined => rows[recipe].method

/** The range of a tensor by each method. */
export const rangesByMethod = (observation: Observation): Record<RangeMethod, Range> => ({
  minmax: methods.minmax(observation),
  percentile: methods.percentile(observation),
  entropy: methods.entropy(observation),
})

export type Rewritten = { bytes: Uint8Array<ArrayBuffer>; reports: PassReport[] }

/** The model before a calibration, in the form that the recipe expects. */
export const prepareModel = (recipe: Recipe, bytes: Uint8Array): Result<Rewritten> =>
  applyPasses(bytes, rows[recipe].prepare)

/** The model before a calibration, in the form that all recipes with ranges expect. */
export const prepareForRanges = (bytes: Uint8Array): Result<Rewritten> => applyPasses(bytes, prepareStatic)

/** The ranges that a recipe takes from observations of the prepared model. */
export function rangesOf(recipe: Recipe, observations: ReadonlyMap<string, Observation>): Map<string, Range> {
  const rangeOf = methods[rows[recipe].method ?? 'minmax']
  return new Map([...observations].map(([name, observation]) => [name, rangeOf(observation)]))
}

export type Finish = {
  /** Of the prepared model, by tensor; empty without calibration. */
  ranges: ReadonlyMap<string, Range>
  /** Names of the results of nodes that stay in float. */
  keep: ReadonlySet<string>
}

/** The build, from the prepared model. A build in which nothing changed is rejected: it would be the model again. */
export function finishModel(recipe: Recipe, prepared: Uint8Array, finishing: Finish): Result<Rewritten> {
  const finished = applyPasses(prepared, [rows[recipe].finish(finishing)])
  if (!finished.ok) return finished
  const report = finished.value.reports.at(-1)
  if (report && report.changed.length === 0)
    return rejectModel('model_operator_unsupported', nothingChanged(recipe, report))
  return accept(finished.value)
}

function nothingChanged(recipe: Recipe, { skipped }: PassReport): string {
  const [first] = skipped
  const why = first ? `; for instance ${first.node}: ${first.reason}` : ''
  return `the recipe ${recipe} finds nothing in the model that it can change${why}`
}
