import type { DdiDevice, DdiToken } from '@skerry/contract/ddi/ddi-device'
import type { DeviceDetail } from '@skerry/contract/devices/device'
import { until } from '@skerry/testkit/until'
import { sampleSwu } from '@skerry/testkit/updates/swu'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DdiClient, feedbackOf as feedback, openDdiClient, type Said } from '../stage/fleet/ddi-device.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { upload } from '../stage/test-model.ts'

const OS = 'gateway-os'
const DEVICES = ['gate-1', 'gate-2', 'gate-3'] as const

let hub: TestHub
let client: DdiClient
const added = new Map<string, DdiToken>()

beforeAll(async () => {
  hub = await startTestHub({ ddi: { host: '127.0.0.1', port: 0, pollSeconds: 1 } })
  client = openDdiClient(hub, added)
  await hub.ask('PUT', '/v1/sites/hamburg', { body: { kind: 'edge', country: 'DE' } })
  for (const name of DEVICES) {
    const body = { name, site: 'hamburg', labels: { ring: name }, mustConfirm: name === 'gate-3' }
    const answer = await hub.ask<DdiToken>('POST', '/v1/ddi-devices', { body })
    expect(answer.status, answer.text).toBe(200)
    added.set(name, answer.body)
  }
})
afterAll(async () => {
  client[Symbol.dispose]()
  await hub[Symbol.asyncDispose]()
})

const image = (version: string, { isSigned = true } = {}) =>
  sampleSwu(version, { isSigned, content: Buffer.from(`root file system ${version}`.repeat(100)) })

async function push(bytes: Buffer) {
  const digest = await upload(hub, bytes)
  const body = { files: [{ path: 'image.swu', digest }] }
  return hub.ask<{ version: { version: number }; message?: string; code?: string }>(
    'POST',
    `/v1/models/${OS}/versions`,
    { body },
  )
}

const deploy = async (device: string, version: number, more: object = {}) => {
  const selector = `device.name == "${device}"`
  const body = { deployable: OS, version: String(version), selector, probation: { seconds: 0 }, ...more }
  const answer = await hub.ask('PUT', `/v1/deployments/on-${device}`, { body })
  expect(answer.status, answer.text).toBe(200)
}

const say: DdiClient['say'] = (...words) => client.say(...words)
const tokenOf = (device: string) => added.get(device)?.token

type Links = Partial<Record<'deploymentBase' | 'cancelAction' | 'confirmationBase' | 'configData', { href: string }>>

const linksOf = async (device: string): Promise<Links> => (await say('GET', device)).body._links as Links

/** Polls until the hub offers the link; the result is the number of its action. */
async function offered(device: string, link: keyof Links): Promise<string> {
  const found = await until(async () => (await linksOf(device))[link]?.href)
  return found.split('/').at(-1) ?? ''
}

const itemOf = async (device: string) =>
  (await hub.ask<DeviceDetail>('GET', `/v1/devices/${device}`)).body.items.find(({ name }) => name === OS)

/** Polls, as a device does all the time, until the item has the state. */
const reaches = (device: string, state: string) =>
  until(async () => {
    await say('GET', device)
    return (await itemOf(device))?.state === state
  })

test('an image must be a signed archive of SWUpdate', async () => {
  const unsigned = await push(image('1.0', { isSigned: false }))
  expect(unsigned).toMatchObject({ status: 422, body: { code: 'os_invalid' } })
  expect(unsigned.body.message).toContain('not signed')
  expect(await push(Buffer.from('no archive'))).toMatchObject({ status: 422, body: { code: 'os_invalid' } })
  const pushed = await push(image('1.0'))
  expect(pushed.status, pushed.text).toBe(200)
  expect(pushed.body.version).toMatchObject({ kind: 'os', version: 1 })
  const shown = await hub.ask('GET', `/v1/models/${OS}/versions/1`)
  expect(shown.body).toMatchObject({ os: { version: '1.0', hardware: ['1.0'], parts: [{ name: 'root.bin' }] } })
})

test('a device polls, downloads in ranges, reports, and proves the image', async () => {
  await say('PUT', 'gate-1', '/configData', { body: { mode: 'merge', data: { serial: 'sn-1' } } })
  await deploy('gate-1', 1)
  const action = await offered('gate-1', 'deploymentBase')
  const { body } = await say('GET', 'gate-1', `/deploymentBase/${action}`)
  expect(body).toMatchObject({ id: action, deployment: { update: 'forced', chunks: [{ version: '1.0', part: 'os' }] } })
  const bytes = image('1.0')
  const path = `/softwaremodules/${action}/artifacts/${OS}-1.swu`
  const first = await say('GET', 'gate-1', path, { headers: { range: 'bytes=0-999' } })
  const rest = await say('GET', 'gate-1', path, { headers: { range: 'bytes=1000-' } })
  expect([first.status, rest.status]).toEqual([206, 206])
  expect(Buffer.concat([first.bytes, rest.bytes]).equals(bytes)).toBe(true)
  const progress = feedback('proceeding', 'none', { progress: { cnt: 1, of: 4 } })
  expect(await say('POST', 'gate-1', `/deploymentBase/${action}/feedback`, { body: progress })).toMatchObject({
    status: 200,
  })
  expect(await itemOf('gate-1')).toMatchObject({ state: 'loading', figures: { percent: 25 } })
  await say('POST', 'gate-1', `/deploymentBase/${action}/feedback`, { body: feedback('closed', 'success') })
  await reaches('gate-1', 'active')
  const shown = await hub.ask<DdiDevice>('GET', '/v1/ddi-devices/gate-1')
  expect(shown.body).toMatchObject({ installed: { name: OS, version: 1 }, attributes: { serial: 'sn-1' } })
  expect(await linksOf('gate-1')).toEqual({})
})

