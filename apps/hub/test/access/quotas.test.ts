import { createHash } from 'node:crypto'
import { systemClock } from '@skerry/platform/process/clock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { askToJoin, makeApplicant, makeToken } from '../stage/test-device.ts'
import { modelBytes, push, unary } from '../stage/test-model.ts'

let hub: TestHub
let nowMs = Date.parse('2026-11-26T10:00:00Z')

beforeAll(async () => {
  hub = await startTestHub({ hasOperator: true, clock: { ...systemClock, nowMs: () => nowMs } })
})
afterAll(() => hub[Symbol.asyncDispose]())

type Refused = { code?: string; message: string; data?: { quota: string; max: number; used: number } }
type Shown = { quota: Record<string, number>; use: Record<string, number> }

const setQuota = (quota: Record<string, number | null>, organisation = 'default') =>
  hub.ask<Shown & Refused>('PUT', `/v1/organisations/${organisation}/quota`, { key: hub.operatorKey, body: quota })

const ownUse = async () => (await hub.ask<Shown>('GET', '/v1/organisation')).body

const join = async (secret: string) =>
  (await askToJoin(hub, secret, await makeApplicant())).body as unknown as Refused & { deviceId?: string }

const announce = (letter: string, sizeBytes: number) => {
  const digest = `sha256:${createHash('sha256').update(letter).digest('hex')}`
  return hub.ask<Refused & { id: string }>('POST', '/v1/uploads', { body: { digest, sizeBytes } })
}

test('devices: the last place is given once, the rejection names quota and use, and a removed device makes room', async () => {
  const { secret } = await makeToken(hub)
  const first = await join(secret)
  expect((await setQuota({ devices: 2 })).body).toMatchObject({ quota: { devices: 2 }, use: { devices: 1 } })
  const rush = await Promise.all([join(secret), join(secret), join(secret)])
  const refused = rush.filter(({ code }) => code !== undefined)
  expect(refused.map(({ code }) => code)).toEqual(['device_quota_reached', 'device_quota_reached'])
  expect(refused[0]).toMatchObject({ data: { quota: 'devices', max: 2, used: 2 } })
  expect(refused[0]?.message).toContain('may have 2 devices, and has 2')
  await hub.ask('DELETE', `/v1/devices/${first.deviceId}`)
  expect((await join(secret)).code).toBeUndefined()
  expect(await ownUse()).toMatchObject({ quota: { devices: 2 }, use: { devices: 2 } })
  expect((await setQuota({ devices: null })).body.quota).toEqual({})
})

test('storage: stored bytes and uploads in progress count together, and pushing stored bytes again costs nothing', async () => {
  await push(hub, 'pump', modelBytes(unary('Relu')))
  const used = (await ownUse()).use.storageBytes ?? 0
  expect(used).toBeGreaterThan(0)
  await setQuota({ storageBytes: used + 100 })
  const begun = await announce('a', 60)
  expect(begun.status, begun.text).toBe(200)
  const over = await announce('b', 60)
  expect(over.body).toMatchObject({ code: 'storage_quota_reached', data: { max: used + 100, used: used + 60 } })
  expect((await announce('a', 60)).status).toBe(200)
  await hub.ask('DELETE', `/v1/uploads/${begun.body.id}`)
  expect((await announce('b', 100)).status).toBe(200)
  // A quota below the present use: nothing is removed, and nothing new is accepted.
  await setQuota({ storageBytes: 1 })
  expect((await push(hub, 'pump', modelBytes(unary('Relu')))).body.created).toBe(false)
  expect((await announce('c', 1)).body.code).toBe('storage_quota_reached')
  await setQuota({ storageBytes: null })
  expect((await announce('c', 1)).status).toBe(200)
})

test('requests: a caller that sends too many waits for the stated time, others do not, and devices are not counted', async () => {
  nowMs = Date.parse('2026-11-26T11:00:00Z')
  await setQuota({ requestsPerMinute: 60 })
  const codes: (string | undefined)[] = []
  for (let count = 0; count < 62; count++) codes.push((await hub.ask<Refused>('GET', '/v1/me')).body.code)
  expect(codes.slice(0, 60).filter(Boolean)).toEqual([])
  expect(codes.slice(60)).toEqual(['request_quota_reached', 'request_quota_reached'])
  const refused = await hub.ask<Refused>('GET', '/v1/me')
  expect(refused.status).toBe(429)
  expect(refused.body.message).toContain('60 requests a minute')
  const { secret } = { secret: 'x'.repeat(43) }
  expect((await askToJoin(hub, secret, await makeApplicant())).body).toMatchObject({ code: 'token_refused' })
  const operator = await hub.ask<Shown>('GET', '/v1/organisations/default', { key: hub.operatorKey })
  expect(operator.body.use.requestsPerMinute).toBe(60)
  nowMs += Number(refused.headers['retry-after']) * 1_000
  expect((await hub.ask<Refused>('GET', '/v1/me')).body.code).toBeUndefined()
  // A changed quota counts at once.
  await setQuota({ requestsPerMinute: null })
  for (let count = 0; count < 70; count++) expect((await hub.ask<Refused>('GET', '/v1/me')).body.code).toBeUndefined()
})

test('an operator sets the quota of an organisation, both trails record it, and its owner cannot change it', async () => {
  const body = { name: 'small', quota: { devices: 3 } }
  const made = await hub.ask<{ organisation: Shown }>('POST', '/v1/organisations', { key: hub.operatorKey, body })
  expect(made.body.organisation).toMatchObject({ quota: { devices: 3 }, use: { devices: 0, storageBytes: 0 } })
  const own = await hub.ask<Refused>('PUT', '/v1/organisations/default/quota', { body: { devices: 9 } })
  expect(own.body.code).toBe('permission_denied')
  const { text } = await hub.ask('GET', '/v1/audit?limit=500')
  expect(text).toContain('organisation.setQuota')
  expect((await setQuota({ requestsPerMinute: 1 })).body.code).toBe('input_invalid')
  expect((await setQuota({ devices: 1 }, 'nobody')).body.code).toBe('organisation_unknown')
})
