/**
 * Learn normal with real processes: a device learns three tags of a simulator, the hub publishes a signed detector with its
 * alarm, and a planted fault raises the alarm and names the tag. No recorded row reaches the hub.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Flow } from '@skerry/contract/flows/flow'
import { filesWith } from '@skerry/testkit/files-below'
import { deep } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type AgentProgram,
  type HubHome,
  type HubProgram,
  newHubHome,
  startAgent,
  startHub,
} from '../../examples/stage/fleet.ts'

const DEVICE = 'line-1'

let folder: string
let home: HubHome
let hub: HubProgram
let agent: AgentProgram

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-learning-'))
  home = await newHubHome(folder)
  hub = await startHub(home)
  agent = await startAgent(hub, { site: { name: 'hamburg', kind: 'edge' }, device: DEVICE, folder })
  await hub.client.source.set({ name: 'pump', spec: source() })
  await hub.client.source.set({ name: 'panel', spec: PANEL })
})

afterAll(async () => {
  await agent?.stop()
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

const sine = (name: string, mean: number, amplitude: number, periodSeconds: number, offset = 0) => ({
  name,
  offset,
  signal: { kind: 'sine' as const, mean, amplitude, periodSeconds },
})

/** Three tags that follow one load. `offset`: a sensor that measures so much too much. */
const source = (offset = 0) => ({
  name: 'pump',
  protocol: 'simulator' as const,
  connection: { seed: 7 },
  groups: [
    {
      name: 'process',
      everyMs: 100,
      tags: [
        sine('pressure', 80, 5, 4),
        sine('temperature', 40, 2, 4, offset),
        sine('current', 7, 1, 4),
        { name: 'setpoint', signal: { kind: 'constant' as const, value: 1_234.5 } },
      ],
    },
  ],
})

const LAMP = { source: 'panel', tag: 'horn' }

/** The horn may sound only while the pump runs. */
const PANEL = {
  name: 'panel',
  protocol: 'simulator' as const,
  connection: { seed: 1 },
  groups: [
    {
      name: 'process',
      everyMs: 100,
      tags: [
        { name: 'running', signal: { kind: 'constant' as const, value: true } },
        {
          name: 'horn',
          signal: { kind: 'constant' as const, value: 1 },
          write: { min: 0, max: 1, interlock: { when: 'tags["running"]' } },
        },
      ],
    },
  ],
}

const SPEC = { device: DEVICE, source: 'pump', everyMs: 100, samples: 8, seconds: 25, shadowSeconds: 8 }
const TAGS = ['pressure', 'temperature', 'current']

const ended = async (name: string) => {
  await until(async () => (await hub.client.learning.get({ name })).endedAtMs !== undefined)
  return hub.client.learning.get({ name })
}

const untilRows = (name: string, rows: number) =>
  until(async () => (await hub.client.learning.get({ name })).rows >= rows)

/** NaN while the source begins again. */
const temperature = async (): Promise<number> => {
  const { tags } = await hub.client.source.look({ device: DEVICE, source: 'pump' }).catch(() => ({ tags: [] }))
  const value = tags.find(({ name }) => name === 'temperature')?.value
  return value?.quality === 'good' ? Number(value.value) : Number.NaN
}

const lamp = async () => {
  const { tags } = await hub.client.source.look({ device: DEVICE, source: 'panel' }).catch(() => ({ tags: [] }))
  const value = tags.find(({ name }) => name === 'horn')?.value
  return value?.quality === 'good' ? value.value : undefined
}

const newest = async (signal: string) => {
  const { rows } = await hub.client.telemetry.signals({ device: DEVICE })
  const found = rows.find((row) => row.signal === `pump-normal-alarm/${signal}`)
  return found?.newestText ?? found?.newestNumber
}

/**
 * The bytes of a recorded row on the device, as the recording and as a model would hold them. A row in the middle of the
 * sines would not do: the model has the median of each tag.
 */
