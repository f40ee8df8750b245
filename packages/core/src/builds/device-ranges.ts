/**
 * Device ranges: judges the ranges that a device reports, and joins those of several devices. A report comes from a
 * device, which may be broken or hostile, so it counts only if it could be true. The gate judges the build in any case.
 */
import {
  type CalibrateCommand,
  type JoinedRanges,
  RangeMethod,
  RangesReport,
  type TensorRanges,
} from '@skerry/contract/builds/device-ranges'
import { parseJson } from '../values/parse-json.ts'

export type ReadRanges = { ok: true; report: RangesReport } | { ok: false; message: string }

/** Reads the output of a job. The message says why it is no report. */
export function readRangesReport(output: string | undefined, { rows }: Pick<CalibrateCommand, 'rows'>): ReadRanges {
  const parsed = RangesReport.safeParse(parseJson(output ?? ''))
  if (!parsed.success) return { ok: false, message: `no report: ${parsed.error.issues[0]?.message ?? 'unreadable'}` }
  if (parsed.data.rows > rows)
    return { ok: false, message: `it is of ${parsed.data.rows} rows, and the command asks for ${rows} at most` }
  if (Object.keys(parsed.data.ranges).length === 0) return { ok: false, message: 'it has no ranges' }
  return { ok: true, report: parsed.data }
}

/**
 * The ranges that hold those of all devices. Without rows of the others, no percentile of all rows is known, so the
 * widest one counts: a range that is too wide costs accuracy, and one that is too narrow cuts values off.
 */
export function joinRanges(reports: readonly RangesReport[]): JoinedRanges | undefined {
  if (reports.length === 0) return undefined
  const joined = new Map<string, TensorRanges[string]>()
  for (const { ranges } of reports) {
    for (const [name, bounds] of Object.entries(ranges)) joined.set(name, widest(joined.get(name), bounds))
  }
  return {
    rows: reports.reduce((sum, { rows }) => sum + rows, 0),
    devices: reports.length,
    ranges: Object.fromEntries([...joined].toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)))),
  }
}

type Bounds = TensorRanges[string]

function widest(one: Bounds | undefined, other: Bounds): Bounds {
  if (!one) return other
  return [join(one[0], other[0]), join(one[1], other[1]), join(one[2], other[2])]
}

const join = (one: Bounds[0], other: Bounds[0]): Bounds[0] => [Math.min(one[0], other[0]), Math.max(one[1], other[1])]

/** The ranges of one method, by tensor. They are those of float32, which the report writes in nine digits. */
export function rangesBy(method: RangeMethod, { ranges }: Pick<JoinedRanges, 'ranges'>) {
  const place = RangeMethod.options.indexOf(method)
  return new Map(
    Object.entries(ranges).map(([name, bounds]) => {
      const [min, max] = bounds[place] ?? bounds[0]
      return [name, { min: Math.fround(min), max: Math.fround(max) }] as const
    }),
  )
}

/** [IEEE 754] Nine digits give each float32 back exactly. */
export const boundOf = (value: number): number => Number(Math.fround(value).toPrecision(9))
