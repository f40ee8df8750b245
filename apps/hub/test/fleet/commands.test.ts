/** Commands over the link: requests and answers, with devices that answer as the test defines. */
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connected, get, INPUT, infer, put, runnerAnswer } from '../stage/asked-device.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice, openLink, reportOf } from '../stage/test-device.ts'
import { modelBytes, push, unary } from '../stage/test-model.ts'

const LINE =
  '{"level":"warn","time":"2026-11-25T02:00:00.000Z","name":"agent","pid":7,"event":"port_in_use","port":8500}\n'

let hub: TestHub

beforeAll(async () => {
  hub = await startTestHub()
  await push(hub, 'pump', modelBytes(unary('Relu')))
})
afterAll(() => hub[Symbol.asyncDispose]())

test('a command goes to the device, and its answer comes back complete, with its duration', async () => {
  using device = await connected(hub)
  const answered = infer(hub, device)
  const command = await device.asked()
  expect(command).toMatchObject({ kind: 'infer', model: 'pump' })
  if (command.kind !== 'infer') throw new Error('not infer')
  const question = await get(hub, command.id, device)
  const bytes = Buffer.from(question.text, 'latin1')
  expect(bytes).toHaveLength(command.bytes)
  expect(JSON.parse(bytes.subarray(0, command.jsonBytes).toString())).toEqual({
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], parameters: { binary_data_size: 8 } }],
    parameters: { binary_data_output: true },
  })
  expect([...new Float32Array(new Uint8Array(bytes.subarray(command.jsonBytes)).buffer)]).toEqual([1, -2])
  const { bytes: answer, jsonBytes } = runnerAnswer([1, 0])
  expect((await put(hub, device, command.id, answer)).status).toBe(200)
  const counted = await device.link.client.answer({ id: command.id, kind: 'infer', runnerUs: 77, jsonBytes })
  expect(counted).toEqual({ counted: true })
  expect(await answered).toMatchObject({
    status: 200,
    body: {
      device: device.name,
      model: 'pump',
      version: 1,
      outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 2], data: [1, 0] }],
      runnerUs: 77,
      totalUs: expect.any(Number),
    },
  })
  // A second answer does not count, and the command is gone.
  expect(await device.link.client.answer({ id: command.id, kind: 'infer', runnerUs: 1, jsonBytes })).toEqual({
    counted: false,
  })
  expect((await get(hub, command.id, device)).body.code).toBe('command_unknown')
  const trail = await hub.ask<{ rows: { detail: unknown }[] }>('GET', '/v1/audit?action=device.infer&newestFirst=true')
  expect(trail.body.rows[0]).toMatchObject({
    object: { kind: 'device', id: device.id },
    result: 'ok',
    detail: {
      name: device.name,
      model: 'pump',
      version: 1,
      runnerUs: 77,
      inputBytes: command.bytes,
      outputBytes: answer.length,
    },
  })
  expect(trail.text).not.toContain('"data"')
})

test('numbers that JSON cannot carry are sent as raw bytes, and all numbers are on request', async () => {
  using device = await connected(hub)
  for (const [outputsAs, y, data] of [
    ['values', [1, Number.NaN], 'AACAPwAAwH8='],
    ['raw', [1, 2], 'AACAPwAAAEA='],
  ] as const) {
    const answered = infer(hub, device, { outputsAs, inputs: [{ ...INPUT, data: 'AACAPwAAAMA=' }] })
    const command = await device.asked()
    const { bytes, jsonBytes } = runnerAnswer(y)
    await put(hub, device, command.id, bytes)
    await device.link.client.answer({ id: command.id, kind: 'infer', runnerUs: 1, jsonBytes })
    expect((await answered).body.outputs).toEqual([{ name: 'y', datatype: 'FP32', shape: [1, 2], data }])
  }
})

test('a caller reads the log of the device, and the reader is on record', async () => {
  using device = await connected(hub)
  const answered = hub.ask<Record<string, unknown>>('GET', `/v1/devices/${device.name}/logs?level=warn&limit=5`)
  const command = await device.asked()
  expect(command).toMatchObject({ kind: 'logs', level: 'warn', limit: 5 })
  await put(hub, device, command.id, Buffer.from(LINE))
  await device.link.client.answer({ id: command.id, kind: 'logs', omittedCount: 3 })
  expect((await answered).body).toMatchObject({
    device: device.name,
    omittedCount: 3,
    lines: [
      {
        atMs: Date.UTC(2026, 10, 25, 2),
        level: 'warn',
        program: 'agent',
        event: 'port_in_use',
        fields: { pid: 7, port: 8500 },
      },
    ],
  })
  const trail = await hub.ask('GET', '/v1/audit?action=device.logs&newestFirst=true')
  expect(trail.body).toMatchObject({ rows: [{ object: { id: device.id }, detail: { level: 'warn', lines: 1 } }] })
})

