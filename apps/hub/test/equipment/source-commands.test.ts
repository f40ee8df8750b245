/** Looking around in equipment, trying a source and beginning one anew through the hub, with a device that answers as a test tells it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AskedDevice, connected, get, put } from '../stage/asked-device.ts'
import { simulatorSource } from '../stage/made-things.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub[Symbol.asyncDispose]())

type Answer = { code?: string; message?: string } & Record<string, unknown>

const KINDS = ['browse-source', 'test-source', 'restart-source']
const ask = (device: { name: string }, what: string, body: object) =>
  hub.ask<Answer>('POST', `/v1/devices/${device.name}/sources/press/${what}`, { body })

const lastOf = async (action: string) =>
  (await hub.ask<{ rows: Answer[] }>('GET', `/v1/audit?action=${action}&newestFirst=true&limit=1`)).body.rows[0]

async function answerWith(device: AskedDevice, id: string, said: unknown) {
  expect((await put(hub, device, id, Buffer.from(JSON.stringify(said)))).status).toBe(200)
}

const entry = (path: string) => ({ path, label: path, isFolder: false, tag: { address: path } })

test('a level is told as the device has it, with where to go on', async () => {
  using device = await connected(hub, KINDS)
  const first = ask(device, 'browse', {})
  const asked = await device.asked()
  expect(asked).toMatchObject({ kind: 'browse-source', source: 'press', path: '' })
  await answerWith(device, asked.id, [entry('a'), entry('b')])
  await device.link.client.answer({ id: asked.id, kind: 'browse-source', omittedCount: 1 })
  const { body } = await first
  expect(body).toMatchObject({ device: device.name, entries: [entry('a'), entry('b')], omittedCount: 1, next: 'b' })
  const rest = ask(device, 'browse', { path: 'top', after: 'b' })
  const again = await device.asked()
  expect(again).toMatchObject({ path: 'top', after: 'b' })
  await answerWith(device, again.id, [entry('c')])
  await device.link.client.answer({ id: again.id, kind: 'browse-source', omittedCount: 0 })
  expect((await rest).body).not.toHaveProperty('next')
  expect(await lastOf('source.browse')).toBeUndefined()
})

test('a source is tried with what was sent, its outcome is told, and who tried what is on record', async () => {
  using device = await connected(hub, KINDS)
  const spec = simulatorSource('press', 4)
  const answered = ask(device, 'test', { spec, waitMs: 5_000 })
  const asked = await device.asked()
  if (asked.kind !== 'test-source') throw new Error('not test-source')
  expect(asked).toMatchObject({ waitMs: 5_000 })
  const { text } = await get(hub, asked.id, device)
  expect(text).toHaveLength(asked.bytes)
  expect(JSON.parse(text)).toEqual(spec)
  const value = { tag: 'level', quality: 'good', value: 4, receivedTimeMs: 7 }
  await answerWith(device, asked.id, [{ unit: 'm', value }])
  const outcome = { state: 'up' as const, silentCount: 0, omittedCount: 0 }
  await device.link.client.answer({ id: asked.id, kind: 'test-source', ...outcome })
  expect((await answered).body).toMatchObject({
    device: device.name,
    source: 'press',
    ...outcome,
    readings: [{ value }],
  })
  expect(await lastOf('source.test')).toMatchObject({
    object: { id: device.id },
    result: 'ok',
    detail: { name: device.name, source: 'press', protocol: 'simulator' },
  })
})

test('what is no source, or of another name, never reaches a device', async () => {
  using device = await connected(hub, KINDS)
  const wrong = await ask(device, 'test', { spec: { ...simulatorSource('press'), protocol: 'abacus' } })
  expect(wrong.body).toMatchObject({
    code: 'input_invalid',
    message: expect.stringContaining('spec is not a valid source'),
  })
  const groups = [{ name: 'all', everyMs: 100, tags: [valveOf('tags["nothing"]')] }]
  const unjudged = await ask(device, 'test', { spec: { ...simulatorSource('press'), groups } })
  const message = 'groups.0.tags.0.write.interlock.when: the source has no tag nothing'
  expect(unjudged.body).toMatchObject({ code: 'input_invalid', message: expect.stringContaining(message) })
  const set = await hub.ask<Answer>('PUT', '/v1/sources/press', {
    body: { name: 'press', spec: { ...simulatorSource('press'), groups } },
  })
  expect(set.body).toMatchObject({ code: 'input_invalid', message: expect.stringContaining(message) })
  const other = await ask(device, 'test', { spec: simulatorSource('other') })
  expect(other.body).toMatchObject({ code: 'input_invalid', message: expect.stringContaining('spec.name is other') })
})

const valveOf = (when: string) => ({
  name: 'valve',
  signal: { kind: 'constant', value: 0 },
  write: { interlock: { when } },
})

test('on a device of production a trial waits for a second person, as setting a source does', async () => {
  using device = await connected(hub, KINDS)
  await hub.ask('PUT', '/v1/approval-rules', { body: { deployments: `device.name == "${device.name}"` } })
  const held = await ask(device, 'test', { spec: simulatorSource('press') })
  await hub.ask('PUT', '/v1/approval-rules', { body: {} })
  expect(held.body.code).toBe('approval_needed')
})

test('a source starts again, and what came of it is on record with its reason', async () => {
  using device = await connected(hub, KINDS)
  const begun = ask(device, 'restart', { reason: 'new gateway' })
  const asked = await device.asked()
  expect(asked).toMatchObject({ kind: 'restart-source', source: 'press' })
  await device.link.client.answer({ id: asked.id, kind: 'restart-source', before: 'quarantined' })
  expect((await begun).body).toEqual({ device: device.name, source: 'press', before: 'quarantined' })
  const detail = { source: 'press', reason: 'new gateway' }
  expect(await lastOf('source.restart')).toMatchObject({ result: 'ok', detail: { ...detail, before: 'quarantined' } })
  const refused = ask(device, 'restart', { reason: 'new gateway' })
  const { id } = await device.asked()
  await device.link.client.answer({ id, kind: 'refused', code: 'source_unknown', message: 'none' })
  expect(await refused).toMatchObject({ status: 404, body: { code: 'source_unknown' } })
  expect(await lastOf('source.restart')).toMatchObject({ result: 'source_unknown', detail: { ...detail, why: 'none' } })
})

test('a device of before these questions says so', async () => {
  using device = await connected(hub, ['infer', 'logs', 'read-tags', 'write-tag'])
  expect((await ask(device, 'browse', {})).body.code).toBe('device_outdated')
  expect((await ask(device, 'test', { spec: simulatorSource('press') })).body.code).toBe('device_outdated')
  expect((await ask(device, 'restart', { reason: 'because' })).body.code).toBe('device_outdated')
})
