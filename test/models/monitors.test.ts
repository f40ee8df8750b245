/** Monitors with real processes: two devices count their values, and the hub finds the one whose inputs moved. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Monitor } from '@skerry/contract/monitors/monitor'
import { buildModel, float32Tensor } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { filesBelow } from '@skerry/testkit/files-below'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'

const NAME = 'vibration'
const SITE = { name: 'hamburg', kind: 'edge', country: 'DE' } as const
const OTHER_SITE = { name: 'bremen', kind: 'edge', country: 'DE' } as const
const COLUMNS = 2
const ROWS = 200

let folder: string
let hub: HubProgram
let agents: AgentProgram[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-monitors-'))
  hub = await startHub(await newHubHome(folder))
  agents = [
    await startAgent(hub, { site: SITE, device: 'press-1', folder }),
    await startAgent(hub, { site: OTHER_SITE, device: 'press-2', folder }),
  ]
  await pushModel(hub, { name: NAME, bytes: modelOf(0.5), golden: { cases: [caseOf(0)] } })
})
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()))
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

const modelOf = (weight: number) =>
  writeModel(
    buildModel({
      opsets: { 'ai.onnx': 13 },
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, COLUMNS] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
      initialisers: [float32Tensor('w', [COLUMNS, 1], Float32Array.of(1, weight))],
      nodes: [{ operator: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    }),
  )

async function deployed(version: string): Promise<void> {
  const { client } = hub
  await client.deployment.apply({ name: NAME, deployable: NAME, version, probation: { seconds: 0 } })
  await until(async () => (await client.deployment.get({ deployment: NAME })).rolloutStatus === 'done')
}

/** Rows between 0 and 1 that are the same each time; the second column is shifted. */
const rowsOf = (shift: number) =>
  Float32Array.from({ length: ROWS * COLUMNS }, (_, at) => ((at * 0.6180339887) % 1) + (at % COLUMNS === 1 ? shift : 0))

const caseOf = (shift: number) => ({ inputs: { x: floatTensor([ROWS, COLUMNS], rowsOf(shift)) } })

/** A row whose bytes occur nowhere else by chance. Its values are neither the least nor the largest ones of a window. */
const PLANTED = Float32Array.of(0.30718281828, 0.41853981634)

async function ask(agent: AgentProgram, shift: number): Promise<void> {
  const rows = rowsOf(shift)
  // Among shifted rows it would be the least value of a window, which a device reports.
  if (shift === 0) rows.set(PLANTED, COLUMNS)
  const body = { inputs: [{ name: 'x', datatype: 'FP32', shape: [ROWS, COLUMNS], data: [...rows] }] }
  const answer = await fetch(`${agent.restUrl}/v2/models/${NAME}/infer`, { method: 'POST', body: JSON.stringify(body) })
  expect(answer.status).toBe(200)
}

/** Asks both devices until the monitor says so. */
async function asked(shifts: readonly number[], hasCome: (monitor: Monitor) => boolean): Promise<Monitor> {
  let monitor = await hub.client.monitor.get({ name: NAME })
  await until(async () => {
    await Promise.all(agents.map((agent, at) => ask(agent, shifts[at] ?? 0)))
    monitor = await hub.client.monitor.get({ name: NAME })
    return hasCome(monitor)
  })
  return monitor
}

test('devices count into the bins of the reference, and a moved column of one device is found', async () => {
  const { client } = hub
  await deployed('1')
  const made = await client.profile.make({ name: NAME, version: '1' })
  expect(made).toMatchObject({ origin: 'golden', rows: ROWS, features: COLUMNS + 1, left: 0 })
  await client.monitor.set({ name: NAME, spec: { windowSeconds: 5, rowsMin: 400 } })

  const calm = await asked([0, 0], ({ versions: [version] }) => version?.state === 'ok' && version.windows > 1)
  expect(calm.versions).toHaveLength(1)
  expect(calm.versions[0]?.features.map(({ state }) => state)).toEqual(['ok', 'ok', 'ok'])

  const moved = await asked(
    [0, 2],
    ({ versions: [version] }) =>
      version?.features.some(({ feature, state }) => feature === 'x[1]' && state === 'alert') === true,
  )
  const features = new Map(moved.versions[0]?.features.map((feature) => [feature.feature, feature]))
  expect(features.get('x[1]')).toMatchObject({ state: 'alert', findings: ['drift'] })
  expect(features.get('x[0]')).toMatchObject({ state: 'ok', findings: [] })
  expect(moved.versions[0]?.moved).toEqual(['site=bremen'])

  const series = await client.monitor.series({ name: NAME, version: 1 })
  expect(series.features).toEqual(['x[0]', 'x[1]', 'y'])
  expect(series.points.at(-1)?.stability[1]).toBeGreaterThan(0.25)
})

