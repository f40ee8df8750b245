/** Captures at the hub: bad input at each door, devices that answer badly or go away, and erased subjects. */
import type { DeviceCommand } from '@skerry/contract/devices/device-command'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AskedDevice, connected, put } from '../stage/asked-device.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { modelBytes, push, unary } from '../stage/test-model.ts'

type Answer = Record<string, unknown> & { code?: string; message?: string }

const PURPOSE = 'find doubtful parts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
  await push(hub, 'grader', modelBytes(unary('Abs')))
})
afterAll(() => hub?.[Symbol.asyncDispose]())

const ask = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) =>
  hub.ask<Answer>(method, path, body === undefined ? {} : { body })

const set = (rules: object, model = 'grader') => ask('PUT', `/v1/captures/${model}`, { rules })

const codeOf = async (answer: Promise<{ body: Answer }>) => (await answer).body.code

test.each([
  [{ when: 'confidence < 0.6' }, 'input_invalid'],
  [{ purpose: PURPOSE }, 'capture_refused'],
  [{ purpose: PURPOSE, when: 'confidence < high' }, 'input_invalid'],
  [{ purpose: PURPOSE, when: 'true; drop table captures' }, 'input_invalid'],
  [{ purpose: PURPOSE, sample: 1.5 }, 'input_invalid'],
  [{ purpose: PURPOSE, sample: 1, keep: 0 }, 'input_invalid'],
  [{ purpose: PURPOSE, sample: 1, forSeconds: 10 }, 'input_invalid'],
  [{ purpose: PURPOSE, sample: 1, unknown: true }, 'input_invalid'],
])('the rules %j are rejected with %s', async (rules, code) => {
  expect(await codeOf(set(rules))).toBe(code)
})

test('a capture needs a model, and every other call needs a capture', async () => {
  expect(await codeOf(set({ purpose: PURPOSE, sample: 1 }, 'nothing'))).toBe('model_unknown')
  expect(await codeOf(ask('GET', '/v1/captures/grader'))).toBe('capture_unknown')
  expect(await codeOf(ask('DELETE', '/v1/captures/grader'))).toBe('capture_unknown')
  expect(await codeOf(ask('GET', '/v1/captures/grader/export'))).toBe('capture_unknown')
  expect(await codeOf(ask('POST', '/v1/captures/grader/labels', { labels: [{ request: 'a', label: 'b' }] }))).toBe(
    'capture_unknown',
  )
  expect(await codeOf(ask('GET', '/v1/models/nothing/performance'))).toBe('model_unknown')
  // Nothing was ever captured.
  expect((await ask('POST', '/v1/capture-erasures', { subject: 'anna' })).body).toEqual({
    labels: 0,
    pendingDevices: 0,
  })
})

const rowOf = (request: string, subject?: string) => ({
  place: 1,
  request,
  version: 1,
  atMs: 1_000,
  reason: 'sample',
  predicted: '1',
  redacted: [],
  ...(subject !== undefined && { subject }),
})

async function answer(device: AskedDevice, text: string): Promise<DeviceCommand> {
  const command = await device.asked()
  await put(hub, device, command.id, Buffer.from(text))
  await device.link.client.answer({ id: command.id, kind: 'read-captures', heldCount: 1, droppedCount: 0 })
  return command
}

test('a device that answers badly gives an error, and one that goes away during a look gives the reason', async () => {
  expect((await set({ purpose: PURPOSE, sample: 1 })).status).toBe(200)
  const device = await connected(hub, ['read-captures'])
  const path = `/v1/devices/${device.name}/captures/grader/rows`
  for (const text of ['nothing', '[{"request":"a"}]', '{"rows":[]}', `[${'1,'.repeat(200_000)}1]`]) {
    const looked = ask('GET', path)
    await answer(device, text)
    expect(await codeOf(looked)).toBe('command_failed')
  }
  const looked = ask('GET', `${path}?limit=5`)
  const command = await answer(device, JSON.stringify([rowOf('a', 'ab'.repeat(32))]))
  expect(command).toMatchObject({ kind: 'read-captures', model: 'grader', limit: 6 })
  // The digest of the subject is for the hub alone.
  expect((await looked).body).toMatchObject({ heldCount: 1, rows: [{ request: 'a', predicted: '1' }] })
  expect(JSON.stringify((await looked).body)).not.toContain('abab')
  expect(await codeOf(ask('GET', `${path}?limit=1000`))).toBe('input_invalid')

  const lost = ask('GET', path)
  await device.asked()
  device[Symbol.dispose]()
  expect(await codeOf(lost)).toBe('device_unreachable')
  expect(await codeOf(ask('GET', path))).toBe('device_unreachable')
  const older = await connected(hub, ['logs'])
  expect(await codeOf(ask('GET', `/v1/devices/${older.name}/captures/grader/rows`))).toBe('device_outdated')
  older[Symbol.dispose]()
})

