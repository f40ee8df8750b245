/** Readings: what a mote measured while steam was brought near it, as a recording that the equipment of this example replays. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { csvRows } from '@skerry/core/values/csv-rows'
import type { Replay } from '@skerry/testkit/peers/compiled-peer'

const MOTE = join(import.meta.dirname, '../sensor-anomaly/readings/single-hop-mote4-outdoor.csv')

/** From quiet over the steam to quiet again; the last are so near to the first that nothing jumps where it begins anew. */
const FIRST = 2_303
const LAST = 2_452

/** Fifty times as quick as they were taken: the steam comes every quarter of a minute. */
const EVERY_MS = 100

export type Readings = {
  replay: Replay
  /** Whether steam is near the pump at that time, as the people wrote down who brought it. */
  isSteam(atMs: number): boolean
}

/** Writes the recording into the folder; it begins now. */
export async function recordReadings(folder: string): Promise<Readings> {
  const rows = csvRows(await readFile(MOTE, 'utf8'))
    .slice(FIRST, LAST)
    .map(({ values }) => values)
  const readings = join(folder, 'readings.csv')
  const lines = rows.map(({ humidity, temperature }) => `${humidity},${temperature}\n`)
  await writeFile(readings, `humidity,temperature\n${lines.join('')}`)
  const beganMs = Date.now()
  const at = (timeMs: number) => rows[Math.floor((timeMs - beganMs) / EVERY_MS) % rows.length]
  return { replay: { readings, everyMs: EVERY_MS, beganMs }, isSteam: (timeMs) => at(timeMs)?.label === '1' }
}
