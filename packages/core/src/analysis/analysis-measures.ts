/**
 * Measures: the table of everything that the hub itself can measure of a wave. A row lists the fields of its result,
 * and computes them from the facts of the wave. A field without data is omitted, and a condition that needs it is
 * inconclusive.
 *
 * A new measure needs a name in the contract and a row here. If it needs more facts, add them to `WaveFacts`.
 */
import type { BuiltInMeasure, MeasuredResult } from '@skerry/contract/deployments/analysis'
import type { OutputStats, ServingStats, ShadowStats } from '@skerry/contract/devices/item'
import type { AccuracyEstimate, ErrorEstimate, FeatureVerdict } from '@skerry/contract/monitors/monitor'
import type { OutcomeCounts } from '@skerry/contract/rollouts/rollout'
import { mergeOutputs } from '../device/proof/output-stats.ts'
import { failuresOf } from '../rollouts/wave-verdict.ts'

/** The known facts of a wave. */
export type WaveFacts = {
  counts: OutcomeCounts
  /** Devices whose item failed because golden cases gave other answers. */
  goldenMismatches: number
  /** The counters of each device that compared the version with the serving one. */
  shadows: readonly ShadowStats[]
  /** The report of each device that serves the version now. */
  serving: readonly ServingStats[]
  /** The windows of the wave's devices against the reference profile of the version. Absent if it has none. */
  drift?: DriftFacts | undefined
  /** The confidences of the wave's devices. Absent if the profile has no labels, or no device sent any. */
  estimate?: EstimateFacts | undefined
  /** Of a regression: the error that the values let expect. Absent if the profile has no labels. */
  errorEstimate?: ErrorFacts | undefined
}

export type DriftFacts = {
  /** Devices that sent a window. */
  devices: number
  rows: number
  /** With fewer rows there is no verdict. */
  rowsMin: number
  features: readonly Pick<FeatureVerdict, 'stability' | 'state' | 'findings' | 'missingShare'>[]
}

export type EstimateFacts = Pick<AccuracyEstimate, 'rows' | 'accuracy' | 'reference'> & {
  devices: number
  /** With fewer rows there is no estimate. */
  rowsMin: number
}

export type ErrorFacts = Pick<ErrorEstimate, 'rows' | 'mae' | 'reference'> & Pick<EstimateFacts, 'devices' | 'rowsMin'>

export type MeasureRow = {
  /** The meaning of `result.value`, for people. */
  says: string
  /** Each field, with a value of the right kind. */
  fields: Readonly<Record<string, number>>
  /** `output` is set if the analysis names one. */
  measure: (facts: WaveFacts, output?: string) => MeasuredResult | undefined
  /** The data that a field lacks, in words; undefined if nothing was counted. */
  gap?: (facts: WaveFacts) => string | undefined
}

export const MEASURES: Readonly<Record<BuiltInMeasure, MeasureRow>> = {
  'success-ratio': {
    says: 'healthy devices, as a share of the decided ones',
    fields: { value: 0.98, devices: 100, healthy: 98, failed: 1, rejected: 1, timed_out: 0 },
    measure: successRatio,
  },
  'golden-mismatch': {
    says: 'devices with different golden answers, as a share of the decided ones',
    fields: { value: 0.01, devices: 100, count: 1 },
    measure: goldenMismatch,
  },
  'shadow-mismatch': {
    says: 'answers that differ from the serving version, and errors, as a share of all shadow requests',
    fields: {
      value: 0.01,
      devices: 100,
      compared: 10_000,
      mismatched: 90,
      errors: 10,
      dropped: 100,
      worst: 0.2,
      max_difference: 0.5,
    },
    measure: shadowMismatch,
  },
  'error-rate': {
    says: 'failed requests, as a share of all requests of the version',
    fields: { value: 0.01, devices: 100, requests: 10_000, failures: 100 },
    measure: errorRate,
  },
  latency: {
    says: 'the p99 of the version, divided by the p99 of the version that it replaced; the median of all devices',
    fields: {
      value: 1.1,
      devices: 100,
      compared: 100,
      requests: 10_000,
      p50_us: 900,
      p99_us: 4_000,
      p50_ratio: 1.1,
      p99_ratio: 1.1,
      p50_ratio_worst: 2,
      p99_ratio_worst: 3,
    },
    measure: latency,
    gap: latencyGap,
  },
  restarts: {
    says: 'the number of runner restarts since the activation of the version, on all devices together',
    fields: { value: 2, devices: 100, restarted: 1, worst: 2 },
    measure: restarts,
  },
  predictions: {
    says: 'NaN or infinite numbers in the answers, as a share of all checked numbers',
    fields: {
      value: 0.01,
      devices: 100,
      requests: 10_000,
      values: 40_000,
      not_finite: 1,
      missing: 1,
      mean: 0.5,
      std: 0.1,
      min: 0,
      max: 1,
      shift: 0.5,
    },
    measure: predictions,
  },
  drift: {
    says: 'the largest stability index of a feature that has moved from the reference profile; 0 if none has',
    fields: { value: 0.3, devices: 10, requests: 10_000, features: 8, moved: 1, missing: 0.01 },
    measure: drift,
    gap: driftGap,
  },
  'estimated-accuracy': {
    says: 'the share of right answers that the confidences of the devices let expect, without labels',
    fields: { value: 0.93, devices: 10, requests: 10_000, reference: 0.97, drop: 0.04 },
    measure: estimatedAccuracy,
    gap: estimateGap,
  },
  'estimated-error': {
    says: 'the mean error of a regression that the values of the devices let expect, without labels',
    fields: { value: 0.3, devices: 10, requests: 10_000, reference: 0.2, rise: 0.5 },
    measure: estimatedError,
    gap: errorGap,
  },
}

