/** Failover: a device is killed under load; the time until the next good answer, and the fate of all requests. */
import type { AgentProgram, HubProgram } from '../../examples/stage/fleet.ts'
import { median } from '../serve-parts/serve-latency.ts'
import { WIDTH } from './places-model.ts'

const KILLS = 3
const LANES = 4

/** Longer than the gateway needs to test the place, and the hub to hear that it is back. */
const AGAIN_MS = 60_000

type Answer = { startMs: number; endMs: number; status: number; place: string | null; isRight: boolean }

type Failover = { hub: HubProgram; url: string; victim: AgentProgram }

export async function measureFailover({ hub, url, victim }: Failover): Promise<object> {
  const gaps: number[] = []
  const answers: Answer[] = []
  let agent = victim
  await using ends = new AsyncDisposableStack()
  for (let kill = 0; kill < KILLS; kill++) {
    const stop = new AbortController()
    const now: Answer[] = []
    const load = Array.from({ length: LANES }, async (_, lane) => {
      for (let x = lane; !stop.signal.aborted; x += LANES) now.push(await ask(hub, url, x % 100))
    })
    await untilSeen(now, agent.device)
    const killedMs = performance.now()
    await agent.kill()
    const seen = now.length
    while (now.length < seen + 200) await pause(5)
    stop.abort()
    await Promise.all(load)
    const next = now.find(({ endMs, status }) => endMs > killedMs && status === 200)
    gaps.push((next?.endMs ?? Number.POSITIVE_INFINITY) - killedMs)
    answers.push(...now)
    agent = ends.use(await agent.again())
  }
  const good = answers.filter(({ status }) => status === 200)
  return {
    kills: KILLS,
    requests: answers.length,
    failoverMs: median(gaps),
    slowestMs: Math.max(...answers.map(({ startMs, endMs }) => endMs - startMs)),
    wrong: good.filter(({ isRight }) => !isRight).length,
    told: answers.filter(({ status }) => status >= 400).length,
    untold: answers.filter(({ status }) => status === 0).length,
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function untilSeen(answers: readonly Answer[], device: string): Promise<void> {
  const endMs = performance.now() + AGAIN_MS
  while (!answers.slice(-50).some(({ place }) => place === device)) {
    if (performance.now() > endMs) throw new Error(`${device} answers no request`)
    await pause(20)
  }
}

async function ask(hub: HubProgram, url: string, x: number): Promise<Answer> {
  const startMs = performance.now()
  const data = Array<number>(WIDTH).fill(x)
  const body = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, WIDTH], data }] })
  const headers = { authorization: `Bearer ${hub.connection.key}`, 'content-type': 'application/json' }
  try {
    const response = await fetch(`${url}/v2/models/tiny-both/infer`, { method: 'POST', body, headers })
    const read = (await response.json()) as { outputs?: { data: number[] }[] }
    const isRight = read.outputs?.[0]?.data.every((value) => value === x) ?? false
    const place = response.headers.get('skerry-place')
    return { startMs, endMs: performance.now(), status: response.status, place, isRight }
  } catch {
    return { startMs, endMs: performance.now(), status: 0, place: null, isRight: false }
  }
}
