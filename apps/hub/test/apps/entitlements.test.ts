/** Entitlements across the months: installation, warnings, grace, end, emergency, and that nothing that runs is stopped. */

import { join } from 'node:path'
import type { EmergencyPeriod, Entitlement, EntitlementStatement } from '@skerry/contract/market/entitlement'
import type { Installation } from '@skerry/contract/market/installation'
import { Listing } from '@skerry/contract/market/listing'
import { listingEntry } from '@skerry/core/market/listing-entry'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { writeCatalogueBlob, writeEnvelope } from '@skerry/platform/market/catalogue-folder'
import { systemClock } from '@skerry/platform/process/clock'
import { signCatalogue } from '@skerry/platform/signatures/catalogue-signature'
import { signEntitlement } from '@skerry/platform/signatures/entitlement-signature'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice } from '../stage/test-device.ts'

const DAY_MS = 86_400_000
const SPEC = canonicalJson({ protocol: 'simulator', connection: { seed: 1 }, groups: [] })
const publisher = generateKeyPair()
const stranger = generateKeyPair()

let hub: TestHub
let nowMs = Date.now()
let keyId: string

beforeAll(async () => {
  hub = await startTestHub({ clock: { ...systemClock, nowMs: () => nowMs } })
  for (const name of ['press-1', 'press-2']) await joinDevice(hub, { name })
  for (const [name, { publicKeyPem }] of Object.entries({ vendor: publisher, stranger })) {
    const added = await hub.ask<{ keyId: string }>('POST', '/v1/signing-keys', { body: { name, publicKeyPem } })
    if (name === 'vendor') keyId = added.body.keyId
  }
  await publish(['1.0.0'])
  const body = { name: 'plant', keys: [keyId] }
  expect((await hub.ask('PUT', '/v1/catalogues/plant', { body })).status).toBe(200)
})
afterAll(() => hub[Symbol.asyncDispose]())

/** Writes the catalogue with these versions of a listing that needs an entitlement. */
async function publish(versions: readonly string[]): Promise<void> {
  const folder = join(hub.hub.config.catalogues, 'plant')
  const digest = await writeCatalogueBlob(folder, Buffer.from(SPEC))
  const listings = []
  for (const [index, version] of versions.entries()) {
    const listing = Listing.parse({
      v: 1,
      name: 'watch',
      version,
      title: 'Watch',
      summary: 'Watches',
      description: 'A watch.',
      categories: ['quality'],
      licence: 'MIT',
      publisher: 'Vendor',
      entitlement: 'required',
      ...(index > 0 && { replaces: versions[index - 1] }),
      connections: [{ item: 'source', connection: 'source', spec: { digest, sizeBytes: SPEC.length } }],
    })
    const text = Buffer.from(canonicalJson(listing))
    listings.push(listingEntry(listing, { digest: await writeCatalogueBlob(folder, text), sizeBytes: text.length }))
  }
  const index = {
    v: 1,
    name: 'plant',
    version: versions.length,
    expiresAtMs: nowMs + 2_000 * DAY_MS,
    listings,
  } as const
  await writeEnvelope(folder, signCatalogue(index, [publisher.privateKeyPem]))
}

const add = (more: Partial<EntitlementStatement> = {}, key = publisher.privateKeyPem) => {
  const days = { issuedAtMs: nowMs, untilMs: nowMs + 365 * DAY_MS, graceDays: 10 }
  const statement = { v: 1, tenant: 'default', listing: 'watch', devices: 1, trial: false, ...days, ...more } as const
  return hub.ask<Entitlement>('POST', '/v1/entitlements', { body: { envelope: signEntitlement(statement, key) } })
}

const install = (selector: string, version?: string) =>
  hub.ask<{ code?: string; change?: string; message?: string }>('PUT', '/v1/installations/watch', {
    body: { name: 'watch', catalogue: 'plant', listing: 'watch', selector, ...(version !== undefined && { version }) },
  })

const outcome = async (answer: ReturnType<typeof install>) => {
  const { body } = await answer
  return body.code ?? body.change
}

const notice = async () => (await hub.ask<{ rows: Installation[] }>('GET', '/v1/installations')).body.rows[0]?.notice

const ONE = 'device.name == "press-1"'

test('without an entitlement nothing is installed, and only a document of the publisher for this organisation counts', async () => {
  expect(await outcome(install(ONE))).toBe('entitlement_missing')
  expect((await add({ tenant: 'other' })).body).toMatchObject({ code: 'entitlement_refused' })
  expect((await add({}, generateKeyPair().privateKeyPem)).body).toMatchObject({ code: 'entitlement_refused' })
  // A trusted key, but not one of the catalogue.
  expect((await add({}, stranger.privateKeyPem)).status).toBe(200)
  expect(await outcome(install(ONE))).toBe('entitlement_missing')
  expect((await add()).body).toMatchObject({ state: 'valid', devices: 1 })
  expect(await outcome(install('true'))).toBe('entitlement_missing')
  expect(await outcome(install(ONE))).toBe('install')
})

test('people are warned before the end; afterwards upgrades go on for the days of grace, and what runs for ever', async () => {
  expect(await notice()).toBeUndefined()
  nowMs += 360 * DAY_MS
  expect(await notice()).toBe('the entitlement to watch ends in 5 days')
  nowMs += 6 * DAY_MS
  expect(await notice()).toMatch(/upgrades go on for 9 days/)
  await publish(['1.0.0', '1.1.0'])
  await hub.ask('POST', '/v1/catalogues/plant/refresh')
  expect(await outcome(install(ONE, '1.1.0'))).toBe('upgrade')
  expect(await outcome(install('true', '1.1.0'))).toBe('entitlement_missing')
  nowMs += 100 * DAY_MS
  await publish(['1.0.0', '1.1.0', '1.2.0'])
  await hub.ask('POST', '/v1/catalogues/plant/refresh')
  expect(await outcome(install(ONE, '1.2.0'))).toBe('entitlement_missing')
  expect(await outcome(install(ONE, '1.1.0'))).toBe('repair')
  expect(await notice()).toMatch(/has ended.*what runs continues to run/)
})

test('a device has one emergency period for a listing, once, and an organisation one trial', async () => {
  const emergency = (device: string) =>
    hub.ask<EmergencyPeriod & { code?: string }>('POST', '/v1/entitlements/emergency', {
      body: { listing: 'watch', device, reason: 'replaced' },
    })
  for (const device of ['press-1', 'press-2'])
    expect((await emergency(device)).body).toMatchObject({ device, untilMs: nowMs + 10 * DAY_MS })
  expect(await outcome(install('true', '1.2.0'))).toBe('upgrade')
  nowMs += 11 * DAY_MS
  expect((await emergency('press-1')).body).toMatchObject({ code: 'entitlement_refused' })
  expect(await outcome(install('true', '1.2.0'))).toBe('repair')
  const trial = { trial: true, untilMs: nowMs + 10 * DAY_MS }
  expect((await add(trial)).body).toMatchObject({ trial: true, state: 'ending' })
  expect((await add({ ...trial, devices: 9 })).body).toMatchObject({ code: 'entitlement_refused' })
  await hub.ask('POST', `/v1/signing-keys/${keyId}/revoke`, { body: { reason: 'stolen' } })
  const { body } = await hub.ask<{ rows: Entitlement[] }>('GET', '/v1/entitlements')
  expect(new Set(body.rows.filter((row) => row.keyId === keyId).map(({ state }) => state))).toEqual(
    new Set(['untrusted']),
  )
})
