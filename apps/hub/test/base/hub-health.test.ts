import { X509Certificate } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { HubCertificates, HubHealth } from '@skerry/contract/hub/hub-health'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub[Symbol.asyncDispose]())

test('an owner is told how the hub fares, in numbers', async () => {
  const { body } = await hub.ask<HubHealth>('GET', '/v1/health')
  expect(body).toMatchObject({
    ready: true,
    problems: [],
    link: { connections: 0, reportIntervalMs: 60_000, reportsWaiting: 0 },
    queues: { pushes: 0, documents: 0 },
    storage: { folder: hub.data, blobBytes: 0 },
    cluster: { leads: true, replicas: [{ url: hub.url, version: body.version }] },
  })
  expect(body.startedAtMs).toBeLessThanOrEqual(body.timeMs)
  expect(body.storage.databaseBytes + body.storage.journalBytes).toBeGreaterThan(10_000)
  expect(body.storage.freeBytes).toBeGreaterThan(0)
  expect(body.process.rssBytes).toBeGreaterThan(body.process.heapUsedBytes)
  expect(body.process.eventLoop.maxMs).toBeGreaterThanOrEqual(body.process.eventLoop.p50Ms)
})

test('a hub that keeps its last free space says so, and what to do', async () => {
  await using full = await startTestHub({ diskFloorBytes: Number.MAX_SAFE_INTEGER })
  const { body } = await full.ask<HubHealth>('GET', '/v1/health')
  expect(body).toMatchObject({ ready: false, problems: [expect.stringContaining('add disk space')] })
})

test('everybody who may look is shown the certificates, and no private key', async () => {
  const viewer = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'looker', role: 'viewer' } })
  const key = viewer.body.secret
  expect((await hub.ask('GET', '/v1/health', { key })).status).toBe(403)
  const { body, text } = await hub.ask<HubCertificates>('GET', '/v1/certificates', { key })
  expect(text).not.toContain('PRIVATE')
  const [authority, server] = body.certificates
  expect(body.certificates.map(({ use }) => use)).toEqual(['authority', 'server'])
  expect(authority).toMatchObject({ subject: 'CN=Skerry hub', fingerprint: hub.hub.config.caFingerprint, names: [] })
  expect(server).toMatchObject({ issuer: 'CN=Skerry hub' })
  expect(server?.names).toEqual(expect.arrayContaining(['localhost', '127.0.0.1']))
  const pinned = new X509Certificate(authority?.pem ?? '')
  expect(new X509Certificate(server?.pem ?? '').verify(pinned.publicKey)).toBe(true)
  const about = await hub.ask<{ signingKeys: string[] }>('GET', '/v1/about')
  expect(body.signingKeys.map(({ publicKeyPem }) => publicKeyPem)).toEqual(about.body.signingKeys)
})

test('the database is as large as its file', async () => {
  const { size } = await stat(join(hub.data, 'hub.sqlite'))
  expect((await hub.hub.store.bytes()).databaseBytes).toBe(size)
})
