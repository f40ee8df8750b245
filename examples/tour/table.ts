/** Table: how things stand at each place, as lines of text. */
import { type Feeder, p50Ms } from './feeder.ts'

const columns = ['site', 'country', 'kind', 'version', 'readings scored', 'alarms', 'p50 latency'] as const

/** Numbers stand right, words left. */
const isNumeric = [false, false, false, true, true, true, true]

export function tableLines(feeders: readonly Feeder[]): string[] {
  const rows = [[...columns], ...feeders.map(cells)]
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    row.map((cell, index) => pad(cell, widths[index] ?? 0, isNumeric[index] === true)).join('   ')
  return rows.map((row) => `   ${line(row)}`.trimEnd())
}

function cells(feeder: Feeder): string[] {
  const { place, version, readings, alarms } = feeder
  const latencyMs = p50Ms(feeder)
  return [
    place.site.name,
    place.site.country ?? '',
    place.site.kind,
    version === undefined ? '-' : `v${version}`,
    readings.toLocaleString('en'),
    alarms.toLocaleString('en'),
    latencyMs === undefined ? '-' : `${latencyMs.toFixed(1)} ms`,
  ]
}

const pad = (cell: string, width: number, isRight: boolean) => (isRight ? cell.padStart(width) : cell.padEnd(width))