async function recordedRow(name: string): Promise<Buffer[]> {
  const { id } = await hub.client.learning.get({ name })
  const bytes = await readFile(join(folder, DEVICE, 'learning', id, 'rows.f64'))
  const numbers = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + 5 * 32))
  const rows = Array.from({ length: 5 }, (_, row) => numbers.subarray(4 * row + 1, 4 * row + 3))
  const far = rows.toSorted(([a = 80], [b = 80]) => Math.abs(b - 80) - Math.abs(a - 80))[0] ?? numbers
  const floats = [Float64Array.from(far), Float32Array.from(far)]
  return floats.map(({ buffer }) => Buffer.from(buffer)).flatMap((row) => [row, Buffer.from(row.toString('base64'))])
}

test('a device learns three tags, tries the detector in shadow, and a planted fault raises its live alarm', async () => {
  const { client } = hub
  await client.learning.start({ spec: { ...SPEC, name: 'pump-normal', tags: TAGS, result: 'deploy', lamp: LAMP } })
  await untilRows('pump-normal', 5)
  const recorded = await recordedRow('pump-normal')
  await until(async () => (await client.learning.get({ name: 'pump-normal' })).phase === 'shadow')
  // The versions are there, and nothing runs yet.
  expect((await client.model.getVersion({ name: 'pump-normal', version: '1' })).version).toBe(1)
  await expect(client.deployment.get({ deployment: 'pump-normal-alarm' })).rejects.toMatchObject({
    code: 'deployment_unknown',
  })
  await agent.kill()
  agent = await agent.again()
  const learning = await ended('pump-normal')
  expect(learning.reason).toContain('the shadow raised 0 alarms in 8 seconds; the promise is at most one in 7 days')
  expect(learning.outcome?.shadow).toMatchObject({ rows: 80, rowsWanted: 80, alarms: 0 })
  expect(learning).toMatchObject({ phase: 'done', rows: 250, modelVersion: 1, flowVersion: 1 })
  expect(learning.outcome?.candidates.map(({ kind }) => kind)).toEqual(['pca', 'change', 'auto-encoder', 'forest'])
  const version = await client.model.getVersion({ name: 'pump-normal', version: '1' })
  expect(version).toMatchObject({ goldenCases: 8, labels: { learning: 'pump-normal' } })
  expect(version.lineage?.notes).toContain('pressure, temperature, current')
  expect(await client.profile.get({ name: 'pump-normal', version: '1' })).toMatchObject({ origin: 'data-set' })
  expect(await filesWith(join(folder, 'hub'), ...recorded)).toEqual([])
  await until(async () => (await readdir(join(folder, DEVICE, 'learning'))).length === 0)
  await until(async () => (await client.deployment.get({ deployment: 'pump-normal-alarm' })).devices.healthy === 1)
  await until(async () => (await newest('alarms')) === 0)
  await until(async () => (await newest('suspects')) === 'none')
  await until(async () => (await newest('causes')) === 'none')
  // The horn sounded at first. The flow has written it, within the interlock of the tag.
  await until(async () => (await lamp()) === 0)
  await client.source.set({ name: 'pump', spec: source(25) })
  await until(async () => (await newest('alarms')) === 1)
  await until(async () => (await newest('suspects')) === 'temperature')
  const running = async () => {
    const { revision, version } = await client.deployment.get({ deployment: 'pump-normal' })
    return [revision, version]
  }
  const before = await running()
  const toMs = Date.now()
  const time = { fromMs: toMs - 2_000, toMs }
  await client.learning.mark({ name: 'pump-normal', kind: 'normal', ...time, reason: 'a warm day' })
  const marks = async () => (await client.learning.get({ name: 'pump-normal' })).marks ?? []
  // The rows of two seconds, and those of the window before.
  await until(async () => ((await marks())[0]?.rows ?? 0) >= 20)
  expect(await marks()).toMatchObject([{ kind: 'normal', ...time, reason: 'a warm day' }])
  expect(before).toEqual([1, 1])
  expect(await running()).toEqual(before)
  expect((await client.model.get({ name: 'pump-normal' })).versions).toHaveLength(1)
})

