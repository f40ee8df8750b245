/** Recording of real readings: what a source would have given while they were taken, one each five seconds. */
import type { FlowSample } from '@skerry/contract/flows/flow-recording'
import { csvRows } from '@skerry/core/values/csv-rows'

/** When they were taken nobody wrote down; the day only has to be the same each time. */
const START_MS = Date.UTC(2026, 10, 27)
const EVERY_MS = 5_000

export type Excerpt = {
  source: string
  from: number
  to: number /** Readings that are lost on the way. */
  lost: ReadonlySet<number>
}

/** The lines of a recording. */
export function recordingOf(csv: string, { source, from, to, lost }: Excerpt): string {
  const samples = csvRows(csv)
    .slice(from, to)
    .flatMap(({ values }, at) =>
      ['humidity', 'temperature'].map((tag) => sampleOf({ source, tag, at, lost }, Number(values[tag]))),
    )
  return samples.map((sample) => `${JSON.stringify(sample)}\n`).join('')
}

type Place = { source: string; tag: string; at: number; lost: ReadonlySet<number> }

function sampleOf({ source, tag, at, lost }: Place, value: number): FlowSample {
  const receivedTimeMs = START_MS + at * EVERY_MS
  if (!lost.has(at)) return { source, tag, quality: 'good', value, receivedTimeMs }
  const cause = { code: 'source_lost', message: 'the mote did not answer' }
  return { source, tag, quality: 'bad', receivedTimeMs, cause }
}
