/** Motes: the real readings of examples/sensor-anomaly as requests of the model: windows of eight readings. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const FOLDER = join(import.meta.dirname, '../sensor-anomaly')

/** The model takes windows of eight readings of humidity and temperature. */
const READINGS = 8
const COLUMNS = 2

/** Two yards with motes of the same kinds: a reference of both fits each. */
const MOTES = {
  north: ['multi-hop-mote1-outdoor', 'single-hop-mote3-outdoor'],
  south: ['multi-hop-mote2-outdoor', 'single-hop-mote4-outdoor'],
} as const

export type Place = keyof typeof MOTES

export const modelFile = (version: 'v1' | 'v2') => readFile(join(FOLDER, `model-${version}.onnx`))

/** The windows of the motes at one place, one after the other; `drift` is added to each temperature. */
export async function windowsOf(place: Place, { drift = 0, count }: { drift?: number; count: number }) {
  const readings = (await Promise.all(MOTES[place].map(readingsOf))).flat()
  // A prime step visits all times of the day before any of them comes again.
  const starts = Array.from({ length: count }, (_, at) => (at * 4_801) % (readings.length - READINGS))
  const values = starts.flatMap((start) =>
    readings.slice(start, start + READINGS).flatMap(([humidity, temperature]) => [humidity, temperature + drift]),
  )
  return { shape: [count, READINGS, COLUMNS], values: Float32Array.from(values) }
}

async function readingsOf(mote: string): Promise<[number, number][]> {
  const text = await readFile(join(FOLDER, 'readings', `${mote}.csv`), 'utf8')
  const [, ...lines] = text.trim().split('\n')
  return lines.map((line) => {
    const [, humidity, temperature] = line.split(',').map(Number)
    return [humidity ?? Number.NaN, temperature ?? Number.NaN]
  })
}