test(
  'an agent that is killed while it collects goes on with its rows, and a constant tag is left out and said',
  deep(
    'the first test kills the agent in the shadow; test/web/equipment/learning.test.ts shows the advice on a constant tag',
  ),
  async () => {
    const { client } = hub
    const wanted = { ...SPEC, name: 'pump-again', tags: [...TAGS, 'setpoint'] }
    await client.learning.start({ spec: wanted })
    await untilRows('pump-again', 35)
    await until(
      async () => (await client.learning.get({ name: 'pump-again' })).reason?.includes('setpoint (1234.5)') === true,
    )
    const killedAtMs = Date.now()
    await agent.kill()
    agent = await agent.again()
    const learning = await ended('pump-again')
    expect(learning).toMatchObject({ phase: 'done', rows: 250, modelVersion: 1 })
    expect(learning.outcome?.tags.map(({ tag }) => tag)).toEqual(TAGS)
    const { flow } = (await client.model.getVersion({ name: 'pump-again-alarm', version: '1' })) as { flow?: Flow }
    expect(flow?.inputs.map(({ tag }) => tag)).toEqual(TAGS)
    expect(learning.outcome?.findings).toContainEqual({
      code: 'constant_tag',
      tag: 'setpoint',
      message: 'setpoint had one value all the time: 1234.5; the detector leaves it out',
      advice: expect.stringContaining('--accept constant_tag'),
    })
    // The rows before the kill count.
    expect(learning.outcome?.startedAtMs).toBeLessThan(killedAtMs)
  },
)

test('a history that was imported on the device is learned without collecting, and its rows do not reach the hub', async () => {
  const { client } = hub
  // A second of each row, as the source makes them.
  const line = (at: number) => {
    const load = Math.sin(at / 6)
    const noise = Math.sin(at * 12.9898) * 0.05
    return `${1_700_000_000 + at},${80 + 5 * load + noise},${40 + 2 * load - noise},${7 + Math.cos(at / 5) + noise}`
  }
  const csv = join(folder, 'history.csv')
  await writeFile(
    csv,
    ['timestamp,pressure,temperature,current', ...Array.from({ length: 400 }, (_, at) => line(at))].join('\n'),
  )
  const program = join(import.meta.dirname, '../../apps/agent/src/main.ts')
  const words = ['--data', join(folder, DEVICE), '--import-history', 'old', '--csv', csv]
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...words])
  expect(stdout).toContain('old has 400 rows of pressure, temperature, current, one each 1000 ms')
  const wanted = { ...SPEC, name: 'pump-old', everyMs: 1_000, shadowSeconds: 0, recording: 'old' }
  await client.learning.start({ spec: { ...wanted, tags: TAGS } })
  const learning = await ended('pump-old')
  expect(learning).toMatchObject({ phase: 'done', rows: 400, modelVersion: 1, outcome: { recording: 'old' } })
  await client.learning.start({ spec: { ...wanted, tags: [...TAGS, 'setpoint'] } })
  expect((await ended('pump-old')).reason).toContain('recording_unfit: the recording old has no tag setpoint')
})

test('a learning is refused at once if it cannot work, and a cancelled one leaves no rows', async () => {
  const { client } = hub
  const start = (part: object) => client.learning.start({ spec: { ...SPEC, name: 'later', tags: TAGS, ...part } })
  await expect(start({ device: 'nobody' })).rejects.toMatchObject({ code: 'device_unknown' })
  await expect(start({ seconds: 86_400 })).rejects.toMatchObject({ code: 'learning_refused' })
  await expect(start({ name: 'pump-normal-alarm' })).rejects.toMatchObject({ code: 'learning_refused' })
  await start({ seconds: 3_600 })
  await expect(start({})).rejects.toMatchObject({ code: 'learning_exists' })
  await untilRows('later', 1)
  await client.learning.cancel({ name: 'later', reason: 'the pump was cleaned' })
  await until(async () => (await readdir(join(folder, DEVICE, 'learning'))).length === 0)
  await expect(client.learning.cancel({ name: 'later', reason: 'again' })).rejects.toMatchObject({
    code: 'learning_over',
  })
})

