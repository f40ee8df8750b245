/** Measurements with real processes: two devices measure a version and its builds, and leave nothing behind. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hardwareClassOf } from '@skerry/core/devices/hardware-class'
import { buildModel, float32Tensor } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commandLine } from '../../examples/stage/command-line.ts'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'

const NAME = 'classifier'
const SITE = { name: 'hamburg', kind: 'edge', country: 'DE' } as const
const INPUTS = 1024
const CLASSES = 2048

let folder: string
let hub: HubProgram
const agents: AgentProgram[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-bench-'))
  hub = await startHub(await newHubHome(folder))
  for (const device of ['press-1', 'press-2']) agents.push(await startAgent(hub, { site: SITE, device, folder }))
  await pushModel(hub, { name: NAME, bytes: writeModel(classifier), golden: { cases: [1, 2, 3, 4].map(caseOf) } })
  await optimise()
})
afterAll(async () => {
  for (const agent of agents) await agent.stop()
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

const wave = (length: number, seed: number) =>
  Float32Array.from({ length }, (_, index) => Math.sin(index * 0.7 + seed) * 0.8)

const classifier = buildModel({
  opsets: { 'ai.onnx': 13 },
  inputs: [{ name: 'x', datatype: 'FP32', shape: [1, INPUTS] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [1, CLASSES] }],
  initialisers: [float32Tensor('m', [INPUTS, CLASSES], wave(INPUTS * CLASSES, 3))],
  nodes: [{ operator: 'MatMul', inputs: ['x', 'm'], outputs: ['y'] }],
})

const caseOf = (seed: number) => ({ inputs: { x: floatTensor([1, INPUTS], wave(INPUTS, seed)) } })

async function optimise(): Promise<void> {
  const goal = { differenceMax: 2 }
  const { client } = hub
  const started = await client.optimisation.start({ name: NAME, version: '1', recipes: ['dynamic-int8'], goal })
  await until(async () => (await client.optimisation.get({ optimisation: started.id })).endedAtMs !== undefined)
}

/** The processes of candidates that run now. */
async function candidateProcesses(): Promise<number> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')))
  return lines.filter((line) => line.includes('candidate-child')).length
}

test('two devices measure a version and its builds, and the CLI shows how fast each is', async () => {
  const cli = commandLine(hub, folder)
  const bench = ['model', 'bench', NAME, '--devices', 'true', '--seconds', '60', '--cpu', '100']
  expect(await cli(...bench, '--dry-run')).toContain('the version, dynamic-int8')
  const out = await cli(...bench, '--watch')
  expect(out).toContain('2 succeeded')
  const { rows } = await hub.client.build.measurements({ name: NAME, version: '1' })
  expect(rows).toHaveLength(4)
  const { inventory } = await hub.client.device.get({ device: 'press-1' })
  for (const { hardwareClass, timing, problem, build } of rows) {
    expect(problem).toBeUndefined()
    expect(hardwareClass).toBe(inventory && hardwareClassOf(inventory))
    expect(timing?.n).toBeGreaterThan(20)
    expect(timing?.peakBytes).toBeGreaterThan(30_000_000)
    expect(timing?.speed === undefined).toBe(build === undefined)
  }
  expect(out).toContain('the version')
  expect(await cli('build', 'measurements', NAME)).toMatch(/press-2 .* dynamic-int8 .*x \(/)
  expect(await cli('device', 'classes')).toContain('press-1, press-2')
  expect(await candidateProcesses()).toBe(0)
  for (const device of ['press-1', 'press-2']) {
    expect(await readdir(join(folder, device)), 'no folder of links is left').not.toContain('bench')
    const left = await readdir(join(folder, device, 'blobs'), { recursive: true })
    expect(left.filter((name) => /[0-9a-f]{60}/.test(name))).toEqual([])
  }
})
