/** Asking devices over their links: a real hub, a real agent with its runner, and what ends either in the middle. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@skerry/client/client'
import { problemOf } from '@skerry/client/problem'
import type { InferAnswer, NamedTensor } from '@skerry/contract/models/infer'
import { buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  type AgentProgram,
  type HubHome,
  type HubProgram,
  newHubHome,
  startAgent,
  startHub,
} from '../examples/stage/fleet.ts'
import { pushModel } from '../examples/stage/push.ts'

const DEVICE = 'press-1'
const SITE = { name: 'hamburg', kind: 'edge', country: 'DE' } as const

let folder: string
let home: HubHome
let hub: HubProgram
let agent: AgentProgram

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-commands-'))
  home = await newHubHome(folder)
  hub = await startHub(home)
  agent = await startAgent(hub, { site: SITE, device: DEVICE, folder })
  await serve('relu', { inputs: [x([-1, 2])], outputs: [y([-1, 2])], nodes: [node('Relu', 'x', 'y')] })
  await serve('slow', slowModel(), UNTRIED)
})

afterAll(async () => {
  await agent?.stop()
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

type Parts = Parameters<typeof buildModel>[0]

const x = (shape: number[]) => ({ name: 'x', datatype: 'FP32' as const, shape })
const y = (shape: number[]) => ({ name: 'y', datatype: 'FP32' as const, shape })
const node = (operator: string, from: string, to: string) => ({ operator, inputs: [from], outputs: [to] })

/** The side of the matrix: its tensor has 4 MiB, and one product takes two billion additions and products. */
const SIDE = 1_024
/** So many of them take seconds on any machine. */
const PRODUCTS = 400

function slowModel(): Parts {
  const nodes = Array.from({ length: PRODUCTS }, (_, index) => ({
    operator: 'MatMul',
    inputs: [index === 0 ? 'x' : `p${index - 1}`, 'x'],
    outputs: [index === PRODUCTS - 1 ? 'y' : `p${index}`],
  }))
  return { inputs: [x([SIDE, SIDE])], outputs: [y([SIDE, SIDE])], nodes }
}

/** A run of the slow model while it is loaded would take longer than all the tests. */
const UNTRIED = { warmUpRuns: 0 }

async function serve(model: string, parts: Parts, serving: { warmUpRuns?: number } = {}): Promise<void> {
  await pushModel(hub, { model, bytes: new Uint8Array(writeModel(buildModel(parts))) })
  await hub.client.deployment.apply({ name: model, model, serving, probation: { seconds: 0 } })
  await serves(model)
}

/** Waits until the device serves it. */
async function serves(model: string): Promise<void> {
  const serving = async () => {
    const { items } = await hub.client.device.get({ device: DEVICE })
    return items.find((item) => item.name === model)?.serving?.version
  }
  await vi.waitFor(async () => expect(await serving()).toBe(1), PATIENCE_MS)
}

const floats = (shape: number[], values: number[]): NamedTensor => ({
  name: 'x',
  datatype: 'FP32',
  shape,
  data: values,
})

const ask = (model: string, inputs: NamedTensor[], more: object = {}): Promise<InferAnswer> =>
  hub.client.device.infer({ device: DEVICE, model, inputs, ...more })

/** The problem that a call ends with. */
async function problem(call: Promise<unknown>) {
  const { code, message } = await call.then(
    (answer) => ({ code: 'none', message: JSON.stringify(answer).slice(0, 200) }),
    problemOf,
  )
  return { code, message }
}

const slowly = (): NamedTensor[] => [
  { ...floats([SIDE, SIDE], []), data: Buffer.alloc(SIDE * SIDE * 4).toString('base64') },
]

test('the model on the device answers, with its times', async () => {
  const answer = await ask('relu', [floats([2, 2], [1, -2, -3, 4])])
  expect(answer).toMatchObject({
    device: DEVICE,
    model: 'relu',
    version: 1,
    outputs: [{ name: 'y', datatype: 'FP32', shape: [2, 2], data: [1, 0, 0, 4] }],
  })
  expect(answer.totalUs).toBeGreaterThanOrEqual(answer.runnerUs)
  expect((await ask('relu', [floats([1, 2], [1, -2])], { outputsAs: 'raw', outputs: ['y'] })).outputs).toEqual([
    { name: 'y', datatype: 'FP32', shape: [1, 2], data: 'AACAPwAAAAA=' },
  ])
})

test('16 MiB go there and back as they are', async () => {
  const rows = 2 * 2 ** 20
  const bytes = Buffer.alloc(rows * 2 * 4)
  for (let at = 0; at < bytes.length; at += 4) bytes.writeFloatLE((at % 1_000) + 0.5, at)
  const input = { ...floats([rows, 2], []), data: bytes.toString('base64') }
  const { outputs } = await ask('relu', [input], { outputsAs: 'raw' })
  // Not by the test's own comparison, which would print 16 MiB.
  expect(outputs[0]?.data === input.data).toBe(true)
})