test('no value of a counted row lies on a disk, neither of the hub nor of a device, nor in a log', async () => {
  const bytes = Buffer.from(PLANTED.buffer)
  const wide = Buffer.from(Float64Array.from(PLANTED).buffer)
  // Eight digits: a latency in a report may begin with the same five.
  const digits = [...PLANTED].map((value) => String(value).slice(0, 10))
  const needles = [...digits, bytes, bytes.toString('base64').slice(0, 10), wide.subarray(0, 8)]
  const paths: string[] = []
  const found = new Set<string>()
  for await (const { path, bytes: content } of filesBelow(folder)) {
    paths.push(path)
    for (const needle of needles) expect([path, needle, content.includes(needle)]).toEqual([path, needle, false])
    // The counts of the same rows are there, so that the search would find a row.
    if (content.includes('"moments":{"n":')) found.add(path.slice(folder.length))
  }
  expect([...found].some((path) => path.startsWith('/hub/hub.sqlite'))).toBe(true)
  expect(paths.some((path) => path.endsWith('hub.log'))).toBe(true)
})

test('a version that alerts goes back by itself, and a dry run only says so', async () => {
  const { client } = hub
  await pushModel(hub, { name: NAME, bytes: modelOf(0.4), golden: { cases: [caseOf(0)] } })
  await client.profile.make({ name: NAME, version: '2' })
  await deployed('2')
  const rule = { windowSeconds: 5, rowsMin: 400, windows: 1 }
  await client.monitor.set({ name: NAME, spec: { ...rule, actions: [{ do: 'rollback' }] } })
  const tried = await asked([2, 2], ({ acts }) => acts.length > 0)
  expect(tried.acts).toMatchObject([
    { action: 'rollback', version: 2, outcome: 'dry-run', message: `would roll back ${NAME}` },
  ])
  expect((await client.deployment.get({ deployment: NAME })).version).toBe(2)

  await client.monitor.set({ name: NAME, spec: { ...rule, actions: [{ do: 'rollback', isDryRun: false }] } })
  const done = await asked([2, 2], ({ acts }) => acts.some(({ outcome }) => outcome === 'done'))
  expect(done.acts).toHaveLength(2)
  await until(async () => {
    const { rows } = await client.model.serving({ name: NAME })
    return rows.length === 1 && rows[0]?.version === 1 && rows[0].devices === 2
  })
  const { rows } = await client.audit.list({ action: 'monitor.act' })
  expect(rows.map(({ actor, detail }) => [actor.kind, detail?.outcome])).toEqual([
    ['hub', 'dry-run'],
    ['hub', 'done'],
  ])
})

test('a canary whose values moved fails its drift gate, and the devices return to the version before', async () => {
  const { client } = hub
  await client.monitor.set({ name: NAME, spec: { windowSeconds: 5, rowsMin: 400, windows: 1 } })
  await pushModel(hub, { name: NAME, bytes: modelOf(-4), golden: { cases: [caseOf(0)] } })
  await client.profile.make({ name: NAME, version: '3' })
  const drift = {
    name: 'drift',
    measure: 'drift' as const,
    failure: 'result.value > 0.25',
    intervalSeconds: 1,
    count: 1_000,
  }
  await client.deployment.apply({
    name: NAME,
    deployable: NAME,
    version: '3',
    probation: { seconds: 0 },
    strategy: {
      waves: [{ name: 'canary', selector: 'device.name == "press-1"', soakSeconds: 60, analysis: [drift] }],
      onFailure: 'rollback-all',
    },
  })
  await until(async () => {
    await Promise.all(agents.map((agent) => ask(agent, 2)))
    return (await client.deployment.get({ deployment: NAME })).rolloutStatus === 'rolled-back'
  })
  await until(async () => {
    const { rows } = await client.model.serving({ name: NAME })
    return rows.length === 1 && rows[0]?.version === 1 && rows[0].devices === 2
  })
  const { points } = await client.monitor.series({ name: NAME, version: 3 })
  expect(points.every(({ windows }) => windows === 1)).toBe(true)
})
