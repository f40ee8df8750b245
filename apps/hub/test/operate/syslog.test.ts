/**
 * The audit trail at a real rsyslogd: complete and in order, in spite of kills, wrong certificates, and slow or silent
 * receivers.
 */
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type Server } from 'node:tls'
import type { AuditRecord } from '@skerry/contract/audit/audit'
import { AuditLine } from '@skerry/contract/audit/audit-checkpoint'
import type { SyslogState } from '@skerry/contract/audit/audit-export'
import type { HubHealth } from '@skerry/contract/hub/hub-health'
import { CHAIN_START, checkChain } from '@skerry/core/audit/audit-chain'
import {
  createAuthority,
  issueHubCertificate,
  issueServerCertificate,
} from '@skerry/platform/certificates/certificate-authority'
import { digestOf } from '@skerry/platform/files/hash'
import { systemClock } from '@skerry/platform/process/clock'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { deep, rounds, strict } from '@skerry/testkit/tier'
import { stateThat } from '@skerry/testkit/until'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { handOver } from '../../src/syslog/syslog-line.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { hasRsyslog, openRsyslog, type Rsyslog } from '../stage/servers/rsyslog.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-syslog-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const ENDS = ['SIGKILL', 'SIGTERM', 'SIGKILL'] as const

/** The time limit of the whole file. */
const signal = AbortSignal.timeout(1_800_000)

const webhooks = {
  allowed: [{ host: 'siem.plant' }],
  resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
}
const startHub = (data?: string, ownerKey?: string) =>
  startTestHub({ webhooks, ...(data !== undefined && { data }), ...(ownerKey !== undefined && { ownerKey }) })

const send = (hub: TestHub, to: Pick<Rsyslog, 'port' | 'authorityPem'>, more: object = {}) =>
  hub.ask<SyslogState>('PUT', '/v1/audit/syslog', {
    body: { host: 'siem.plant', port: to.port, authorityPem: to.authorityPem, ...more },
  })

async function write(hub: TestHub, count: number): Promise<void> {
  for (let index = 0; index < count; index++)
    await hub.ask('PUT', `/v1/sites/site-${index}`, { body: { kind: 'edge' } })
}

const stateOf = async (hub: TestHub): Promise<SyslogState> => {
  const { syslog } = (await hub.ask<{ syslog?: SyslogState }>('GET', '/v1/audit/syslog')).body
  if (!syslog) throw new Error('nothing is sent')
  return syslog
}

const until = (hub: TestHub, isSo: (state: SyslogState) => boolean) => stateThat(() => stateOf(hub), isSo)
const allSent = (hub: TestHub) => until(hub, ({ waiting }) => waiting === 0)

const bodyOf = (message: string): AuditLine => AuditLine.parse(JSON.parse(message.slice(message.indexOf('] {') + 2)))
const recordsIn = (messages: readonly string[]): AuditRecord[] =>
  messages.map(bodyOf).flatMap((line) => ('sequence' in line ? [line] : []))

/** Removes duplicates by their sequence; the rest must be the complete chain. */
async function expectWhole(hub: TestHub, messages: readonly string[]): Promise<{ doubles: number }> {
  const { rows } = (await hub.ask<{ rows: AuditRecord[] }>('GET', '/v1/audit?limit=1')).body
  expect(rows).toHaveLength(1)
  const all = recordsIn(messages)
  const bySequence = new Map(all.map((record) => [record.sequence, record]))
  const ordered = [...bySequence.values()].toSorted((a, b) => a.sequence - b.sequence)
  const check = checkChain({ sequence: 0, hash: CHAIN_START }, ordered, digestOf)
  expect(check).toMatchObject({ ok: true, end: { sequence: (await stateOf(hub)).sentThrough } })
  return { doubles: all.length - ordered.length }
}

