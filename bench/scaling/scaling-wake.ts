/** Wake: a request for a model of 10 MB that has left the memory, from its arrival to its answer. */
import { setTimeout as sleep } from 'node:timers/promises'
import { floats, openHost, quantileOf, rounded, serveModel, timeOf } from './scaling-host.ts'

const WAKES = 20

/** [issue 24] From zero to the first answer. */
const GOAL_P95_MS = 1_000

/** A small picture: the load of the model counts, not its run. */
const picture = () => floats('x', [1, 3, 48, 64], new Float32Array(3 * 48 * 64))

export async function measureWakes(modelPath: string): Promise<object> {
  const { host } = openHost()
  const scaling = {
    min: 0,
    max: 1,
    target: { metric: 'concurrency', value: 4 },
    windowSeconds: 1,
    panic: { seconds: 1 },
    cooldownSeconds: 0,
  }
  await serveModel(host, { name: 'ocr', modelPath, scaling })
  const wakes: number[] = []
  const awake: number[] = []
  for (let turn = 0; turn < WAKES; turn++) {
    while ((host.stats()[0]?.scale?.count ?? 1) > 0) await sleep(50)
    wakes.push(await timeOf(host, 'ocr', [picture()]))
    awake.push(await timeOf(host, 'ocr', [picture()]))
  }
  await host.close()
  const p95Ms = quantileOf(wakes, 0.95)
  return {
    wakes: WAKES,
    p50Ms: rounded(quantileOf(wakes, 0.5)),
    p95Ms: rounded(p95Ms),
    loadedP50Ms: rounded(quantileOf(awake, 0.5)),
    goalP95Ms: GOAL_P95_MS,
    isReached: p95Ms <= GOAL_P95_MS,
  }
}
