/**
 * Scaling under kills: an agent dies, with its runner, at each step of a model's scale, and requests meet the last worker
 * on its way out. An end of the runner alone, or of the hub, is not tested here.
 *
 * @module-tag deep Each kill waits for a start; test/places/scaling.test.ts shows the steps without kills.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { startLoad } from '../../examples/stage/load.ts'
import { pushModel } from '../../examples/stage/push.ts'

const SPIN = new URL('../../packages/inference/test-data/spin.onnx', import.meta.url)
const QUICK = { windowSeconds: 2, panic: { seconds: 1, ratio: 1.5 }, cooldownSeconds: 1 } as const

let folder: string
let hub: HubProgram
let agent: AgentProgram
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-scaling-kills-'))
  hub = await startHub(await newHubHome(folder))
  agent = await startAgent(hub, { site: { name: 'plant', kind: 'edge' }, device: 'plant-1', folder })
  const steps = {
    datatype: 'INT64' as const,
    shape: [1],
    data: Buffer.from(BigInt64Array.of(5n).buffer).toString('base64'),
  }
  const bytes = new Uint8Array(await readFile(SPIN))
  await pushModel(hub, { name: 'mill', bytes, golden: { cases: [{ inputs: { steps } }] } })
  await hub.client.deployment.apply({
    name: 'mill',
    deployable: 'mill',
    probation: { seconds: 0 },
    serving: { scaling: { min: 0, max: 3, target: { metric: 'concurrency', value: 1 }, ...QUICK } },
  })
  await until(async () => (await countOf()) === 0)
})
afterAll(async () => {
  await agent?.stop()
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

const body = { inputs: [{ name: 'steps', shape: [1], datatype: 'INT64', data: [4_000] }] }

const load = (callers: number) => startLoad({ url: agent.restUrl, model: 'mill', callers, body })

async function countOf(): Promise<number | undefined> {
  const { workers } = await hub.client.scaling.explain({ deployment: 'mill' })
  return workers?.devices[0]?.now?.count
}

/** The steps of the scale at which something dies. Each resolves when the step is reached. */
const STEPS = {
  asleep: async () => {},
  waking: async () => {},
  awake: () => until(async () => ((await countOf()) ?? 0) >= 1),
  grown: () => until(async () => (await countOf()) === 3),
} as const

describe.each(Object.keys(STEPS) as (keyof typeof STEPS)[])('an agent that is killed while its model is %s', (step) => {
  test('tells each caller, serves again, and scales on', async () => {
    await until(async () => (await countOf()) === 0)
    const early = step === 'asleep' ? undefined : load(4)
    await STEPS[step]()
    await agent.kill()
    agent = await agent.again()
    const cut = await early?.()
    expect(cut?.silent ?? []).toEqual([])
    // The same address serves again.
    const late = load(4)
    await until(async () => (await countOf()) === 3)
    const ended = await late()
    expect(ended.silent).toEqual([])
    expect(ended.answered).toBeGreaterThan(0)
    await until(async () => (await countOf()) === 0)
  })
})

test('a request that comes while all workers fall to zero is answered', async () => {
  for (let turn = 0; turn < 10; turn++) {
    const end = load(1)
    await new Promise((resolve) => setTimeout(resolve, 300 + 200 * turn))
    expect(await end()).toMatchObject({ refused: 0, cut: 0, silent: [] })
    // Between two and three seconds later the last worker goes: some turns meet it on its way.
    await new Promise((resolve) => setTimeout(resolve, 1_900 + 50 * turn))
  }
})