test.each([
  ['an unknown device', { name: 'nobody' }, 'pump', 404, 'device_unknown'],
  ['an unknown model', undefined, 'nothing', 404, 'model_unknown'],
  ['a device that is away', undefined, 'pump', 409, 'device_unreachable'],
] as const)('a request with %s is rejected at once', async (_what, device, model, status, code) => {
  const away = device ?? (await joinDevice(hub))
  expect(await infer(hub, away, {}, model)).toMatchObject({ status, body: { code } })
})

test('a refusal repeats an unknown name, and says why a device cannot be reached', async () => {
  const unknown = await infer(hub, { name: 'nobody' }, {}, 'pump')
  expect(unknown.body).toMatchObject({ message: 'no such device "nobody"; "skerry device ls" lists them' })
  const site = await hub.ask('GET', '/v1/sites/nowhere')
  expect(site.body).toMatchObject({ message: 'no such site "nowhere"; "skerry site ls" lists them' })
  const away = await joinDevice(hub)
  const { body } = await infer(hub, away, {}, 'pump')
  expect(body).toMatchObject({ message: expect.stringContaining('the device is not connected now: never connected') })
})

test.each([
  ['too few bytes', { ...INPUT, data: 'AACAPw==' }, "input 'x' needs 8 bytes for its shape, got 4"],
  ['another type', { ...INPUT, datatype: 'INT8', data: [1, 900] }, "input 'x' has an element that is not a INT8"],
  ['half precision as JSON', { ...INPUT, datatype: 'FP16' }, "input 'x' cannot be sent as JSON in FP16"],
])('inputs that are no tensors are rejected before the device gets them: %s', async (_what, input, message) => {
  const away = await joinDevice(hub)
  expect(await infer(hub, away, { inputs: [input] })).toMatchObject({
    status: 422,
    body: { code: 'inference_refused', message: expect.stringContaining(message) },
  })
})

test.each([
  ['model_unserved', 409, "model 'pump' is unknown"],
  ['inference_refused', 422, "input 'x' needs 3 elements"],
  ['device_busy', 429, 'the queue is full'],
  ['inference_failed', 422, 'the model crashed'],
] as const)("the device's %s is returned with its own message", async (code, status, message) => {
  using device = await connected(hub)
  const answered = infer(hub, device)
  const { id } = await device.asked()
  await device.link.client.answer({ id, kind: 'refused', code, message })
  expect(await answered).toMatchObject({ status, body: { code, message } })
})

test('an unknown error code of a newer agent is a failure', async () => {
  using device = await connected(hub)
  const answered = infer(hub, device)
  const { id } = await device.asked()
  const refusal = { id, kind: 'refused', code: 'moon_full', message: 'not tonight' }
  await device.link.client.answer(refusal as unknown as Parameters<typeof device.link.client.answer>[0])
  expect(await answered).toMatchObject({ status: 422, body: { code: 'command_failed', message: 'not tonight' } })
})

test('an invalid answer, or one of another kind, is a failure', async () => {
  using device = await connected(hub)
  const first = infer(hub, device)
  const one = await device.asked()
  await put(hub, device, one.id, Buffer.from('{}'))
  await device.link.client.answer({ id: one.id, kind: 'infer', runnerUs: 1, jsonBytes: 2 })
  expect((await first).body).toMatchObject({ code: 'command_failed' })
  const second = infer(hub, device)
  const other = await device.asked()
  await device.link.client.answer({ id: other.id, kind: 'logs', omittedCount: 0 })
  expect((await second).body).toMatchObject({ code: 'command_failed' })
})

test(
  'a device that does not know the kind, or requests no commands, is reported as outdated',
  deep('it waits five seconds for a device that never asks for commands'),
  async () => {
    using device = await connected(hub, ['reboot'])
    expect((await infer(hub, device)).body.code).toBe('device_outdated')
    const old = await joinDevice(hub)
    using link = await openLink(hub, old)
    await link.client.report(reportOf())
    expect((await infer(hub, old)).body.code).toBe('device_outdated')
  },
)
