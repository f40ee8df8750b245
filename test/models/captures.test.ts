/**
 * Captures with real processes: two devices keep uncertain rows on their disks, a person labels them, and the hub learns
 * the performance from labels alone. No value of a row lies on the hub.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildModel, float32Tensor } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { filesBelow } from '@skerry/testkit/files-below'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'
import { commandLine } from '../stage/command-line.ts'

const NAME = 'grader'
const SITE = { name: 'hamburg', kind: 'edge', country: 'DE' } as const

/** A value whose bytes occur nowhere else by chance, and the name of a person. */
const PLANTED = 0.30718281828

/** The second numbers of the rows that have it. */
const BESIDE = [0.2, 0.31, 0.4] as const
const SUBJECT = 'anna-schmidt-1987'

let folder: string
let hub: HubProgram
let agents: AgentProgram[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-captures-'))
  hub = await startHub(await newHubHome(folder))
  agents = [
    await startAgent(hub, { site: SITE, device: 'press-1', folder }),
    await startAgent(hub, { site: SITE, device: 'press-2', folder }),
  ]
  const golden = { cases: [{ inputs: { x: floatTensor([1, 2], Float32Array.of(1, 0)) } }] }
  await pushModel(hub, { name: NAME, bytes: writeModel(classifier(1)), golden })
  const { client } = hub
  await client.deployment.apply({ name: NAME, deployable: NAME, version: '1', probation: { seconds: 0 } })
  await until(async () => (await client.deployment.get({ deployment: NAME })).rolloutStatus === 'done')
})
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()))
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Class 1 if the second number is larger: as sure as they are apart. */
const classifier = (revision: number) =>
  buildModel({
    opsets: { 'ai.onnx': 13 },
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
    outputs: [{ name: 'p', datatype: 'FP32', shape: [-1, 2] }],
    initialisers: [float32Tensor(`w${revision}`, [2, 2], Float32Array.of(1, 0, 0, 1))],
    nodes: [
      { operator: 'MatMul', inputs: ['x', `w${revision}`], outputs: ['z'] },
      { operator: 'Softmax', inputs: ['z'], outputs: ['p'] },
    ],
  })

type Asked = { id: string; x: readonly [number, number]; subject?: string }

async function ask(agent: AgentProgram, { id, x, subject }: Asked): Promise<void> {
  const parameters = subject === undefined ? {} : { subject }
  const body = { id, parameters, inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: x }] }
  const answer = await fetch(`${agent.restUrl}/v2/models/${NAME}/infer`, { method: 'POST', body: JSON.stringify(body) })
  expect(answer.status).toBe(200)
}

const rowsOf = async (device: string) => hub.client.capture.rows({ device, name: NAME })

const [one, two] = [() => agents[0] as AgentProgram, () => agents[1] as AgentProgram]

test('devices keep uncertain rows, a person labels them, and the hub has labels only', async () => {
  const { client } = hub
  await client.capture.set({
    name: NAME,
    rules: { when: 'confidence < 0.6', keep: 3, purpose: 'improve the grader', redact: ['x[1]'] },
  })
  await until(async () => {
    const { rows } = await client.capture.devices({ name: NAME })
    return rows.length === 2 && rows.every(({ isCurrent, isConnected }) => isCurrent && isConnected)
  })
  await ask(one(), { id: 'sure', x: [5, 0] })
  await ask(one(), { id: 'first', x: [PLANTED, BESIDE[0]] })
  await ask(one(), { id: 'second', x: [PLANTED, BESIDE[1]], subject: SUBJECT })
  await ask(two(), { id: 'third', x: [PLANTED, BESIDE[2]] })
  await until(async () => (await rowsOf('press-1')).heldCount === 2)

  const { rows, droppedCount } = await rowsOf('press-1')
  expect(droppedCount).toBe(0)
  expect(rows.map(({ request, predicted, reason, redacted }) => [request, predicted, reason, redacted])).toEqual([
    ['second', '1', 'condition', ['x[1]']],
    ['first', '0', 'condition', ['x[1]']],
  ])
  const page = await client.capture.rows({ device: 'press-1', name: NAME, limit: 1 })
  expect([page.rows[0]?.request, page.next]).toEqual(['second', rows[0]?.place])
  const last = await client.capture.rows({ device: 'press-1', name: NAME, limit: 1, before: page.next })
  expect([last.rows[0]?.request, last.next]).toEqual(['first', undefined])
  const seen = new Float32Array(Uint8Array.from(Buffer.from(rows[0]?.inputs?.x?.data ?? '', 'base64')).buffer)
  expect([...seen]).toEqual([Math.fround(PLANTED), 0])

  expect(
    await client.capture.label({
      device: 'press-1',
      name: NAME,
      labels: [
        { request: 'first', label: '0' },
        { request: 'second', label: '0' },
        { request: 'never', label: '1' },
      ],
    }),
  ).toEqual({ stored: 2, unmatched: ['never'] })
  // A later event knows the truth about a request, and not which device answered it.
  expect(
    await client.capture.importLabels({
      name: NAME,
      labels: [
        { request: 'third', label: '1' },
        { request: 'elsewhere', label: '1', predicted: '1', version: 1, atMs: Date.now() - 1_000 },
        { request: 'unknown', label: '1' },
      ],
    }),
  ).toEqual({ stored: 2, unmatched: ['unknown'] })
  const labelled = await rowsOf('press-1')
  expect(labelled.rows.map(({ request, label }) => [request, label])).toEqual([
    ['second', '0'],
    ['first', '0'],
  ])

  const { versions, task } = await client.capture.performance({ name: NAME })
  expect(task).toBe('classification')
  expect(versions).toMatchObject([
    {
      version: 1,
      labels: 4,
      accuracy: 0.75,
      classes: [
        { class: '0', labels: 2, precision: 1, recall: 0.5 },
        { class: '1', labels: 2, precision: 2 / 3, recall: 1 },
      ],
    },
  ])
})