describe.skipIf(!hasRsyslog)('rsyslogd', () => {
  test('gets the trail from its first record on, in order, with the checkpoints, and seq and message agree', async () => {
    await using rsyslog = await openRsyslog(folder)
    await using hub = await startHub()
    await write(hub, 20)
    expect(await send(hub, rsyslog)).toMatchObject({ status: 200, body: { sentThrough: 0, waiting: 21 } })
    await hub.ask('POST', '/v1/audit/checkpoints', { body: {} })
    await allSent(hub)
    await until(hub, () => true)
    const messages = await rsyslog.messages()
    expect(await expectWhole(hub, messages)).toEqual({ doubles: 0 })
    expect(recordsIn(messages).map(({ sequence }) => sequence)).toEqual(Array.from({ length: 23 }, (_, at) => at + 1))
    for (const message of messages) {
      const line = bodyOf(message)
      const sequence = 'checkpoint' in line ? line.checkpoint.sequence : 'sequence' in line ? line.sequence : 0
      expect(message).toMatch(new RegExp(`^<\\d+>1 \\S+ \\S+ skerry-hub - \\S+ \\[skerry@32473 seq="${sequence}" `))
    }
    const health = (await hub.ask<HubHealth>('GET', '/v1/health')).body
    expect(health.auditExport).toEqual({ receivers: 1, failing: 0, waiting: 0 })
    const { body } = await hub.ask<SyslogState>('GET', '/v1/audit/syslog')
    expect(JSON.stringify(body)).not.toContain('PRIVATE')
  })

  test(
    'loses nothing after a kill, a stop and an absence, and the hub reports how much waits',
    strict('a record that a kill loses is a finding'),
    async () => {
      await using rsyslog = await openRsyslog(folder)
      await using hub = await startHub()
      await send(hub, rsyslog)
      for (const how of ENDS.slice(0, rounds({ quick: 1, deep: 3 }))) {
        await write(hub, 15)
        // In the middle of a connection, and also between two.
        await systemClock.sleep(how === 'SIGTERM' ? 1_500 : 300, signal)
        await rsyslog.end(how)
        await write(hub, 5)
        const { problem, waiting } = await until(hub, (state) => state.problem !== undefined)
        expect(problem?.message).toMatch(/ECONNREFUSED|ECONNRESET|EPIPE|closed the connection|socket/)
        expect(waiting).toBeGreaterThanOrEqual(5)
        const health = (await hub.ask<HubHealth>('GET', '/v1/health')).body
        expect(health.auditExport).toMatchObject({ receivers: 1, failing: 1, waitingSinceMs: expect.any(Number) })
        await rsyslog.start()
        await allSent(hub)
      }
      await expectWhole(hub, await rsyslog.messages())
      expect((await stateOf(hub)).problem).toBeUndefined()
      expect((await hub.ask('GET', '/metrics')).text).toMatch(/skerry_syslog_failures_total [1-9]/)
    },
  )

  test(
    'a hub that restarts continues at its last position',
    deep('a variant of the quick test that kills and stops the receiver and the hub'),
    async () => {
      await using rsyslog = await openRsyslog(folder)
      const data = join(folder, 'hub')
      await mkdir(data)
      const first = await startHub(data)
      await send(first, rsyslog)
      await write(first, 10)
      await allSent(first)
      await rsyslog.end('SIGTERM')
      await write(first, 10)
      await first[Symbol.asyncDispose]()
      await rsyslog.start()
      await using hub = await startHub(data, first.ownerKey)
      await allSent(hub)
      expect(await expectWhole(hub, await rsyslog.messages())).toEqual({ doubles: 0 })
      await send(hub, rsyslog, { fromSequence: 1 })
      await allSent(hub)
      expect((await expectWhole(hub, await rsyslog.messages())).doubles).toBeGreaterThanOrEqual(20)
    },
  )

  test(
    'must prove its name and knows the hub by its certificate, otherwise nothing counts as delivered',
    deep('four wrong certificates, each with its wait; the right one is quick'),
    async () => {
      await using rsyslog = await openRsyslog(folder, { mutual: true })
      await using hub = await startHub()
      const stranger = await createAuthority({ commonName: 'Stranger', nowMs: systemClock.nowMs() })
      const own = await issueHubCertificate(stranger, { hubId: 'hub.plant', nowMs: systemClock.nowMs() })
      const wrong: [object, RegExp][] = [
        [{ authorityPem: stranger.certificatePem }, /self-signed|certificate/],
        [{ serverName: 'other.plant' }, /other\.plant/],
        [{}, /closed the connection|alert certificate required|ECONNRESET/],
        [
          { certificatePem: own.certificatePem, privateKeyPem: own.privateKeyPem },
          /closed the connection|alert|ECONNRESET/,
        ],
      ]
      for (const [more, message] of wrong) {
        expect(await send(hub, rsyslog, more)).toMatchObject({ status: 200 })
        const { problem, sentThrough } = await until(hub, (state) => state.problem !== undefined)
        expect({ sentThrough, ...problem }).toMatchObject({ sentThrough: 0, message: expect.stringMatching(message) })
      }
      expect(await rsyslog.messages()).toEqual([])
      await send(hub, rsyslog, rsyslog.client)
      await allSent(hub)
      await expectWhole(hub, await rsyslog.messages())
      const kept = await hub.hub.store.db.selectFrom('syslog_exports').select('private_key').executeTakeFirst()
      expect(kept?.private_key).toMatch(/^v1\./)
      expect(await hub.ask('POST', '/v1/secrets/rekey', { body: {} })).toMatchObject({ status: 200 })
      await write(hub, 1)
      await allSent(hub)
    },
  )
})

type Receiver = Disposable & { port: number; authorityPem: string; server: Server }

