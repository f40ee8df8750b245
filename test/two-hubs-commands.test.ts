/**
 * A real device behind a balancer with two hubs: either is asked, and either may die while it is.
 * @module-tag deep Kills a hub under a question; apps/hub/test/base/two-hubs-commands.test.ts asks through both hubs.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { problemOf } from '@skerry/client/problem'
import type { InferAnswer, NamedTensor } from '@skerry/contract/models/infer'
import { buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { hasPostgres } from '@skerry/testkit/postgres-cluster'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type AgentProgram, startAgent } from '../examples/stage/fleet.ts'
import { pushModel } from '../examples/stage/push.ts'
import { type HubPair, openHubPair } from './stage/two-hubs.ts'

const DEVICE = 'press-1'

/** The side of a matrix of 4 MiB; so many products of it take seconds on any machine. */
const SIDE = 1_024
const PRODUCTS = 400

/** A device comes to another hub, and loads nothing anew. */
const COMING = { interval: 100 }

const tensor = (name: string, shape: number[]) => ({ name, datatype: 'FP32' as const, shape })

describe.skipIf(!hasPostgres)('a device and two hubs', () => {
  let pair: HubPair
  let agent: AgentProgram

  beforeAll(async () => {
    pair = await openHubPair()
    const [hub] = pair.hubs
    agent = await startAgent(hub, { site: { name: 'hamburg', kind: 'edge' }, device: DEVICE, folder: pair.folder })
    await serve('relu', {
      inputs: [tensor('x', [-1, 2])],
      outputs: [tensor('y', [-1, 2])],
      nodes: [{ operator: 'Relu', inputs: ['x'], outputs: ['y'] }],
    })
    const nodes = Array.from({ length: PRODUCTS }, (_, index) => ({
      operator: 'MatMul',
      inputs: [index === 0 ? 'x' : `p${index - 1}`, 'x'],
      outputs: [index === PRODUCTS - 1 ? 'y' : `p${index}`],
    }))
    await serve('slow', { inputs: [tensor('x', [SIDE, SIDE])], outputs: [tensor('y', [SIDE, SIDE])], nodes })
  })
  afterAll(async () => {
    await agent?.stop()
    await pair?.[Symbol.asyncDispose]()
  })

  async function serve(model: string, parts: Parameters<typeof buildModel>[0]): Promise<void> {
    const [hub] = pair.hubs
    await pushModel(hub, { model, bytes: new Uint8Array(writeModel(buildModel(parts))) })
    await hub.client.deployment.apply({ name: model, model, probation: { seconds: 0 } })
    const serving = async () => {
      const { items } = await pair.clientOf(0).device.get({ device: DEVICE })
      return items.find((item) => item.name === model)?.serving?.version
    }
    await vi.waitFor(async () => expect(await serving()).toBe(1), PATIENCE_MS)
  }

  const ask = (index: number, model: string, inputs: NamedTensor[], more: object = {}): Promise<InferAnswer> =>
    pair.clientOf(index).device.infer({ device: DEVICE, model, inputs, ...more })
  const small: NamedTensor[] = [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [-1, 2] }]

  /** Which hub has the device's link. */
  async function holder(): Promise<0 | 1> {
    const links = await pair.links()
    return links[0] > 0 ? 0 : 1
  }
  /** How many commands the agent has begun, as its log on disk says. */
  const begunCount = async () =>
    (await readFile(join(pair.folder, `${DEVICE}.log`), 'utf8')).split('"command_begun"').length - 1

  test('either hub has the model answer, and gives the log', async () => {
    for (const index of [0, 1, 0, 1]) {
      expect((await ask(index, 'relu', small)).outputs[0]?.data).toEqual([0, 2])
      const { lines } = await pair.clientOf(index).device.logs({ device: DEVICE })
      expect(lines.map(({ event }) => event)).toContain('agent_started')
    }
  })

  test('16 MiB go there and back as they are, through the hub that has the device not', async () => {
    const rows = 2 * 2 ** 20
    const bytes = Buffer.alloc(rows * 2 * 4)
    for (let at = 0; at < bytes.length; at += 4) bytes.writeFloatLE((at % 1_000) + 0.5, at)
    const input: NamedTensor = { name: 'x', datatype: 'FP32', shape: [rows, 2], data: bytes.toString('base64') }
    const { outputs } = await ask(1 - (await holder()), 'relu', [input], { outputsAs: 'raw' })
    expect(outputs[0]?.data === input.data).toBe(true)
  })

  test('the hub with the link is killed in the middle: who asked the other is told at once, and asks again', async () => {
    const held = await holder()
    const other = held === 0 ? 1 : 0
    const begun = await begunCount()
    const data = Buffer.alloc(SIDE * SIDE * 4).toString('base64')
    const slowly: NamedTensor[] = [{ name: 'x', datatype: 'FP32', shape: [SIDE, SIDE], data }]
    const lost = ask(other, 'slow', slowly, { timeoutMs: 120_000 }).then(
      () => ({ code: 'none', message: '' }),
      problemOf,
    )
    await expect.poll(begunCount, COMING).toBeGreaterThan(begun)
    await pair.hubs[held].kill()
    expect(await lost).toMatchObject({ code: 'device_unreachable', message: expect.stringContaining('try again') })
    const answered = async () => {
      const answer = await ask(other, 'relu', small).catch(problemOf)
      return 'outputs' in answer ? answer.outputs[0]?.data : answer.code
    }
    await expect.poll(answered, COMING).toEqual([0, 2])
    expect(await pair.sql('select count(*) from hub_sessions')).not.toEqual(['0'])
    await pair.restart(held)
    // It knows where the device is, though it has never heard of it.
    const byTheNew = async () => {
      const answer = await ask(held, 'relu', small).catch(problemOf)
      return 'outputs' in answer ? answer.outputs[0]?.data : answer.code
    }
    await expect.poll(byTheNew, COMING).toEqual([0, 2])
  })
})
