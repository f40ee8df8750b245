/** Measurement view: the speed of a version and its builds on devices, as a table. */
import type { BatchPlan } from '@skerry/contract/batches/batch'
import type { BenchCommand } from '@skerry/contract/builds/bench-command'
import type { Build } from '@skerry/contract/builds/build'
import type { Measurement, Ratio } from '@skerry/contract/builds/measurement'
import { sessionText } from '@skerry/core/builds/session-settings'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { countText, durationText, sizeText } from '../../program/terminal/words.ts'

/** Grouped by device, the version itself first, then the fastest build. */
export function measurementsTable(measurements: readonly Measurement[], style: Style): string {
  const rows = measurements.toSorted(byPlace).flatMap((each) => {
    const { hardwareClass, device, sessions = [] } = each
    const name = each.recipe ?? (each.build === undefined ? 'the version' : each.build)
    return [
      [device, hardwareClass, name, ...figureCells(each, style)],
      ...sessions.map((one) => [device, hardwareClass, `${name}, ${sessionText(one)}`, ...figureCells(one, style)]),
    ]
  })
  return tableOf(
    style,
    ['DEVICE', 'CLASS', 'BUILD', 'P50', 'P95', 'SPEED', 'MEMORY', 'RUNS', 'PROBLEM'],
    rows,
    'no measurements; "skerry model bench" makes some',
  )
}

const figureCells = ({ timing, problem }: Pick<Measurement, 'timing' | 'problem'>, style: Style) => [
  timing && millisecondsText(timing.p50Ms),
  timing && millisecondsText(timing.p95Ms),
  timing?.speed && ratioText(timing.speed),
  timing && sizeText(timing.peakBytes),
  timing?.n,
  problem && style.red(`${problem.code}: ${problem.message}`),
]

const byPlace = (one: Measurement, other: Measurement) =>
  one.device.localeCompare(other.device) ||
  Number(one.build !== undefined) - Number(other.build !== undefined) ||
  (other.timing?.speed?.middle ?? 0) - (one.timing?.speed?.middle ?? 0)

/** `1.93x (1.88 to 1.99)`. */
const ratioText = ({ low, middle, high }: Ratio) => `${middle.toFixed(2)}x (${low.toFixed(2)} to ${high.toFixed(2)})`

const millisecondsText = (ms: number) => `${Number(ms.toPrecision(3))} ms`

type BenchPlan = { wanted: BenchCommand; builds: readonly Build[]; plan: BatchPlan }

export function benchPlanText({ wanted, builds, plan }: BenchPlan, style: Style): string {
  const { candidates, name, version, seconds, cpuPercent, sessions, batches } = wanted
  const names = candidates.map(({ build }) => builds.find(({ id }) => id === build)?.recipe ?? build ?? 'the version')
  const files = new Map(candidates.flatMap((each) => each.files.map((file) => [file.digest, file.sizeBytes] as const)))
  const bytes = [...files.values()].reduce((sum, size) => sum + size, 0)
  return factsOf(style, [
    ['model', `${name}:${version}`],
    ['candidates', names.join(', ')],
    ['sessions', sessions && '2 and 4 threads, with and without spinning, as far as a device has cores'],
    ['batches', batches && 'of 4 and 16 rows, if the model takes batches'],
    ['fetches', `${sizeText(bytes)} a device at most`],
    ['takes', `${durationText(seconds * 1_000)} on a device, ${cpuPercent} % of one processor`],
    ['devices', `${countText(plan.count, 'device')}, ${plan.online} of them connected; nothing was created`],
  ])
}