test('labels from a file need all of the prediction, and the newest label of a request counts', async () => {
  const path = '/v1/captures/grader/labels'
  const given = { request: 'late-1', label: '1.0', predicted: '1' }
  expect(await codeOf(ask('POST', path, { labels: [given] }))).toBe('capture_refused')
  expect(await codeOf(ask('POST', path, { labels: [] }))).toBe('input_invalid')
  const full = { ...given, version: 1, atMs: hub.hub.clock.nowMs() - 5_000 }
  const posted = await ask('POST', path, {
    labels: [{ ...full, label: '0' }, full, { request: 'nowhere', label: '1' }],
  })
  expect(posted.body).toEqual({ stored: 1, unmatched: ['nowhere'] })
  const { body } = await ask('GET', '/v1/models/grader/performance')
  expect(body).toMatchObject({ versions: [{ version: 1, labels: 1, accuracy: 1 }] })
  expect(await codeOf(ask('GET', '/v1/models/grader/performance?fromMs=5&toMs=5'))).toBe('input_invalid')
})

test('numbers of a regression give the mean errors, by period', async () => {
  expect((await set({ purpose: PURPOSE, sample: 1, task: 'regression' })).status).toBe(200)
  const nowMs = hub.hub.clock.nowMs()
  const labels = [
    ['3', '2.5', 1],
    ['-0.5', '0', 1],
    ['2', '2', 2],
    ['7', '8', 2],
    ['7', 'no number', 2],
  ].map(([predicted, label, version], at) => ({
    request: `n${at}`,
    predicted,
    label,
    version,
    atMs: nowMs - 90_000 * at,
  }))
  await ask('POST', '/v1/captures/grader/labels', { labels })
  const { body } = await ask('GET', `/v1/models/grader/performance?periodSeconds=60&fromMs=${nowMs - 3_600_000}`)
  expect(body).toMatchObject({
    task: 'regression',
    versions: [
      { version: 2, labels: 2, mae: 0.5, rmse: Math.sqrt(0.5) },
      // The label 1.0 of the earlier test equals its prediction.
      { version: 1, labels: 3, mae: expect.closeTo(1 / 3, 9) },
    ],
  })
  expect(Object(body.periods).length).toBeGreaterThanOrEqual(4)
})

test('a row about an erased subject cannot be labelled, and a younger one can', async () => {
  const device = await connected(hub, ['read-captures'])
  const { salt } = await hub.hub.store.db.selectFrom('capture_salts').select('salt').executeTakeFirstOrThrow()
  const { subjectKey } = await import('../../src/captures/subject-key.ts')
  const subject = subjectKey(salt, 'anna')
  const path = `/v1/devices/${device.name}/captures/grader/labels`
  const label = async (request: string, atMs: number) => {
    const posted = ask('POST', path, { labels: [{ request, label: '1' }] })
    await answer(device, JSON.stringify([{ ...rowOf(request, subject), atMs }]))
    return (await posted).body.stored
  }
  expect(await label('old', 1_000)).toBe(1)
  expect((await ask('POST', '/v1/capture-erasures', { subject: 'anna' })).body).toMatchObject({ labels: 1 })
  expect(await label('old', 1_000)).toBe(0)
  expect(await label('young', hub.hub.clock.nowMs() + 1_000)).toBe(1)
  device[Symbol.dispose]()
})
