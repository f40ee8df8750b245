/** Devices that somebody has announced: they join without waiting, with what was announced, and once. */
import type { AuditRecord } from '@skerry/contract/audit/audit'
import type { Device } from '@skerry/contract/devices/device'
import type { ExpectedDevice } from '@skerry/contract/devices/expected-device'
import { hashPublicKey } from '@skerry/platform/certificates/public-key-hash'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { askToJoin, makeApplicant, makeToken } from '../stage/test-device.ts'

let hub: TestHub
let secret: string
beforeAll(async () => {
  hub = await startTestHub()
  ;({ secret } = await makeToken(hub, { approval: 'manual' }))
  await hub.ask('PUT', '/v1/sites/oslo', { body: { kind: 'edge' } })
})
afterAll(() => hub[Symbol.asyncDispose]())

const announce = (...devices: Record<string, unknown>[]) =>
  hub.ask<{ devices: ExpectedDevice[]; code?: string; message?: string }>('POST', '/v1/expected-devices', {
    body: { devices },
  })
const announced = async () => (await hub.ask<{ rows: ExpectedDevice[] }>('GET', '/v1/expected-devices')).body.rows
const show = async (name: string) => (await hub.ask<Device>('GET', `/v1/devices/${name}`)).body

test('a machine whose serial number was announced joins at once, as announced', async () => {
  await announce({ serial: 'SN-1', site: 'oslo', name: 'press-1', labels: { line: '4' } })
  const joined = await askToJoin(hub, secret, await makeApplicant(), 'whatever', 'SN-1')
  expect(joined.body).toMatchObject({ status: 'active', name: 'press-1' })
  expect(await show('press-1')).toMatchObject({ site: 'oslo', labels: { line: '4' } })
  const entry = (await announced()).find(({ serial }) => serial === 'SN-1')
  expect(entry).toMatchObject({ by: 'owner', device: { name: 'press-1' } })
  const { body } = await hub.ask<{ rows: AuditRecord[] }>('GET', '/v1/audit?action=device.join')
  expect(body.rows.at(-1)).toMatchObject({ detail: { expected: entry?.id, serial: 'SN-1' } })
})

test('a key that was announced is proved: nobody else is let in with it, and its serial number helps no other key', async () => {
  const mine = await makeApplicant()
  const other = await makeApplicant()
  const keyFingerprint = hashPublicKey(mine.privateKeyPem)
  await announce({ keyFingerprint, serial: 'SN-2', site: 'oslo' })
  expect((await askToJoin(hub, secret, other, 'thief', 'SN-2')).body).toMatchObject({ status: 'pending' })
  expect((await askToJoin(hub, secret, mine, 'press-2', 'SN-other')).body).toMatchObject({ status: 'pending' })
  const again = await askToJoin(hub, secret, mine, 'press-2', 'SN-2')
  expect(again.body).toMatchObject({ status: 'active', name: 'press-2' })
})

test('a second machine that says the same serial number waits for a person, whatever its token says', async () => {
  await announce({ serial: 'SN-3', site: 'oslo' })
  const auto = await makeToken(hub)
  const join = async (name: string) => (await askToJoin(hub, auto.secret, await makeApplicant(), name, 'SN-3')).body
  expect(await join('first')).toMatchObject({ status: 'active' })
  expect(await join('second')).toMatchObject({ status: 'pending' })
  await hub.ask('DELETE', '/v1/devices/first')
  expect(await join('replacement')).toMatchObject({ status: 'active' })
})

test('of many that say one serial number at once, one is let in', async () => {
  await announce({ serial: 'SN-4', site: 'oslo' })
  const applicants = await Promise.all(Array.from({ length: 6 }, makeApplicant))
  const answers = await Promise.all(
    applicants.map((one, index) => askToJoin(hub, secret, one, `race-${index}`, 'SN-4')),
  )
  expect(answers.map(({ body }) => body.status).toSorted()).toEqual(['active', ...Array(5).fill('pending')])
})

test('a device that waits is let in at its next asking, once it is announced; one that was denied is not', async () => {
  const waits = await makeApplicant()
  const denied = await makeApplicant()
  await askToJoin(hub, secret, waits, 'patient', 'SN-5')
  await askToJoin(hub, secret, denied, 'denied', 'SN-6')
  await hub.ask('POST', '/v1/devices/denied/deny', { body: { reason: 'no' } })
  await announce({ serial: 'SN-5', site: 'oslo', labels: { line: '7' } }, { serial: 'SN-6', site: 'oslo' })
  expect((await askToJoin(hub, secret, waits, 'patient', 'SN-5')).body).toMatchObject({ status: 'active' })
  expect(await show('patient')).toMatchObject({ status: 'active', site: 'oslo', labels: { line: '7' } })
  expect((await askToJoin(hub, secret, denied, 'denied', 'SN-6')).body).toMatchObject({ code: 'join_denied' })
})

test('a list is taken whole or not at all, and the entry that is wrong is named', async () => {
  const before = await announced()
  const twice = await announce({ serial: 'SN-8', site: 'oslo' }, { serial: 'SN-8', site: 'oslo' })
  expect(twice).toMatchObject({ status: 409, body: { code: 'expected_exists' } })
  expect(twice.body.message).toContain('SN-8')
  const nowhere = await announce({ serial: 'SN-9', site: 'oslo' }, { serial: 'SN-10', site: 'nowhere' })
  expect(nowhere).toMatchObject({ status: 404, body: { code: 'site_unknown' } })
  expect((await announce({ site: 'oslo' })).body).toMatchObject({ code: 'input_invalid' })
  expect(await announced()).toEqual(before)
})

test('one that is expected no more waits like any other', async () => {
  const { body } = await announce({ serial: 'SN-11', site: 'oslo' })
  expect((await hub.ask('DELETE', `/v1/expected-devices/${body.devices[0]?.id}`)).status).toBe(200)
  expect((await hub.ask('DELETE', `/v1/expected-devices/${body.devices[0]?.id}`)).body).toMatchObject({
    code: 'expected_unknown',
  })
  const asked = await askToJoin(hub, secret, await makeApplicant(), 'late', 'SN-11')
  expect(asked.body).toMatchObject({ status: 'pending' })
})
