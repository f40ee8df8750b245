/** Two hubs on one PostgreSQL: whichever is asked, the device answers, wherever its link is. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CommandMessage } from '@skerry/contract/devices/device-command'
import type { HubHealth } from '@skerry/contract/hub/hub-health'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { hasPostgres, newDatabase, type PostgresCluster, startPostgres } from '@skerry/testkit/postgres-cluster'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { connected, get, INPUT, infer, put, runnerAnswer } from '../stage/asked-device.ts'
import { answerLook, FLOW, next, watchFlow } from '../stage/look-stream.ts'
import { type StartOptions, startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice, openLink, reportOf } from '../stage/test-device.ts'
import { modelBytes, push, unary } from '../stage/test-model.ts'

describe.skipIf(!hasPostgres)('two hubs', () => {
  let folder: string
  let server: PostgresCluster
  let databaseUrl: string
  const hubs: TestHub[] = []

  async function start(name: string, options: StartOptions = {}): Promise<TestHub> {
    const data = join(folder, name)
    await mkdir(data)
    const [first] = hubs
    const shared = { databaseUrl, secrets: join(folder, 'a'), ...(first && { ownerKey: first.ownerKey }) }
    return startTestHub({ data, ...shared, ...options })
  }
  /** Each of them knows so many, itself among them. */
  const known = (count: number) =>
    vi.waitFor(async () => {
      const members = await Promise.all(hubs.map(({ hub }) => hub.cluster.members()))
      expect(members.map(({ length }) => length)).toEqual(hubs.map(() => count))
    }, PATIENCE_MS)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-ask-'))
    server = await startPostgres()
    databaseUrl = await newDatabase(server.url)
    for (const name of ['a', 'b']) hubs.push(await start(name))
    await known(2)
    await push(at(0), 'pump', modelBytes(unary('Relu')))
  })
  afterAll(async () => {
    for (const hub of hubs) await hub[Symbol.asyncDispose]()
    await server?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })
  const at = (index: number) => hubs[index] as TestHub

  const trail = async () => {
    const found = await at(1).ask<{ rows: { result: string; source: string }[] }>(
      'GET',
      '/v1/audit?action=device.infer&newestFirst=true',
    )
    return found.body.rows
  }

  test('a device is asked through the hub that it is not connected to, and its bytes go by any', async () => {
    using device = await connected(at(1))
    const before = (await trail()).length
    const answered = infer(at(0), device)
    const command = await device.asked()
    if (command.kind !== 'infer') throw new Error('not infer')
    // As a balancer would have it: the link is at one hub, the bytes at the other.
    for (const hub of hubs) {
      const question = await get(hub, command.id, device)
      expect(question.status).toBe(200)
      expect(Buffer.from(question.text, 'latin1')).toHaveLength(command.bytes)
    }
    const { bytes, jsonBytes } = runnerAnswer([1, 0])
    expect(await put(at(0), device, command.id, bytes)).toMatchObject({ status: 200 })
    await device.link.client.answer({ id: command.id, kind: 'infer', runnerUs: 77, jsonBytes })
    const outputs = [{ name: 'y', datatype: 'FP32', shape: [1, 2], data: [1, 0] }]
    expect(await answered).toMatchObject({ status: 200, body: { device: device.name, outputs, runnerUs: 77 } })
    // On record once, by the hub that was asked.
    expect((await trail()).length).toBe(before + 1)
    expect(await get(at(0), command.id, device)).toMatchObject({ status: 404, body: { code: 'command_unknown' } })
  })

  test('what the device refuses, and what is too much for it, is said as if it were connected here', async () => {
    using device = await connected(at(1))
    const waiting = [0, 1, 0, 1].map((index) => infer(at(index), device))
    const commands = [await device.asked(), await device.asked(), await device.asked(), await device.asked()]
    expect(await infer(at(0), device)).toMatchObject({ status: 429, body: { code: 'device_busy' } })
    for (const { id } of commands)
      await device.link.client.answer({ id, kind: 'refused', code: 'inference_failed', message: 'not this one' })
    for (const each of waiting)
      expect(await each).toMatchObject({ status: 422, body: { code: 'inference_failed', message: 'not this one' } })
    expect((await infer(at(0), device, { timeoutMs: 1_000 })).body.code).toBe('command_timeout')
  })

  test('8 MiB go there; what is more than either hub holds at once is refused', async () => {
    using device = await connected(at(1))
    const size = 8 * 2 ** 20
    const data = Buffer.alloc(size, 7).toString('base64')
    const answered = infer(at(0), device, { inputs: [{ name: 'x', datatype: 'UINT8', shape: [size], data }] })
    const { id } = await device.asked()
    expect((await get(at(0), id, device)).text.length).toBeGreaterThan(size)
    expect((await put(at(0), device, id, new Uint8Array(32 * 2 ** 20 + 1))).status).toBe(413)
    await device.link.client.answer({ id, kind: 'refused', code: 'command_failed', message: 'no' })
    expect((await answered).body.code).toBe('command_failed')
    const { organisationId } = (await at(0).ask<{ organisationId: string }>('GET', '/v1/me')).body
    for (const { hub } of hubs) {
      // What the questions before took is given back when their connections know that they are over.
      using _all = await vi.waitUntil(() => hub.commands.budget.reserve(96 * 2 ** 20, organisationId), PATIENCE_MS)
      expect(await infer(at(0), device)).toMatchObject({ status: 429, body: { code: 'hub_busy' } })
    }
  })

  test('whoever goes away is waited for no more, on either hub', async () => {
    using device = await connected(at(1))
    const leaving = new AbortController()
    const asking = request(`${at(0).url}/v1/devices/${device.name}/models/pump/infer`, {
      method: 'POST',
      ca: at(0).hub.config.caPem,
      signal: leaving.signal,
      headers: { authorization: `Bearer ${at(0).ownerKey}`, 'content-type': 'application/json' },
    })
    asking.on('error', () => undefined)
    asking.end(JSON.stringify({ inputs: [INPUT] }))
    const { id } = await device.asked()
    leaving.abort()
    expect(await device.next()).toEqual({ kind: 'cancel', id })
    await expect.poll(async () => (await trail())[0]?.result).toBe('command_cancelled')
  })

  test('a flow is watched through the hub that its device is not connected to', async () => {
    using device = await connected(at(1), ['look'])
    const events = watchFlow(at(0), device)
    for (const atMs of [1_000, 2_000, 3_000]) {
      const told = next(events)
      await answerLook(at(0), device, { ...FLOW, atMs })
      expect(await told).toMatchObject({ kind: 'flow', device: device.name, atMs })
    }
    const { id } = await device.asked()
    await events.return()
    expect(await device.next()).toEqual({ kind: 'cancel', id })
  })

  test('a device that has come to another hub is asked there, though its old link is not known to be dead', async () => {
    using device = await connected(at(1))
    device.link.socket.pause()
    for (const index of [0, 1, 0]) {
      using link = await openLink(at(index), device)
      await link.client.report(reportOf())
      const stream = (await link.client.commands({ kinds: ['infer'] }))[Symbol.asyncIterator]()
      for (const hub of hubs) {
        const answered = infer(hub, device)
        const { id } = (await stream.next()).value as CommandMessage
        const code = 'inference_failed' as const
        await link.client.answer({ id, kind: 'refused', code, message: `link ${index}` })
        expect((await answered).body.message).toBe(`link ${index}`)
        // That it is over, if the stream is told so at all, comes before the next question.
        await stream.next()
      }
    }
  })

  test('a device that goes away ends what it was asked; then no hub has it', async () => {
    const device = await connected(at(1))
    const lost = infer(at(0), device)
    await device.asked()
    device.link.socket.terminate()
    expect(await lost).toMatchObject({ status: 409, body: { code: 'device_unreachable' } })
    for (const hub of hubs) expect(await infer(hub, device)).toMatchObject({ body: { code: 'device_unreachable' } })
  })

  test('hubs ask each other; strangers and devices ask no hub', async () => {
    const device = await joinDevice(at(0))
    const path = `/peer/devices/${device.id}`
    expect(await at(0).ask('GET', path)).toMatchObject({ status: 401, body: { code: 'certificate_missing' } })
    const byDevice = await at(0).ask('GET', path, { certificate: device })
    expect(byDevice).toMatchObject({ status: 403, body: { code: 'permission_denied' } })
  })

  test('a key that is revoked through one hub is refused by the other at once, and a session that ends, too', async () => {
    const create = (name: string) =>
      at(0).ask<{ secret: string; key: { id: string } }>('POST', '/v1/keys', { body: { name, role: 'viewer' } })
    const [{ body: robot }, { body: person }] = [await create('robot'), await create('person')]
    const ownPage = { 'sec-fetch-site': 'same-origin' }
    const login = { key: null, body: { key: person.secret }, headers: ownPage }
    const opened = await at(0).ask('POST', '/v1/session', login)
    const cookie = String(opened.headers['set-cookie']).split(';')[0] ?? ''
    const asRobot = { key: robot.secret }
    const asPerson = { key: null, headers: { cookie, ...ownPage } }
    for (const as of [asRobot, asPerson]) expect(await at(1).ask('GET', '/v1/me', as)).toMatchObject({ status: 200 })
    const told = new Promise<void>((resolve) => at(1).hub.bus.subscribe('key.changed', robot.key.id, () => resolve()))
    for (const { key } of [robot, person]) await at(0).ask('POST', `/v1/keys/${key.id}/revoke`)
    await told
    expect(await at(1).ask('GET', '/v1/me', asRobot)).toMatchObject({ status: 401, body: { code: 'key_invalid' } })
    expect(await at(1).ask('GET', '/v1/me', asPerson)).toMatchObject({ status: 401, body: { code: 'session_ended' } })
  })

  test('each says who leads, and which hubs are there', async () => {
    const clusterOf = async (hub: TestHub) => (await hub.ask<HubHealth>('GET', '/v1/health')).body.cluster
    await vi.waitFor(async () => expect((await clusterOf(at(0))).leader).toBeDefined(), PATIENCE_MS)
    const a = await clusterOf(at(0))
    const b = await clusterOf(at(1))
    expect([a.leads, b.leads].filter(Boolean)).toHaveLength(1)
    expect(a.leader).toBe(a.leads ? a.replica : b.replica)
    expect(b.leader).toBe(a.leader)
    const names = hubs.map(({ hub }) => hub.cluster.hubId)
    expect([a.replica, b.replica]).toEqual(names)
    for (const { replicas } of [a, b])
      expect(new Map(replicas?.map(({ replica, url }) => [replica, url]))).toEqual(
        new Map(hubs.map(({ hub, url }) => [hub.cluster.hubId, url])),
      )
  })

  test('a hub that the others cannot reach is named, with the option; it holds nobody else up', async () => {
    const deaf = await start('c', { peerAddress: { host: '127.0.0.1', port: 1 } })
    hubs.push(deaf)
    await known(3)
    using there = await connected(deaf)
    const refused = await infer(at(0), there)
    expect(refused).toMatchObject({ status: 502, body: { code: 'hub_peer_unreachable' } })
    for (const word of [deaf.hub.cluster.hubId, 'https://127.0.0.1:1', '--peer-address'])
      expect(refused.body.message).toContain(word)
    // It asks the others, and they each other.
    using here = await connected(at(1))
    for (const hub of hubs) {
      const answered = infer(hub, here)
      const { id } = await here.asked()
      await here.link.client.answer({ id, kind: 'refused', code: 'command_failed', message: 'heard' })
      expect((await answered).body.message).toBe('heard')
    }
    hubs.pop()
    await deaf[Symbol.asyncDispose]()
    await known(2)
    expect((await infer(at(0), there)).body.code).toBe('device_unreachable')
  })

  test('a hub whose address is that of another is not taken for it', async () => {
    const wrong = await start('d', { peerAddress: { host: '127.0.0.1', port: Number(new URL(at(1).url).port) } })
    hubs.push(wrong)
    await known(3)
    using device = await connected(wrong)
    const refused = await infer(at(0), device)
    expect(refused.body).toMatchObject({ code: 'hub_peer_unreachable' })
    expect(refused.body.message).toContain('another program answers there')
    hubs.pop()
    await wrong[Symbol.asyncDispose]()
  })
})