/** Only differences that chance does not explain have an index here. */
function drift({ drift: facts }: WaveFacts): MeasuredResult | undefined {
  if (!facts || facts.rows < facts.rowsMin) return undefined
  const { devices, rows, features } = facts
  const drifted = features.filter(({ findings }) => findings.includes('drift'))
  return present({
    value: worst(known(drifted.map(({ stability }) => stability))) ?? 0,
    devices,
    requests: rows,
    features: features.length,
    moved: features.filter(({ state }) => state === 'alert').length,
    missing: worst(features.map(({ missingShare }) => missingShare)) ?? 0,
  })
}

function driftGap({ drift: facts }: WaveFacts): string | undefined {
  if (!facts)
    return 'the version has no reference profile, or its model no monitor: "skerry monitor baseline" and "skerry monitor set"'
  return facts.rows < facts.rowsMin ? `${facts.rows} of ${facts.rowsMin} rows counted so far` : undefined
}

/** `drop` is negative if the devices are surer than the labelled rows were. */
function estimatedAccuracy({ estimate: facts }: WaveFacts): MeasuredResult | undefined {
  if (!facts || facts.rows < facts.rowsMin) return undefined
  const { devices, rows, accuracy, reference } = facts
  return { value: accuracy, devices, requests: rows, reference, drop: reference - accuracy }
}

function estimateGap({ estimate: facts }: WaveFacts): string | undefined {
  if (!facts)
    return 'no device has sent confidences: the model needs a monitor, and its version a profile with labels ("skerry monitor baseline --labels")'
  return facts.rows < facts.rowsMin ? `${facts.rows} of ${facts.rowsMin} rows counted so far` : undefined
}

/** `rise` is a share of the error of the labelled rows, as the threshold of a monitor. It has none if that error is 0. */
function estimatedError({ errorEstimate: facts }: WaveFacts): MeasuredResult | undefined {
  if (!facts || facts.rows < facts.rowsMin) return undefined
  const { devices, rows, mae, reference } = facts
  const rise = reference > 0 ? (mae - reference) / reference : undefined
  return present({ value: mae, devices, requests: rows, reference, rise })
}

function errorGap({ errorEstimate: facts }: WaveFacts): string | undefined {
  if (!facts)
    return 'no error can be expected: the model needs a monitor, and its version a profile with labels that are numbers ("skerry monitor baseline --labels --task regression")'
  return facts.rows < facts.rowsMin ? `${facts.rows} of ${facts.rowsMin} rows counted so far` : undefined
}

/** Below this, one slow request is the p99 by itself. */
const LATENCY_REQUESTS_MIN = 100

const executedOf = (counts: OutcomeCounts) => counts.healthy + failuresOf({ counts })

function successRatio({ counts }: WaveFacts): MeasuredResult | undefined {
  const { healthy, failed, rejected, 'timed-out': timed_out } = counts
  const devices = executedOf(counts)
  return devices === 0 ? undefined : { value: healthy / devices, devices, healthy, failed, rejected, timed_out }
}

function goldenMismatch({ counts, goldenMismatches: count }: WaveFacts): MeasuredResult | undefined {
  const devices = executedOf(counts)
  return devices === 0 ? undefined : { value: count / devices, devices, count }
}

/** Answers that were left out because the shadow was behind are not counted. */
function shadowMismatch({ shadows }: WaveFacts): MeasuredResult | undefined {
  const asked = shadows.filter(({ compared, errors }) => compared + errors > 0)
  if (asked.length === 0) return undefined
  const compared = sum(asked.map((one) => one.compared))
  const mismatched = sum(asked.map((one) => one.mismatched))
  const errors = sum(asked.map((one) => one.errors))
  const dropped = sum(asked.map((one) => one.dropped))
  return present({
    value: (mismatched + errors) / (compared + errors),
    devices: asked.length,
    compared,
    mismatched,
    errors,
    dropped,
    worst: worst(asked.map((one) => (one.mismatched + one.errors) / (one.compared + one.errors))),
    max_difference: worst(known(asked.map(({ maxDifference }) => maxDifference))),
  })
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)