test(
  'a detector that raises alarms in shadow is published, and goes live only by a person',
  deep('it learns for 25 s; the first test shows that a shadow works'),
  async () => {
    const { client } = hub
    await client.source.set({ name: 'pump', spec: source() })
    // A fault of an earlier test would be learned as normal.
    await until(async () => (await temperature()) < 50)
    await client.learning.start({
      spec: { ...SPEC, name: 'pump-wild', tags: TAGS, shadowSeconds: 20, result: 'deploy' },
    })
    await until(async () => (await client.learning.get({ name: 'pump-wild' })).phase === 'shadow')
    await client.source.set({ name: 'pump', spec: source(25) })
    const learning = await ended('pump-wild')
    expect(learning).toMatchObject({ phase: 'done', modelVersion: 1, reason: expect.stringContaining('not deployed') })
    expect(learning.outcome?.shadow?.alarms).toBeGreaterThan(0)
    expect(learning.outcome?.shadow?.first[0]).toMatchObject({ tag: 'temperature' })
    await expect(client.deployment.get({ deployment: 'pump-wild' })).rejects.toMatchObject({
      code: 'deployment_unknown',
    })
    const { rows } = await client.audit.list({ action: 'learning.ended' })
    expect(JSON.stringify(rows)).toContain('the shadow raised')
  },
)

test(
  'the next learning takes a marked time as normal, and leaves another one out',
  deep('it learns twice; unit tests show marks on rows'),
  async () => {
    const { client } = hub
    await client.source.set({ name: 'pump', spec: source() })
    await until(async () => (await temperature()) < 50)
    const spec = { ...SPEC, name: 'pump-marked', tags: TAGS, shadowSeconds: 0 }
    await client.learning.start({ spec })
    expect(await ended('pump-marked')).toMatchObject({ phase: 'done', modelVersion: 1 })
    await client.source.set({ name: 'pump', spec: source(25) })
    await until(async () => (await temperature()) > 60)
    const fromMs = Date.now()
    const rowsSince = (ms: number) => until(() => Date.now() - fromMs > ms)
    await rowsSince(4_000)
    const mark = { name: 'pump-marked', reason: 'a warm day' }
    await client.learning.mark({ ...mark, kind: 'normal', fromMs, toMs: Date.now() })
    await until(async () => ((await client.learning.get({ name: 'pump-marked' })).marks?.[0]?.rows ?? 0) > 30)
    await client.source.set({ name: 'pump', spec: source() })
    await until(async () => (await temperature()) < 50)
    await client.learning.start({ spec })
    await untilRows('pump-marked', 40)
    const leftFrom = Date.now()
    await client.learning.mark({ ...mark, kind: 'left-out', fromMs: leftFrom, toMs: leftFrom + 3_000 })
    const again = await ended('pump-marked')
    expect(again).toMatchObject({ phase: 'done', modelVersion: 2 })
    expect(again.outcome?.marked?.marks).toHaveLength(2)
    expect(again.outcome?.marked?.rows).toBeGreaterThan(30)
    expect(again.outcome?.marked?.leftOut).toBeGreaterThan(20)
    const [first] = again.marks ?? []
    if (!first) throw new Error('no mark')
    const { marks } = await client.learning.unmark({ name: 'pump-marked', mark: first.id })
    expect(marks).toHaveLength(1)
    await expect(client.learning.unmark({ name: 'pump-marked', mark: first.id })).rejects.toMatchObject({
      code: 'learning_mark_unknown',
    })
  },
)