test('hostile clients are rejected with stable codes, and change nothing', async () => {
  await push(image('2.0'))
  await deploy('gate-2', 2)
  const action = await offered('gate-2', 'deploymentBase')
  const before = await itemOf('gate-2')
  const refused = async (said: Promise<Said>) => {
    const { status, body } = await said
    return [status, body.code]
  }
  const path = `/deploymentBase/${action}`
  const good = { body: feedback('closed', 'success') }
  const wrong = [401, 'ddi_token_refused']
  expect(await refused(say('GET', 'gate-2', '', { token: '' }))).toEqual(wrong)
  expect(await refused(say('GET', 'gate-2', path, { token: tokenOf('gate-1') }))).toEqual(wrong)
  expect(await refused(say('POST', 'gate-2', `${path}/feedback`, { token: tokenOf('gate-1'), ...good }))).toEqual(wrong)
  expect(await refused(say('GET', 'nobody', '', { token: tokenOf('gate-1') }))).toEqual(wrong)
  expect(await refused(say('GET', 'gate-1%00', '', { token: tokenOf('gate-1') }))).toEqual(wrong)
  expect(await refused(say('GET', 'gate-1', `/softwaremodules/${action}/artifacts/${OS}-2.swu`))).toEqual([
    404,
    'ddi_action_unknown',
  ])
  expect(await refused(say('POST', 'gate-1', '/deploymentBase/77/feedback', good))).toEqual([404, 'ddi_action_unknown'])
  expect(await refused(say('POST', 'gate-1', '/deploymentBase/1/feedback', good))).toEqual([410, 'ddi_action_ended'])
  expect(await refused(say('POST', 'gate-2', `/cancelAction/${action}/feedback`, good))).toEqual([
    404,
    'ddi_action_unknown',
  ])
  // Nothing is being cancelled.
  expect(await refused(say('GET', 'gate-2', `/cancelAction/${action}`))).toEqual([404, 'ddi_action_unknown'])
  const large = JSON.stringify(feedback('closed', 'success', { more: 'x'.repeat(70_000) }))
  expect(await refused(say('POST', 'gate-2', `${path}/feedback`, { raw: large }))).toEqual([413, 'body_too_large'])
  expect(await refused(say('POST', 'gate-2', `${path}/feedback`, { raw: '{"status":' }))).toEqual([
    400,
    'input_invalid',
  ])
  expect(await refused(say('POST', 'gate-2', `${path}/feedback`, { body: { status: 1 } }))).toEqual([
    400,
    'input_invalid',
  ])
  expect(await refused(say('GET', 'gate-2', '/../../../../v1/devices'))).toEqual([404, 'route_unknown'])
  const guesses = Array.from({ length: 60 }, (_, n) => refused(say('GET', 'gate-2', '', { token: `guess-${n}` })))
  expect((await Promise.all(guesses)).map(([, code]) => code)).toContain('rate_limited')
  expect(await itemOf('gate-2')).toEqual(before)
  // The device itself is not slowed down by the guesses of others.
  expect((await say('GET', 'gate-2')).status).toBe(200)
  const main = await fetch(`${hub.url}/default/controller/v1/gate-2`).catch(() => undefined)
  expect(main?.status ?? 404).toBe(404)
})

test('a withdrawn image is cancelled, and the device keeps the one before', async () => {
  await deploy('gate-1', 2)
  const action = await offered('gate-1', 'deploymentBase')
  await say('GET', 'gate-1', `/deploymentBase/${action}`)
  await say('POST', 'gate-1', `/deploymentBase/${action}/feedback`, { body: feedback('download') })
  expect(await itemOf('gate-1')).toMatchObject({ state: 'fetching', serving: { version: 1 } })
  const rolledBack = await hub.ask('POST', '/v1/deployments/on-gate-1/rollback', { body: { to: 1 } })
  expect(rolledBack.status, rolledBack.text).toBe(200)
  expect(await offered('gate-1', 'cancelAction')).toBe(action)
  expect((await say('GET', 'gate-1', `/cancelAction/${action}`)).body).toEqual({
    id: action,
    cancelAction: { stopId: action },
  })
  const cancelled = { body: feedback('closed', 'success') }
  expect((await say('POST', 'gate-1', `/cancelAction/${action}/feedback`, cancelled)).status).toBe(200)
  expect((await say('POST', 'gate-1', `/cancelAction/${action}/feedback`, cancelled)).body.code).toBe(
    'ddi_action_ended',
  )
  await reaches('gate-1', 'active')
  expect(await itemOf('gate-1')).toMatchObject({ target: { version: 1 }, serving: { version: 1 } })
})

