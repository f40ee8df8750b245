/** Readings: the measurements of the motes, as windows of eight readings that the model scores. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

export const SENSOR_FOLDER = join(import.meta.dirname, '../sensor-anomaly')

/** The shape on which the models were trained: eight readings of humidity and temperature. */
export const WINDOW_SHAPE = [1, 8, 2]
const WINDOW_READINGS = 8

/**
 * Steam was brought near some motes after some 2,340 readings. Beginning here, the tour meets it within its first
 * seconds.
 */
const FIRST_READING = 2_300

/** For ever: the next window of each mote in turn, oldest reading first, as 16 numbers. */
export async function* windowsOf(motes: readonly string[]): AsyncGenerator<number[], never> {
  const series = await Promise.all(motes.map(readMote))
  for (let end = FIRST_READING; ; end += 1) {
    for (const readings of series) yield windowEndingAt(readings, end)
  }
}

function windowEndingAt(readings: readonly number[][], end: number): number[] {
  const last = WINDOW_READINGS + (end % (readings.length - WINDOW_READINGS))
  return readings.slice(last - WINDOW_READINGS, last).flat()
}

/** Lines of `reading,humidity,temperature,label`, under a line of names. */
async function readMote(mote: string): Promise<number[][]> {
  const text = await readFile(join(SENSOR_FOLDER, 'readings', `${mote}.csv`), 'utf8')
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').slice(1, 3).map(Number))
}
