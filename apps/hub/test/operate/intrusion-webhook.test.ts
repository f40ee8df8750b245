/**
 * Findings at a real https receiver: signed, delivered at least once, through restarts on either side, and discarded
 * after a day.
 */
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { IncomingHttpHeaders } from 'node:http'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditRecord } from '@skerry/contract/audit/audit'
import type { Intrusion } from '@skerry/contract/intrusion/intrusion'
import type { IntrusionMessage, IntrusionWebhook } from '@skerry/contract/intrusion/intrusion-webhook'
import { createAuthority, issueServerCertificate } from '@skerry/platform/certificates/certificate-authority'
import { systemClock } from '@skerry/platform/process/clock'
import { deep } from '@skerry/testkit/tier'
import { stateThat } from '@skerry/testkit/until'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { detectIntrusions } from '../../src/intrusion/detection.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'

type Told = { headers: IncomingHttpHeaders; text: string; message: IntrusionMessage }

type Receiver = AsyncDisposable & {
  url: string
  ca: string
  told: Told[]
  status: number
  down(): Promise<void>
  up(): Promise<void>
}

async function openReceiver(): Promise<Receiver> {
  const nowMs = systemClock.nowMs()
  const authority = await createAuthority({ commonName: 'Plant', nowMs })
  const own = await issueServerCertificate(authority, { names: ['soc.plant'], nowMs })
  const told: Told[] = []
  const open = async (port: number) => {
    const server = createServer({ cert: own.certificatePem, key: own.privateKeyPem }, async (request, response) => {
      let text = ''
      for await (const chunk of request) text += chunk
      if (receiver.status === 200) told.push({ headers: request.headers, text, message: JSON.parse(text) })
      response.writeHead(receiver.status).end('seen')
    })
    await once(server.listen(port, '127.0.0.1'), 'listening')
    return server
  }
  let server = await open(0)
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const receiver: Receiver = {
    url: `https://soc.plant:${port}/skerry`,
    ca: authority.certificatePem,
    told,
    status: 200,
    async down() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
    async up() {
      server = await open(port)
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
  return receiver
}

let receiver: Receiver
let data: string
let aheadMs: number
beforeEach(async () => {
  aheadMs = 0
  receiver = await openReceiver()
  data = await mkdtemp(join(tmpdir(), 'skerry-findings-'))
})
afterEach(async () => {
  await receiver[Symbol.asyncDispose]()
  await rm(data, { recursive: true, force: true })
})

const startHub = (ownerKey?: string) =>
  startTestHub({
    data,
    ...(ownerKey !== undefined && { ownerKey }),
    clock: { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs },
    webhooks: {
      allowed: [{ host: 'soc.plant' }],
      ca: receiver.ca,
      secret: 'the secret of gates, which signs none of it',
      resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
    },
  })

const PATH = '/v1/intrusion-webhook'

async function setWebhook(hub: TestHub): Promise<string> {
  const { status, body } = await hub.ask<{ secret: string }>('PUT', PATH, { body: { url: receiver.url } })
  expect(status).toBe(200)
  return body.secret
}

/** One finding for each key that calls a forbidden procedure. */
async function find(hub: TestHub, ...names: string[]): Promise<void> {
  await hub.ask('PUT', '/v1/intrusion-rules', { body: { rule: 'permission_probing', threshold: 1 } })
  for (const name of names) {
    const made = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name, role: 'viewer' } })
    await hub.ask('DELETE', '/v1/sites/oslo', { key: made.body.secret })
  }
  await detectIntrusions(hub.hub)
}

async function findings(hub: TestHub): Promise<string[]> {
  const { rows } = (await hub.ask<{ rows: Intrusion[] }>('GET', '/v1/intrusions')).body
  return rows.map(({ id }) => id).toReversed()
}

async function stateOf(hub: TestHub): Promise<IntrusionWebhook> {
  const { webhook } = (await hub.ask<{ webhook?: IntrusionWebhook }>('GET', PATH)).body
  if (!webhook) throw new Error('nobody is told')
  return webhook
}

