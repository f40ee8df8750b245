/** Two hubs on one PostgreSQL: whoever is cut off at one is cut off at the other, where its link is open; and both go by the same authorities. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Authority } from '@skerry/contract/authorities/authority'
import { isIssuedBy } from '@skerry/platform/certificates/certificate'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { hasPostgres, newDatabase, type PostgresCluster, startPostgres } from '@skerry/testkit/postgres-cluster'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice, openLink, reportOf, type TestLink } from '../stage/test-device.ts'

/** From the answer to whoever revokes until the link is closed: told by the other hub, and not found by one that looks by itself. */
const CLOSED_MS = 9_000

describe.skipIf(!hasPostgres)('two hubs', () => {
  let folder: string
  let server: PostgresCluster
  let asked: TestHub
  let other: TestHub

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-revoke-'))
    server = await startPostgres()
    const databaseUrl = await newDatabase(server.url)
    const start = async (name: string, ownerKey?: string) => {
      const data = join(folder, name)
      await mkdir(data)
      return startTestHub({ data, databaseUrl, secrets: join(folder, 'a'), ...(ownerKey && { ownerKey }) })
    }
    asked = await start('a')
    other = await start('b', asked.ownerKey)
    const both = async () => expect(await asked.hub.cluster.members()).toHaveLength(2)
    await vi.waitFor(both, PATIENCE_MS)
  })
  afterAll(async () => {
    for (const hub of [asked, other]) await hub?.[Symbol.asyncDispose]()
    await server?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  /** How long it took from the answer on, and why the link ended. */
  async function untilClosed({ closed }: TestLink, cut: () => Promise<{ status: number }>) {
    expect((await cut()).status).toBe(200)
    const answeredMs = performance.now()
    const { reason } = await closed
    return { reason, tookMs: performance.now() - answeredMs }
  }

  test('a device that is revoked at one hub loses its link to the other at once', async () => {
    const device = await joinDevice(other)
    using link = await openLink(other, device)
    await link.client.report(reportOf())
    const revoke = () => asked.ask('POST', `/v1/devices/${device.name}/revoke`, { body: { reason: 'stolen' } })
    const { reason, tookMs } = await untilClosed(link, revoke)
    expect(reason).toBe('device_revoked')
    expect(tookMs).toBeLessThan(CLOSED_MS)
    await expect(openLink(other, device)).rejects.toThrow('device_revoked')
  })

  test('an authority that one hub makes signs at the other; retired at one, its devices lose their links to the other', async () => {
    const device = await joinDevice(other)
    using link = await openLink(other, device)
    await link.client.report(reportOf())
    const next = (await asked.ask<Authority>('POST', '/v1/authorities/rotate', { body: { withinSeconds: 0 } })).body
    await expect.poll(() => other.hub.authorities.active().id).toBe(next.id)
    const joined = await joinDevice(other)
    expect(isIssuedBy(joined.certificatePem, next.chainPem ?? '')).toBe(true)
    using fresh = await openLink(other, joined)
    await fresh.client.report(reportOf())
    const retire = () => asked.ask('POST', '/v1/authorities/first/retire', { body: { force: true } })
    const { reason, tookMs } = await untilClosed(link, retire)
    expect(reason).toBe('certificate_invalid')
    expect(tookMs).toBeLessThan(CLOSED_MS)
    expect((await fresh.client.report(reportOf())).generation).toBe(0)
  })
})