test('the owner of a device is asked first, a failure is remembered, and a retry is a new order', async () => {
  await deploy('gate-3', 1)
  const action = await offered('gate-3', 'confirmationBase')
  expect((await say('GET', 'gate-3', `/confirmationBase/${action}`)).body).toMatchObject({ id: action })
  // No order, no image and no result before its owner has answered.
  const early = [
    say('GET', 'gate-3', `/deploymentBase/${action}`),
    say('GET', 'gate-3', `/softwaremodules/${action}/artifacts/${OS}-1.swu`),
    say('POST', 'gate-3', `/deploymentBase/${action}/feedback`, { body: feedback('closed', 'success') }),
  ]
  expect((await Promise.all(early)).map(({ status }) => status)).toEqual([404, 404, 404])
  const denied = { body: { confirmation: 'denied', details: ['not today'] } }
  expect((await say('POST', 'gate-3', `/confirmationBase/${action}/feedback`, denied)).status).toBe(200)
  await reaches('gate-3', 'failed')
  expect((await itemOf('gate-3'))?.cause).toMatchObject({
    code: 'ddi_denied',
    message: expect.stringContaining('not today'),
  })
  expect(await linksOf('gate-3')).not.toHaveProperty('confirmationBase')
  const retry = await hub.ask('POST', '/v1/devices/gate-3/retry', { body: { deployment: 'on-gate-3' } })
  expect(retry.status, retry.text).toBe(200)
  const next = await offered('gate-3', 'confirmationBase')
  expect(Number(next)).toBe(Number(action) + 1)
  await say('POST', 'gate-3', `/confirmationBase/${next}/feedback`, { body: { confirmation: 'confirmed' } })
  expect(await offered('gate-3', 'deploymentBase')).toBe(next)
})

test('a device in quarantine gets no byte of its order until it is released', async () => {
  const action = await offered('gate-3', 'deploymentBase')
  const pathOf = (id: string) => `/softwaremodules/${id}/artifacts/${OS}-1.swu`
  const change = (verb: string) => hub.ask('POST', `/v1/devices/gate-3/${verb}`, { body: { reason: 'a test' } })
  await change('quarantine')
  expect(await linksOf('gate-3')).not.toHaveProperty('deploymentBase')
  const held = [await say('GET', 'gate-3', `/deploymentBase/${action}`), await say('GET', 'gate-3', pathOf(action))]
  expect(held.map(({ body }) => body.code)).toEqual(['device_quarantined', 'device_quarantined'])
  await change('release')
  expect((await say('GET', 'gate-3', pathOf(await offered('gate-3', 'deploymentBase')))).status).toBe(200)
})

test('an image waits for its window', async () => {
  const install = { cron: '0 3 1 1 *', timeZone: 'UTC', durationSeconds: 1 }
  await say('POST', 'gate-2', '/deploymentBase/1/feedback', { body: feedback('closed', 'success') })
  await reaches('gate-2', 'active')
  await deploy('gate-2', 1, { strategy: { window: { install } } })
  await until(async () => {
    await say('GET', 'gate-2')
    return (await itemOf('gate-2'))?.cause?.code === 'window_waits'
  })
  expect(await itemOf('gate-2')).toMatchObject({ state: 'fetching', opensAtMs: expect.any(Number) })
  expect(await linksOf('gate-2')).not.toHaveProperty('deploymentBase')
})

test('a new token ends the old one, and a removed device is a stranger', async () => {
  const renewed = await hub.ask<DdiToken>('POST', '/v1/ddi-devices/gate-3/token', { body: {} })
  const from = '127.0.0.9'
  expect((await say('GET', 'gate-3', '', { from })).status).toBe(401)
  added.set('gate-3', renewed.body)
  expect((await say('GET', 'gate-3')).status).toBe(200)
  await hub.ask('POST', '/v1/devices/gate-3/revoke', { body: { reason: 'a test' } })
  expect((await say('GET', 'gate-3')).body.code).toBe('device_revoked')
  await hub.ask('DELETE', '/v1/devices/gate-3')
  expect((await say('GET', 'gate-3', '', { from })).body.code).toBe('ddi_token_refused')
})

test('a hub has no such port unless a person opens it', async () => {
  await using other = await startTestHub()
  expect(other.hub.config.ddiUrl()).toBeUndefined()
})