async function openReceiver(): Promise<Receiver> {
  const nowMs = systemClock.nowMs()
  const authority = await createAuthority({ commonName: 'Plant', nowMs })
  const own = await issueServerCertificate(authority, { names: ['siem.plant'], nowMs })
  const server = createServer({ cert: own.certificatePem, key: own.privateKeyPem })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { port, authorityPem: authority.certificatePem, server, [Symbol.dispose]: () => server.close() }
}

const target = (receiver: Receiver) => ({
  host: 'siem.plant',
  port: receiver.port,
  authorityPem: receiver.authorityPem,
  facility: 13,
})
const deliver = (receiver: Receiver, messages: string[], timeoutMs = 10_000) =>
  handOver(
    { target: target(receiver), address: '127.0.0.1', privateKeyPem: undefined, messages, timeoutMs },
    AbortSignal.timeout(PATIENCE_MS),
  )

describe('one connection', () => {
  test(
    'a receiver that reads slowly gets everything',
    deep('two thousand messages to a slow reader; rsyslogd is quick'),
    async () => {
      using receiver = await openReceiver()
      let octets = 0
      receiver.server.on('secureConnection', (socket) => {
        socket.on('data', (chunk: Buffer) => {
          octets += chunk.length
          socket.pause()
          setTimeout(() => socket.resume(), 5)
        })
        socket.on('end', () => socket.end())
      })
      const messages = Array.from({ length: 2_000 }, (_, index) => `${index} ${'x'.repeat(500)}`)
      await deliver(receiver, messages, 60_000)
      expect(octets).toBe(messages.reduce((sum, { length }) => sum + `${length} `.length + length, 0))
    },
  )

  test.each<[string, (server: Server) => void, RegExp]>([
    [
      'does not read',
      (server) => server.on('secureConnection', (socket) => socket.pause()),
      /did not accept it within/,
    ],
    ['reads and never answers the end', (server) => open(server), /did not accept it within/],
    ['hangs up at once', (server) => server.on('secureConnection', (socket) => socket.destroy()), /closed|ECONNRESET/],
    ['hangs up in the middle', (server) => hangUp(server), /closed|ECONNRESET|EPIPE/],
  ])(
    'a receiver that %s counts as having received nothing',
    deep('waits for each silent receiver; a killed one is quick'),
    async (_, behave, problem) => {
      using receiver = await openReceiver()
      behave(receiver.server)
      await expect(deliver(receiver, ['x'.repeat(100_000), 'y'], 1_500)).rejects.toThrow(problem)
    },
  )
})

function open(server: Server): void {
  // The receiver's side stays open, even if the hub ends its side.
  server.on('secureConnection', (socket) => {
    socket.allowHalfOpen = true
    socket.resume()
  })
}

function hangUp(server: Server): void {
  server.on('secureConnection', (socket) => socket.once('data', () => socket.destroy()))
}

test('a forbidden address and unusable settings are rejected at once, and a viewer cannot set the receiver', async () => {
  using receiver = await openReceiver()
  await using hub = await startHub()
  const wrong: [object, string][] = [
    [{ host: '127.0.0.1' }, 'is not a public address'],
    [{ host: '169.254.169.254' }, 'is not a public address'],
    [{ host: '::1' }, 'is not a public address'],
    [{ authorityPem: 'nonsense' }, 'PEM'],
    [{ certificatePem: receiver.authorityPem }, 'go together'],
    [{ certificatePem: receiver.authorityPem, privateKeyPem: 'nonsense' }, 'PEM'],
  ]
  for (const [more, message] of wrong) {
    expect(await send(hub, receiver, more)).toMatchObject({
      status: 422,
      body: { code: 'syslog_refused', message: expect.stringContaining(message) },
    })
  }
  expect(await hub.ask('DELETE', '/v1/audit/syslog')).toMatchObject({ status: 404, body: { code: 'syslog_unknown' } })
  await send(hub, receiver)
  const { secret } = (
    await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'looks', role: 'auditor' } })
  ).body
  expect(await hub.ask('GET', '/v1/audit/syslog', { key: secret })).toMatchObject({ status: 200 })
  expect(await hub.ask('DELETE', '/v1/audit/syslog', { key: secret })).toMatchObject({ status: 403 })
  expect(await hub.ask('DELETE', '/v1/audit/syslog')).toMatchObject({ status: 200 })
  expect((await hub.ask('GET', '/v1/audit/syslog')).body).toEqual({})
  const { rows } = (await hub.ask<{ rows: AuditRecord[] }>('GET', '/v1/audit?action=audit.removeSyslog&result=ok')).body
  expect(rows).toMatchObject([{ object: { kind: 'syslog', id: `siem.plant:${receiver.port}` } }])
  expect(await readFile(join(hub.data, 'hub.sqlite'), 'utf8').catch(() => '')).not.toContain('PRIVATE KEY')
})