function errorRate({ serving }: WaveFacts): MeasuredResult | undefined {
  const devices = serving.filter((stats) => stats.requests > 0).length
  const requests = sum(serving.map((stats) => stats.requests))
  const failures = sum(serving.map((stats) => stats.failures))
  return requests === 0 ? undefined : { value: failures / requests, devices, requests, failures }
}

/**
 * Percentiles of many devices cannot be merged into one. So each device is compared with its own past. The result has
 * the median and the worst of these ratios, and the number of devices.
 */
function latency({ serving }: WaveFacts): MeasuredResult | undefined {
  const busy = serving.filter((stats) => stats.requests >= LATENCY_REQUESTS_MIN)
  if (busy.length === 0) return undefined
  const [p50s, p99s] = [busy.map(({ p50Us }) => p50Us), busy.map(({ p99Us }) => p99Us)].map(known)
  const compared = busy.flatMap((stats) => {
    const before = stats.replaced?.stats
    return before && before.requests >= LATENCY_REQUESTS_MIN ? [{ now: stats, before }] : []
  })
  const p50Ratios = known(compared.map(({ now, before }) => ratio(now.p50Us, before.p50Us)))
  const p99Ratios = known(compared.map(({ now, before }) => ratio(now.p99Us, before.p99Us)))
  return present({
    value: middle(p99Ratios),
    devices: busy.length,
    compared: compared.length,
    requests: sum(busy.map(({ requests }) => requests)),
    p50_us: middle(p50s),
    p99_us: middle(p99s),
    p50_ratio: middle(p50Ratios),
    p99_ratio: middle(p99Ratios),
    p50_ratio_worst: worst(p50Ratios),
    p99_ratio_worst: worst(p99Ratios),
  })
}

/** A device with too few requests has no p99, and one with too few requests of the replaced version has no ratio. */
function latencyGap({ serving }: WaveFacts): string | undefined {
  const most = worst(serving.map(({ requests }) => requests)) ?? 0
  if (most === 0) return undefined
  if (most < LATENCY_REQUESTS_MIN)
    return `a p99 needs ${LATENCY_REQUESTS_MIN} requests on one device: ${most} of ${LATENCY_REQUESTS_MIN} requests so far`
  const busy = serving.filter(({ requests }) => requests >= LATENCY_REQUESTS_MIN)
  const before = worst(known(busy.map(({ replaced }) => replaced?.stats.requests)))
  if (before === undefined || before >= LATENCY_REQUESTS_MIN) return undefined
  return `the replaced version has no p99 to compare with: ${before} of ${LATENCY_REQUESTS_MIN} requests on one device`
}

const known = (numbers: readonly (number | undefined)[] = []) => numbers.filter((one) => one !== undefined)

const ratio = (now: number | undefined, before: number | undefined) =>
  now === undefined || before === undefined ? undefined : now / Math.max(1, before)

/** The lower of the two in the middle, so that it is a device's own number. */
const middle = (numbers: readonly number[] = []) =>
  numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)]

const worst = (numbers: readonly number[]) =>
  numbers.reduce<number | undefined>((most, one) => (most === undefined || one > most ? one : most), undefined)

const present = (fields: Readonly<Record<string, number | undefined>>): MeasuredResult =>
  Object.fromEntries(Object.entries(fields).filter((field): field is [string, number] => Number.isFinite(field[1])))

/** Counts only devices whose agents report restarts. */
function restarts({ serving }: WaveFacts): MeasuredResult | undefined {
  const counted = known(serving.map((stats) => stats.restarts))
  if (counted.length === 0) return undefined
  const restarted = counted.filter((count) => count > 0).length
  return { value: sum(counted), devices: counted.length, restarted, worst: worst(counted) ?? 0 }
}

/** Figures of one output, or of all together if the analysis names none. Moments are given only for a single output. */
function predictions({ serving }: WaveFacts, output?: string): MeasuredResult | undefined {
  const isMeant = ({ name }: OutputStats) => output === undefined || name === output
  const now = serving.map(({ outputs = [] }) => outputs.filter(isMeant))
  const all = mergeOutputs(now.flat())
  if (!all) return undefined
  const names = new Set(now.flat().map(({ name }) => name))
  const before = mergeOutputs(serving.flatMap(({ replaced }) => replaced?.stats.outputs?.filter(isMeant) ?? []))
  const { mean, std, min, max, answers, empty, values, notFinite } = all
  const numbers = values + notFinite
  return present({
    value: numbers === 0 ? undefined : notFinite / numbers,
    devices: now.filter(({ length }) => length > 0).length,
    requests: answers,
    values,
    not_finite: notFinite,
    missing: empty,
    ...(names.size === 1 && { mean, std, min, max, shift: shiftOf(all, before) }),
  })
}

/** By how many of its former deviations the mean has moved. */
const shiftOf = ({ mean }: OutputStats, before: OutputStats | undefined) =>
  mean === undefined || before?.mean === undefined || !before.std
    ? undefined
    : Math.abs(mean - before.mean) / before.std