const until = (hub: TestHub, isSo: (state: IntrusionWebhook) => boolean) => stateThat(() => stateOf(hub), isSo)
const allTold = (hub: TestHub) => until(hub, ({ waiting }) => waiting === 0)

function expectSigned({ headers, text }: Told, secret: string): void {
  const [, atMs, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-skerry-signature'])) ?? []
  expect(signature).toBe(createHmac('sha256', secret).update(`${atMs}.${text}`).digest('hex'))
  expect(Math.abs(Number(atMs) - systemClock.nowMs())).toBeLessThan(60_000)
}

const idsTold = () => receiver.told.map(({ message }) => message.finding.id)

test('each new finding is sent, signed with a secret that is shown once, and a new secret applies from its setting on', async () => {
  await using hub = await startHub()
  await find(hub, 'before')
  const [history] = await findings(hub)
  const secret = await setWebhook(hub)
  await find(hub, 'first', 'second')
  await allTold(hub)
  const all = await findings(hub)
  expect(all).toEqual([history, ...idsTold()])
  expect(all).toHaveLength(3)
  for (const each of receiver.told) {
    expectSigned(each, secret)
    expect(each.headers).toMatchObject({
      'idempotency-key': each.message.finding.id,
      'content-type': 'application/json',
    })
    expect(each.headers).not.toHaveProperty('skerry-signature')
    expect(each.message).toMatchObject({ kind: 'intrusion.found', isTest: false, organisationId: expect.any(String) })
    expect((await hub.ask('GET', `/v1/intrusions/${each.message.finding.id}`)).body).toEqual(each.message.finding)
  }
  expect(JSON.stringify(await stateOf(hub))).not.toContain(secret)
  const kept = await hub.hub.store.db.selectFrom('intrusion_webhooks').select('secret').executeTakeFirst()
  expect(kept?.secret).toMatch(/^v1\./)
  expect(await hub.ask('POST', '/v1/secrets/rekey', { body: {} })).toMatchObject({ status: 200 })
  const rekeyed = await hub.hub.store.db.selectFrom('intrusion_webhooks').select('secret').executeTakeFirst()
  expect(rekeyed?.secret.split('.')[1]).not.toBe(kept?.secret.split('.')[1])
  await find(hub, 'third')
  await allTold(hub)
  expectSigned(receiver.told[2] as Told, secret)
  const other = await setWebhook(hub)
  await find(hub, 'fourth')
  await allTold(hub)
  expect(other).not.toBe(secret)
  expectSigned(receiver.told[3] as Told, other)
  expect(receiver.told).toHaveLength(4)
})

test(
  'a receiver that is down, and a hub that restarts meanwhile, lose no finding',
  deep('web-receivers and the quick test show a receiver; syslog shows one that is away'),
  async () => {
    const first = await startHub()
    await setWebhook(first)
    await find(first, 'first')
    await allTold(first)
    await receiver.down()
    await find(first, 'second', 'third')
    const failing = await until(first, ({ problem }) => problem !== undefined)
    expect(failing).toMatchObject({ waiting: 2, waitingSinceMs: expect.any(Number), givenUp: { count: 0 } })
    expect(failing.problem?.message).toContain('could not be reached')
    expect((await first.ask('GET', '/metrics')).text).toMatch(/skerry_intrusion_webhook_failures_total [1-9]/)
    await first[Symbol.asyncDispose]()
    await using hub = await startHub(first.ownerKey)
    await find(hub, 'fourth')
    await until(hub, ({ problem }) => (problem?.attempts ?? 0) > 1)
    await receiver.up()
    aheadMs += 300_000
    expect((await allTold(hub)).problem).toBeUndefined()
    expect([...new Set(idsTold())]).toEqual(await findings(hub))
    expect(idsTold()).toHaveLength(4)
  },
)

test(
  'a finding that is not accepted for a day is dropped and listed, and later findings are sent',
  deep('a second outage; the receiver that is down is quick'),
  async () => {
    await using hub = await startHub()
    await setWebhook(hub)
    receiver.status = 503
    await find(hub, 'first')
    await until(hub, ({ problem }) => problem !== undefined)
    aheadMs += 23 * 3_600_000
    expect(await until(hub, ({ problem }) => (problem?.attempts ?? 0) > 1)).toMatchObject({ waiting: 1 })
    await find(hub, 'second')
    aheadMs += 3_600_000
    const [lost, late] = await findings(hub)
    const message = 'the webhook answered 503'
    const given = await until(hub, ({ givenUp }) => givenUp.count > 0)
    expect(given).toMatchObject({ waiting: 1, givenUp: { count: 1, newest: { intrusion: lost, message } } })
    receiver.status = 200
    aheadMs += 300_000
    expect(await allTold(hub)).toMatchObject({ givenUp: { count: 1 } })
    expect(idsTold()).toEqual([late])
    await setWebhook(hub)
    expect((await stateOf(hub)).givenUp).toEqual({ count: 0 })
  },
)

test('a test finding shows the answer of the receiver, and changes nothing', async () => {
  await using hub = await startHub()
  const ask = () => hub.ask('POST', `${PATH}/test`, { body: {} })
  expect(await ask()).toMatchObject({ status: 404, body: { code: 'intrusion_webhook_unknown' } })
  const secret = await setWebhook(hub)
  expect(await ask()).toMatchObject({ status: 200, body: { isTaken: true, status: 200, text: 'seen' } })
  expect(receiver.told).toMatchObject([{ message: { isTest: true } }])
  expectSigned(receiver.told[0] as Told, secret)
  receiver.status = 401
  expect((await ask()).body).toEqual({ isTaken: false, status: 401, text: 'seen' })
  await receiver.down()
  expect((await ask()).body).toMatchObject({ isTaken: false, text: expect.stringContaining('could not be reached') })
  expect(await stateOf(hub)).toMatchObject({ waiting: 0, givenUp: { count: 0 } })
  const path = '/v1/audit?action=intrusion.testWebhook&result=ok'
  const { rows } = (await hub.ask<{ rows: AuditRecord[] }>('GET', path)).body
  expect(rows).toHaveLength(3)
  expect(JSON.stringify(rows)).not.toContain('/skerry')
})

test('a forbidden address is rejected at once, and a viewer cannot set the webhook', async () => {
  await using hub = await startHub()
  for (const url of ['https://127.0.0.1/', 'https://169.254.169.254/latest', 'https://[::1]/', 'https://10.0.0.9/']) {
    expect(await hub.ask('PUT', PATH, { body: { url } })).toMatchObject({
      status: 422,
      body: { code: 'intrusion_webhook_refused', message: expect.stringContaining('is not a public address') },
    })
  }
  for (const url of ['http://soc.plant/', 'https://me:pw@soc.plant/', 'ftp://soc.plant/', 'soc.plant'])
    expect(await hub.ask('PUT', PATH, { body: { url } })).toMatchObject({
      status: 400,
      body: { code: 'input_invalid' },
    })
  expect(await hub.ask('DELETE', PATH)).toMatchObject({ status: 404, body: { code: 'intrusion_webhook_unknown' } })
  await setWebhook(hub)
  const { secret: key } = (
    await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'looks', role: 'auditor' } })
  ).body
  expect(await hub.ask('GET', PATH, { key })).toMatchObject({ status: 200 })
  for (const [method, path] of [
    ['DELETE', PATH],
    ['POST', `${PATH}/test`],
  ] as const)
    expect(await hub.ask(method, path, { key, body: {} })).toMatchObject({ status: 403 })
  expect(await hub.ask('DELETE', PATH)).toMatchObject({ status: 200 })
  expect((await hub.ask('GET', PATH)).body).toEqual({})
})
