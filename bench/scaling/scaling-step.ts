/** Step: from a jump of the load to the workers that it asks for. */
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { NEVER, openHost, quantileOf, rounded, serveModel } from './scaling-host.ts'

const SPIN = fileURLToPath(new URL('../../packages/inference/test-data/spin.onnx', import.meta.url))

const TURNS = 5
const CALLERS = 4
const WANTED = 3

/** [issue 24] On a device. */
const GOAL_MS = 2_000

/** The defaults of a policy, but for the end of a turn. */
const SCALING = {
  min: 1,
  max: WANTED,
  target: { metric: 'concurrency', value: 1 },
  windowSeconds: 3,
  cooldownSeconds: 0,
}

const request = () => ({
  inputs: [
    {
      name: 'steps',
      datatype: 'INT64' as const,
      shape: [1],
      data: new Uint8Array(BigInt64Array.of(4_000n).buffer),
    },
  ],
})

export async function measureStep(): Promise<object> {
  const { host } = openHost()
  await serveModel(host, { name: 'spin', modelPath: SPIN, scaling: SCALING })
  const countNow = () => host.stats()[0]?.scale?.count ?? 0
  const decided: number[] = []
  const ready: number[] = []
  let failures = 0
  for (let turn = 0; turn < TURNS; turn++) {
    while (countNow() > 1) await sleep(100)
    await sleep(1_000)
    const stop = new AbortController()
    const startMs = performance.now()
    const startAtMs = Date.now()
    const callers = Array.from({ length: CALLERS }, async () => {
      while (!stop.signal.aborted) {
        if (!(await host.infer('spin', undefined, request(), NEVER)).ok) failures++
      }
    })
    while (countNow() < WANTED) await sleep(10)
    ready.push(performance.now() - startMs)
    const step = host.stats()[0]?.scale?.steps.find(({ to, atMs }) => to > 1 && atMs >= startAtMs)
    if (step) decided.push(step.atMs - startAtMs)
    stop.abort()
    await Promise.all(callers)
  }
  await host.close()
  const p95Ms = quantileOf(ready, 0.95)
  return {
    turns: TURNS,
    firstStepP50Ms: rounded(quantileOf(decided, 0.5)),
    readyP50Ms: rounded(quantileOf(ready, 0.5)),
    readyP95Ms: rounded(p95Ms),
    failures,
    goalMs: GOAL_MS,
    isReached: p95Ms <= GOAL_MS && failures === 0,
  }
}
