/** Measurements: the hub composes the command, and stores what devices report, as far as it can be true. */
import type { BenchCommand } from '@skerry/contract/builds/bench-command'
import type { Build } from '@skerry/contract/builds/build'
import type { BenchReport, DeviceClass, Measurement } from '@skerry/contract/builds/measurement'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BatchDevice, batchOnce, followJobs, sent, show } from '../stage/batch-device.ts'
import { otherOrganisation } from '../stage/other-organisation.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { INVENTORY, joinDevice, type TestDevice } from '../stage/test-device.ts'
import { goldenOf, modelBytes, push, unary } from '../stage/test-model.ts'

const VERSION = '/v1/models/line/versions/1'
const CLASS = `${INVENTORY.arch}-vnni-${INVENTORY.cpuCount}c`
const hardware = { instructions: ['avx2' as const, 'vnni' as const], accelerators: [] }

let hub: TestHub
let press: TestDevice
let device: BatchDevice
beforeAll(async () => {
  hub = await startTestHub()
  await push(hub, 'line', modelBytes(unary('Relu')), { golden: goldenOf(1, 2) })
  await push(hub, 'bare', modelBytes(unary('Relu')))
  press = await joinDevice(hub, { name: 'press-1' })
  device = await followJobs(hub, press, ['bench-model'], { inventory: { ...INVENTORY, hardware } })
  await joinDevice(hub, { name: 'silent-1' })
})
afterAll(async () => {
  device[Symbol.dispose]()
  await hub[Symbol.asyncDispose]()
})

const compose = async (body: object = {}, path = VERSION) =>
  (await hub.ask<BenchCommand & { code: string }>('POST', `${path}/bench-command`, { body })).body

const stored = async () => (await hub.ask<{ rows: Measurement[] }>('GET', `${VERSION}/measurements`)).body.rows

const timing = { n: 20, p50Ms: 1.5, p95Ms: 2, peakBytes: 50_000_000 }

const reportOn = ({ candidates }: BenchCommand): BenchReport => ({
  hardwareClass: CLASS,
  agent: '0.1.0',
  runtime: 'onnxruntime 1.30',
  threads: 1,
  ended: 'separated',
  candidates: candidates.map(({ build, digest }) => ({ ...(build && { build }), digest, timing })),
})

/** Sends the command to the device, which answers with the output. */
async function answered(command: BenchCommand, output: string) {
  const { id } = await sent(hub, { command, selector: 'device.name == "press-1"' })
  let job = await device.next()
  // The hub withdraws each job that has been answered.
  while (job.kind !== 'do') job = await device.next()
  expect(await device.done(job, { output })).toBe(true)
  await batchOnce(hub, id, ({ status }) => status === 'ended')
  return show(hub, id)
}

test('the classes of the fleet are counted, and a device without a report has none', async () => {
  const { body } = await hub.ask<{ rows: DeviceClass[] }>('GET', '/v1/device-classes')
  expect(body.rows).toEqual([
    { hardwareClass: CLASS, devices: 1, examples: ['press-1'] },
    { devices: 1, examples: ['silent-1'] },
  ])
})

test('the command names the version first; a version without inputs cannot be measured', async () => {
  expect(await compose()).toMatchObject({
    kind: 'bench-model',
    name: 'line',
    version: 1,
    seconds: 120,
    cpuPercent: 50,
    candidates: [{ files: [{ path: 'golden.json' }, { path: 'model.onnx' }] }],
  })
  expect(await compose({ builds: ['float16'] })).toMatchObject({ code: 'build_unknown' })
  expect(await compose({}, '/v1/models/bare/versions/1')).toMatchObject({ code: 'bench_refused' })
  expect(await compose({}, '/v1/models/none/versions/1')).toMatchObject({ code: 'model_unknown' })
})

test('a report becomes measurements with the class of the device, and a newer one replaces them', async () => {
  const command = await compose({ seconds: 5 })
  const ended = await answered(command, JSON.stringify(reportOn(command)))
  expect(ended.counts).toMatchObject({ succeeded: 1 })
  const [first] = await stored()
  expect(first).toMatchObject({ name: 'line', version: 1, hardwareClass: CLASS, device: 'press-1', timing })
  expect(first).toMatchObject({ batchId: ended.id, deviceId: press.id })
  const again = { ...reportOn(command), candidates: [{ digest: command.candidates[0]?.digest, problem: PROBLEM }] }
  await answered(command, JSON.stringify(again))
  expect(await stored()).toMatchObject([{ problem: PROBLEM }])
  expect((await stored())[0]).not.toHaveProperty('timing')
})

const PROBLEM = { code: 'wrong', message: 'golden case 1: y[0] is 2, expected 1' }

test.each<[string, (report: BenchReport) => unknown]>([
  ['text', () => 'fast'],
  ['another class', (report) => ({ ...report, hardwareClass: 'x64-amx-64c' })],
  ['a candidate that nobody named', (report) => ({ ...report, candidates: [{ digest: OTHER, timing }] })],
  ['a candidate twice', (report) => ({ ...report, candidates: [...report.candidates, ...report.candidates] })],
  ['no figures', (report) => ({ ...report, candidates: report.candidates.map(({ digest }) => ({ digest })) })],
  ['figures out of order', (report) => withTiming(report, { ...timing, p95Ms: 0.1 })],
  ['figures that are no numbers', (report) => withTiming(report, { ...timing, p50Ms: '1; drop table builds' })],
  ['a speed against itself', (report) => withTiming(report, { ...timing, speed: { low: 9, middle: 9, high: 9 } })],
])('a report with %s fails its job, and stores nothing', async (_what, change) => {
  const before = await stored()
  const command = await compose()
  const ended = await answered(command, JSON.stringify(change(reportOn(command))))
  expect(ended.counts).toMatchObject({ failed: 1, succeeded: 0 })
  expect(ended.problems).toEqual([{ code: 'bench_report_invalid', count: 1 }])
  expect(await stored()).toEqual(before)
})

const OTHER = `sha256:${'7'.repeat(64)}`
const withTiming = (report: BenchReport, forged: object) => ({
  ...report,
  candidates: report.candidates.map(({ digest }) => ({ digest, timing: forged })),
})

test('a build that was removed while the batch ran is left out, and the version is stored', async () => {
  const command = await compose()
  const ghost = { build: 'bld_abcdefgh234567', digest: OTHER, files: command.candidates[0]?.files }
  const forged = { ...command, candidates: [...command.candidates, ghost] } as BenchCommand
  const ended = await answered(forged, JSON.stringify(reportOn(forged)))
  expect(ended.counts).toMatchObject({ succeeded: 1 })
  expect(await stored()).toHaveLength(1)
  const builds = await hub.ask<{ rows: Build[] }>('GET', `${VERSION}/builds`)
  expect(builds.body.rows).toEqual([])
})

test('another organisation sees neither measurements nor classes', async () => {
  const key = await otherOrganisation(hub, 'others')
  expect((await hub.ask('GET', `${VERSION}/measurements`, { key })).body).toMatchObject({ code: 'model_unknown' })
  expect((await hub.ask('GET', '/v1/device-classes', { key })).body).toEqual({ rows: [] })
})

test('the measurements leave with their device', async () => {
  expect(await stored()).toHaveLength(1)
  await hub.ask('POST', '/v1/devices/press-1/revoke', { body: { reason: 'gone' } })
  await hub.ask('DELETE', '/v1/devices/press-1')
  await until(async () => (await stored()).length === 0)
})