test('labelled rows are exported from the devices, and each look is in the audit trail', async () => {
  const { client } = hub
  const { rows, missing } = await client.capture.export({ name: NAME })
  expect(rows.map(({ request, device, label }) => [request, device, label])).toEqual([
    ['first', 'press-1', '0'],
    ['second', 'press-1', '0'],
    ['third', 'press-2', '1'],
  ])
  expect(missing.map(({ request }) => request)).toEqual(['elsewhere'])
  const looks = await client.audit.list({ action: 'capture.rows' })
  expect(looks.rows[0]?.detail).toMatchObject({ name: 'press-1', model: NAME, rows: 2 })
  expect((await client.audit.list({ action: 'capture.export' })).rows).toHaveLength(1)
})

test('no value of a row and no name of a subject lies on the hub, in its log or backup, nor in the clear on a device', async () => {
  const skerry = commandLine(hub, folder)
  await writeFile(join(folder, 'passphrase'), 'a passphrase of a test')
  const locked = ['--passphrase-file', 'passphrase']
  await skerry('hub', 'backup', 'hub.skerry', '--data', 'hub', ...locked)
  // A backup is encrypted: a search finds values in the restored hub.
  await skerry('hub', 'restore', 'hub.skerry', '--data', 'restored', ...locked)
  // With the value beside it: four bytes occur by chance in some megabytes of encrypted ones.
  const values = [PLANTED, Math.fround(PLANTED)]
  const rows = [0, ...BESIDE].map((beside) => Float32Array.of(PLANTED, beside).buffer)
  const stored = [...rows, ...values.map((value) => Float64Array.of(value).buffer)].map((row) => Buffer.from(row))
  const texts = stored.flatMap((row) => [row.toString('base64'), row.toString('hex')])
  const needles = [SUBJECT, ...values.map(String), ...stored, ...texts]
  const paths: string[] = []
  const labelled = new Set<string>()
  for await (const { path, bytes } of filesBelow(folder)) {
    paths.push(path)
    for (const needle of needles) expect([path, bytes.includes(needle)]).toEqual([path, false])
    // The search finds a label in the hub and in its backup, so it would find a value.
    for (const data of ['hub', 'restored'])
      if (path.startsWith(join(folder, data, 'hub.sqlite')) && bytes.includes('elsewhere')) labelled.add(data)
  }
  expect(paths.some((path) => path.endsWith('captures.sqlite'))).toBe(true)
  expect(paths.some((path) => path.endsWith('hub.log'))).toBe(true)
  expect(labelled).toEqual(new Set(['hub', 'restored']))
})

test('a subject is erased on the hub and on devices, and its request cannot be labelled any more', async () => {
  const { client } = hub
  const erased = await client.capture.erase({ subject: SUBJECT })
  expect(erased.labels).toBe(1)
  await until(async () => (await rowsOf('press-1')).heldCount === 1)
  expect(
    await client.capture.label({ device: 'press-1', name: NAME, labels: [{ request: 'second', label: '1' }] }),
  ).toEqual({ stored: 0, unmatched: ['second'] })
  await until(async () => (await client.capture.erase({ subject: 'nobody' })).pendingDevices <= 2)
  const [record] = (await client.audit.list({ action: 'capture.erase' })).rows
  expect(JSON.stringify(record)).not.toContain(SUBJECT)
})