test.each([
  ['a wrong shape', 'relu', [floats([1, 3], [1, 2, 3])], {}, 'inference_refused', /'x'/],
  ['a strange output', 'relu', [floats([1, 2], [1, 2])], { outputs: ['z'] }, 'inference_refused', /z/],
  ['another version', 'relu', [floats([1, 2], [1, 2])], { version: 9 }, 'model_unserved', /9/],
] as const)("%s is refused in the runner's words", async (_what, model, inputs, more, code, message) => {
  expect(await problem(ask(model, [...inputs], more))).toEqual({ code, message: expect.stringMatching(message) })
})

test('a model that the device does not serve is said', async () => {
  await pushModel(hub, {
    model: 'elsewhere',
    bytes: new Uint8Array(
      writeModel(buildModel({ inputs: [x([-1])], outputs: [y([-1])], nodes: [node('Abs', 'x', 'y')] })),
    ),
  })
  expect((await problem(ask('elsewhere', [floats([1], [1])]))).code).toBe('model_unserved')
})

test('the log of the agent comes, newest last, by level and number', async () => {
  const { lines, omittedCount } = await hub.client.device.logs({ device: DEVICE })
  const events = lines.map(({ event }) => event)
  expect(events).toContain('agent_started')
  expect(events).toContain('runner_ready')
  expect(events.at(-1)).toBe('command_begun')
  expect(omittedCount).toBe(0)
  const last = await hub.client.device.logs({ device: DEVICE, limit: 2 })
  expect(last.lines).toHaveLength(2)
  expect(last.omittedCount).toBeGreaterThanOrEqual(events.length - 2)
  const warnings = await hub.client.device.logs({ device: DEVICE, level: 'error' })
  expect(warnings.lines.every(({ level }) => level === 'error')).toBe(true)
  // Neither the token that it joined with, nor any key, nor anything of the tensors.
  const everything = JSON.stringify(lines)
  expect(everything).not.toMatch(/PRIVATE KEY|skj_[\w-]{20}|sk_[a-z2-7]{12}_/)
})

test('what takes too long is ended, and the device answers others meanwhile', async () => {
  const late = problem(ask('slow', slowly(), { timeoutMs: 1_000 }))
  expect((await ask('relu', [floats([1, 2], [1, 2])])).outputs[0]?.data).toEqual([1, 2])
  expect((await late).code).toBe('command_timeout')
})

test('a viewer may neither run models nor read logs', async () => {
  const { secret } = await hub.client.key.create({ name: 'looker', role: 'viewer' })
  const viewer = createClient({ hub: hub.url, key: secret })
  const inputs = [floats([1, 2], [1, 2])]
  expect((await problem(viewer.device.infer({ device: DEVICE, model: 'relu', inputs }))).code).toBe('permission_denied')
  expect((await problem(viewer.device.logs({ device: DEVICE }))).code).toBe('permission_denied')
})

test(
  'an agent that is killed in the middle ends the question at once; started again, it answers',
  deep('kills the agent; the test of the end of a question is quick'),
  async () => {
    const begun = await begunCount()
    const lost = problem(ask('slow', slowly(), { timeoutMs: 60_000 }))
    await expect.poll(begunCount).toBeGreaterThan(begun)
    await agent.kill()
    expect((await lost).code).toBe('device_unreachable')
    expect((await problem(ask('relu', [floats([1, 2], [1, 2])]))).code).toBe('device_unreachable')
    agent = await agent.again()
    await answersAgain()
  },
)

test(
  'a hub that is killed in the middle leaves the device as it is; started again, it asks',
  deep('kills the hub; test/fleet.test.ts kills one in a rollout'),
  async () => {
    const begun = await begunCount()
    const lost = problem(ask('slow', slowly(), { timeoutMs: 60_000 }))
    await expect.poll(begunCount).toBeGreaterThan(begun)
    await hub.kill()
    expect((await lost).code).toBe('hub_unreachable')
    hub = await startHub(home)
    await answersAgain()
  },
)

/** How many commands the agent has begun, as its log on disk says. */
async function begunCount(): Promise<number> {
  return (await readFile(join(folder, `${DEVICE}.log`), 'utf8')).split('"command_begun"').length - 1
}

/** The link comes back by itself, and the model is loaded again. */
async function answersAgain(): Promise<void> {
  const answered = async () => {
    const answer = await ask('relu', [floats([1, 2], [-1, 2])]).catch(problemOf)
    return 'outputs' in answer ? answer.outputs[0]?.data : answer.code
  }
  await expect.poll(answered, { interval: 250 }).toEqual([0, 2])
}
