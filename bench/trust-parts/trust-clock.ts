/** trust, its clock: processor time of this process, and the middle of several rounds. */
import { median } from '../serve-parts/serve-latency.ts'

/** An odd number: the middle one counts. */
const ROUNDS = 7

/** Processor time, of all threads, in microseconds for each of `count`. The first round warms up and is thrown away. */
export async function cpuUsEach(count: number, work: () => unknown): Promise<number> {
  return medianOf(async () => {
    const { user, system } = process.cpuUsage()
    await work()
    const end = process.cpuUsage()
    return (end.user - user + end.system - system) / count
  })
}

/** Times a second, by the clock. */
export async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  return medianOf(async () => {
    const startMs = performance.now()
    await work()
    return (count / (performance.now() - startMs)) * 1_000
  })
}

async function medianOf(round: () => Promise<number>): Promise<number> {
  await round()
  const all: number[] = []
  for (let count = 0; count < ROUNDS; count++) all.push(await round())
  return median(all)
}

/** Three significant digits. */
export const rounded = (value: number): number => Number(value.toPrecision(3))