test('without labels, the hub estimates the accuracy from the confidences that devices count', async () => {
  const { client } = hub
  // Of these rows with little confidence, the version gets each second one right.
  const rows = Array.from({ length: 200 }, (_, at) => [at % 2 === 0 ? 0.3 : 3, 0] as const)
  const inputs = { x: floatTensor([rows.length, 2], Float32Array.from(rows.flat())) }
  const labels = rows.map(([first], at) => (first > 1 || at % 4 === 0 ? '0' : '1'))
  const short = client.profile.make({ name: NAME, version: '1', data: { cases: [{ inputs }], labels: ['0'] } })
  await expect(short).rejects.toMatchObject({ code: 'profile_refused' })
  const made = await client.profile.make({ name: NAME, version: '1', data: { cases: [{ inputs }], labels } })
  expect(made.accuracy).toBe(0.75)
  await client.monitor.set({ name: NAME, spec: { windowSeconds: 5, windows: 100, rowsMin: 10 } })
  await until(async () => {
    for (let at = 0; at < 4; at++) await ask(one(), { id: `counted-${at}`, x: [at < 3 ? 0.3 : 3, 0] })
    const { versions } = await client.capture.performance({ name: NAME })
    return (versions[0]?.estimated?.rows ?? 0) >= 4
  })
  const { versions, periods } = await client.capture.performance({ name: NAME, periodSeconds: 60 })
  // Three of four rows are right every second time.
  expect(Math.abs((versions[0]?.estimated?.accuracy ?? 0) - 0.625)).toBeLessThan(0.1)
  expect(versions[0]?.referenceAccuracy).toBe(0.75)
  expect(periods.some(({ estimated }) => estimated !== undefined)).toBe(true)
  const alert = await until(async () => {
    await ask(one(), { id: 'unsure', x: [0.3, 0] })
    return (await client.hub.alerts({})).alerts.find(({ code }) => code === 'model_moved')
  })
  expect(alert.message).toMatch(/an estimated [\d.]+ % of the answers are right, of 75 % before/)
})

test('a canary that is less sure than its labelled rows fails the gate on the estimated accuracy', async () => {
  const { client } = hub
  const bytes = writeModel(classifier(2))
  const golden = { cases: [{ inputs: { x: floatTensor([1, 2], Float32Array.of(1, 0)) } }] }
  await pushModel(hub, { name: NAME, bytes, golden })
  const rows = Array.from({ length: 100 }, (_, at) => [at % 2 === 0 ? 0.3 : 3, 0] as const)
  const inputs = { x: floatTensor([rows.length, 2], Float32Array.from(rows.flat())) }
  const labels = rows.map(([first], at) => (first > 1 || at % 4 === 0 ? '0' : '1'))
  await client.profile.make({ name: NAME, version: '2', data: { cases: [{ inputs }], labels } })
  const gate = {
    name: 'accuracy',
    measure: 'estimated-accuracy' as const,
    failure: 'result.drop > 0.1',
    intervalSeconds: 1,
  }
  await client.deployment.apply({
    name: NAME,
    deployable: NAME,
    version: '2',
    probation: { seconds: 0 },
    strategy: {
      waves: [
        {
          name: 'canary',
          selector: 'device.name == "press-1"',
          soakSeconds: 60,
          analysis: [{ ...gate, count: 1_000 }],
        },
      ],
      onFailure: 'rollback-all',
    },
  })
  const [rollout] = await until(async () => {
    // The rows of the other device are counted by a later test.
    await ask(one(), { id: 'unsure', x: [0.3, 0] })
    const { rows: all } = await client.rollout.list({ deployment: NAME })
    return all[0]?.waves[0]?.analyses?.some(({ run }) => run?.verdict === 'failed') ? all : undefined
  })
  const { waves } = await client.rollout.get({ rollout: rollout?.id ?? '' })
  const [run] = waves[0]?.analyses ?? []
  expect(run?.run?.verdict, JSON.stringify(run)).toBe('failed')
  expect(run?.run?.last.at(-1)?.result).toMatchObject({ drop: expect.closeTo(0.25, 1) })
  await until(async () => (await client.deployment.get({ deployment: NAME })).rolloutStatus === 'rolled-back')
})

