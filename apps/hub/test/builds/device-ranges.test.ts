/** Ranges from devices: the hub composes the command, rejects reports that cannot be true, and joins the others. */
import type { OptimisationPlan } from '@skerry/contract/builds/build'
import type { CalibrateCommand, RangesReport } from '@skerry/contract/builds/device-ranges'
import type { BatchId } from '@skerry/contract/values/ids'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BatchDevice, batchOnce, followJobs, sent, show } from '../stage/batch-device.ts'
import { otherOrganisation } from '../stage/other-organisation.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice } from '../stage/test-device.ts'
import { goldenOf, modelBytes, push, unary } from '../stage/test-model.ts'

const VERSION = '/v1/models/line/versions/1'

let hub: TestHub
let device: BatchDevice
beforeAll(async () => {
  hub = await startTestHub()
  const golden = { cases: [...goldenOf(1).cases, ...goldenOf(2).cases] }
  await push(hub, 'line', modelBytes(unary('Relu')), { golden })
  await push(hub, 'line', modelBytes(unary('Abs')), { golden })
  device = await followJobs(hub, await joinDevice(hub, { name: 'press-1' }), ['calibrate-model'])
})
afterAll(async () => {
  device[Symbol.dispose]()
  await hub[Symbol.asyncDispose]()
})

const compose = async (body: object = {}, path = VERSION) =>
  (await hub.ask<CalibrateCommand & { code: string }>('POST', `${path}/calibrate-command`, { body })).body

const report: RangesReport = {
  agent: '0.1.0',
  rows: 40,
  leftOut: 2,
  ranges: {
    x: [
      [-1, 4],
      [-1, 3],
      [0, 2],
    ],
  },
}

/** Sends the command to the device, which answers with the output. */
async function answered(command: CalibrateCommand, output: string): Promise<BatchId> {
  const { id } = await sent(hub, { command, selector: 'true' })
  let job = await device.next()
  // The hub withdraws each job that has been answered.
  while (job.kind !== 'do') job = await device.next()
  expect(await device.done(job, { output })).toBe(true)
  await batchOnce(hub, id, ({ status }) => status === 'ended')
  return id
}

const plan = async (body: object, options: { path?: string; key?: string } = {}) => {
  const { path = VERSION, ...rest } = options
  return (
    await hub.ask<OptimisationPlan & { code: string; message: string }>('POST', `${path}/optimisations/plan`, {
      body,
      ...rest,
    })
  ).body
}

test('the command has the files and the inputs of the version, and no row', async () => {
  expect(await compose()).toMatchObject({
    kind: 'calibrate-model',
    name: 'line',
    version: 1,
    rows: 256,
    files: [{ path: 'golden.json' }, { path: 'model.onnx' }],
    inputs: [{ name: 'x', datatype: 'FP32' }],
  })
  expect(await compose({ rows: 7 })).toMatchObject({ code: 'input_invalid' })
  expect(await compose({}, '/v1/models/none/versions/1')).toMatchObject({ code: 'model_unknown' })
})

test('an optimisation takes the ranges of a batch, and its plan names them', async () => {
  const calibrationBatch = await answered(await compose(), JSON.stringify(report))
  const planned = await plan({ calibrationBatch })
  expect(planned).toMatchObject({ calibrationCases: 40, gateCases: 2, calibration: { rows: 40, origin: 'devices' } })
  const started = await hub.ask<{ id: string }>('POST', `${VERSION}/optimisations`, { body: { calibrationBatch } })
  expect(started.body).toMatchObject({ calibration: planned.calibration })
  const audit = await hub.ask<{ rows: { detail: object }[] }>('GET', '/v1/audit?action=optimisation.start')
  expect(audit.body.rows[0]?.detail).toMatchObject({ calibration: { origin: 'devices', rows: 40 } })
  await hub.ask('POST', `/v1/optimisations/${started.body.id}/cancel`)
})

test.each<[string, unknown]>([
  ['text', 'wide'],
  ['rows', { ...report, rows: [{ x: [1, 2] }] }],
  ['more rows than the command allows', { ...report, rows: 300 }],
  ['no ranges', { ...report, ranges: {} }],
  [
    'bounds out of order',
    {
      ...report,
      ranges: {
        x: [
          [4, -1],
          [-1, 3],
          [0, 2],
        ],
      },
    },
  ],
])('a report with %s fails its job, and gives no ranges', async (_what, output) => {
  const calibrationBatch = await answered(await compose(), JSON.stringify(output))
  expect((await show(hub, calibrationBatch)).problems).toEqual([{ code: 'calibration_report_invalid', count: 1 }])
  expect(await plan({ calibrationBatch })).toMatchObject({ code: 'calibration_invalid' })
})

test('a batch of another version, of another kind, or of nobody gives no ranges', async () => {
  const calibrationBatch = await answered(await compose(), JSON.stringify(report))
  const other = await plan({ calibrationBatch }, { path: '/v1/models/line/versions/2' })
  expect(other).toMatchObject({ code: 'calibration_invalid', message: expect.stringContaining('line:1') })
  expect(await plan({ calibrationBatch: 'bat_abcdefgh234567' })).toMatchObject({ code: 'batch_unknown' })
  const key = await otherOrganisation(hub, 'others')
  expect(await plan({ calibrationBatch }, { key })).toMatchObject({ code: 'model_unknown' })
  const both = await plan({ calibrationBatch, calibration: `sha256:${'7'.repeat(64)}` })
  expect(both).toMatchObject({ code: 'calibration_invalid', message: expect.stringContaining('not from both') })
})