test('a device keeps its rows over a kill in the middle of captures, and its ring stays bounded', async () => {
  const agent = two()
  await ask(agent, { id: 'before', x: [0.1, 0.2] })
  await until(async () => (await rowsOf('press-2')).heldCount === 2)
  const load = Promise.allSettled(
    Array.from({ length: 20 }, (_, at) => ask(agent, { id: `during-${at}`, x: [0.1, 0.2] })),
  )
  await agent.kill()
  await load
  agents = [one(), await agent.again()]
  await until(async () => (await rowsOf('press-2').catch(() => undefined)) !== undefined)
  const { rows, heldCount } = await rowsOf('press-2')
  expect(heldCount).toBeGreaterThanOrEqual(2)
  expect(heldCount).toBeLessThanOrEqual(3)
  expect(rows).toHaveLength(heldCount)
  await until(() =>
    ask(two(), { id: 'after', x: [0.1, 0.2] }).then(
      () => true,
      () => false,
    ),
  )
  await until(async () => (await rowsOf('press-2')).rows[0]?.request === 'after')
  expect((await rowsOf('press-2')).heldCount).toBe(3)
})

const SOURCE = `name: press
protocol: simulator
connection: { seed: 7 }
groups:
  - name: fast
    everyMs: 100
    tags: [{ name: strain, signal: { kind: sine, mean: 0, amplitude: 20, periodSeconds: 4 } }]
`

/** The strain falls fastest once in each period. Then two answers in a row are sure of class 0. */
const FLOW = `name: watch
inputs: [{ name: strain, source: press, tag: strain }]
steps:
  - { name: row, kind: window, by: count, from: strain, samples: 2, every: 2 }
  - { name: score, kind: model, model: ${NAME}, from: [row], inputs: [x], output: { name: p } }
  - { name: strange, kind: threshold, from: score, above: 0.9 }
  - { name: alarm, kind: k-of-n, from: [strange], k: 2, last: 3 }
sinks: [{ name: alarms, kind: hub, from: alarm, onChange: true }]
`

test('an alarm of a flow marks the rows that the flow gave to the model, and no others', async () => {
  const { client } = hub
  const skerry = commandLine(hub, folder)
  const alarm = ['capture', 'set', NAME, '--alarm', 'watch/alarm']
  await expect(skerry(...alarm)).rejects.toThrow(/there is no flow watch/)
  await writeFile(join(folder, 'press.yaml'), SOURCE)
  await writeFile(join(folder, 'watch.yaml'), FLOW)
  await skerry('source', 'set', 'press.yaml', '--scope', 'device:press-2')
  await skerry('flow', 'push', 'watch.yaml')
  // Without the condition of before: rows of this model are kept for alarms only.
  const { rules } = await client.capture.get({ name: NAME })
  await client.capture.set({ name: NAME, rules: { ...rules, when: undefined, keep: 100, alarms: ['watch/alarm'] } })
  expect(await skerry('capture', 'show', NAME)).toContain('rows before the alarm watch/alarm')
  await until(async () => {
    const { rows } = await client.capture.devices({ name: NAME })
    return rows.every(({ isCurrent }) => isCurrent)
  })
  const target = { selector: 'device.name == "press-2"' }
  await client.deployment.apply({ name: 'watch', deployable: 'watch', ...target, probation: { seconds: 0 } })
  await ask(two(), { id: 'by-hand', x: [9, 0] })
  const marked = async () => (await rowsOf('press-2')).rows.filter(({ reason }) => reason === 'alarm')
  const rows = await until(async () => {
    const found = await marked()
    return found.length > 0 ? found : undefined
  })
  expect(rows.length).toBeLessThanOrEqual(8)
  // The newest row is the second vote.
  expect(rows[0]).toMatchObject({ predicted: '0', version: 1, redacted: ['x[1]'] })
  expect(rows[0]?.confidence).toBeGreaterThan(0.9)
  const [, redacted] = new Float32Array(Uint8Array.from(Buffer.from(rows[0]?.inputs?.x?.data ?? '', 'base64')).buffer)
  expect(redacted).toBe(0)
  // The next period has an alarm of its own.
  const later = await until(async () => {
    const found = await marked()
    return found.length > rows.length ? found : undefined
  })
  expect(later.map(({ request }) => request)).not.toContain('by-hand')
  expect(new Set(later.map(({ request }) => request)).size).toBe(later.length)
})

test('a device that is gone gives its reason, and a capture that is removed takes its rows along', async () => {
  const { client } = hub
  await one().stop()
  const gone = await rowsOf('press-1').catch((error: unknown) => error)
  expect(gone).toMatchObject({ code: 'device_unreachable' })
  const { missing } = await client.capture.export({ name: NAME })
  expect(missing.find(({ request }) => request === 'first')).toMatchObject({ device: 'press-1' })
  await client.capture.remove({ name: NAME })
  await client.capture.set({ name: NAME, rules: { sample: 1, purpose: 'another purpose' } })
  await until(async () => (await rowsOf('press-2')).heldCount === 0)
})
