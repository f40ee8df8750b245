/** Ratings, private notes, recommendations and the usage of listings, for the people of one organisation. */
import { join } from 'node:path'
import type { FoundListing } from '@skerry/contract/market/catalogue'
import type { Installation } from '@skerry/contract/market/installation'
import { Listing } from '@skerry/contract/market/listing'
import type { ListingUsage, Opinion, Rating } from '@skerry/contract/market/opinion'
import { listingEntry } from '@skerry/core/market/listing-entry'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { writeCatalogueBlob, writeEnvelope } from '@skerry/platform/market/catalogue-folder'
import { systemClock } from '@skerry/platform/process/clock'
import { signCatalogue } from '@skerry/platform/signatures/catalogue-signature'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addRunningDevices } from '../stage/fleet/running-devices.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { modelBytes, push, unary } from '../stage/test-model.ts'

const FLOW = {
  name: 'flow',
  inputs: [{ name: 'level', source: 'tank', tag: 'level' }],
  steps: [{ name: 'high', kind: 'threshold', from: 'level', above: 6 }],
  sinks: [{ name: 'alarm', kind: 'hub', from: 'high' }],
}
const publisher = generateKeyPair()

let hub: TestHub
let nowMs = Date.now()
let colleague: string

beforeAll(async () => {
  hub = await startTestHub({ clock: { ...systemClock, nowMs: () => nowMs } })
  const key = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'colleague', role: 'editor' } })
  colleague = key.body.secret
  const added = await hub.ask<{ keyId: string }>('POST', '/v1/signing-keys', {
    body: { name: 'vendor', publicKeyPem: publisher.publicKeyPem },
  })
  const folder = join(hub.hub.config.catalogues, 'plant')
  const text = canonicalJson(FLOW)
  const digest = await writeCatalogueBlob(folder, Buffer.from(text))
  const listings = []
  for (const [name, worksWith] of [
    ['watch', ['modbus', 'opcua']],
    ['plain', undefined],
  ] as const) {
    const listing = Listing.parse({
      v: 1,
      name,
      version: '1.0.0',
      title: 'Watch',
      summary: 'Watches',
      description: 'A watch.',
      categories: ['quality'],
      licence: 'MIT',
      publisher: 'Vendor',
      worksWith,
      versions: [{ item: 'flow', kind: 'flow', files: [{ path: 'flow.json', digest, sizeBytes: text.length }] }],
    })
    const bytes = Buffer.from(canonicalJson(listing))
    listings.push(listingEntry(listing, { digest: await writeCatalogueBlob(folder, bytes), sizeBytes: bytes.length }))
  }
  const index = { v: 1, name: 'plant', version: 1, expiresAtMs: nowMs + 9e9, listings } as const
  await writeEnvelope(folder, signCatalogue(index, [publisher.privateKeyPem]))
  const body = { name: 'plant', keys: [added.body.keyId] }
  expect((await hub.ask('PUT', '/v1/catalogues/plant', { body })).status).toBe(200)
})
afterAll(() => hub[Symbol.asyncDispose]())

const as = (key: string | undefined) => (key === undefined ? {} : { key })

const OPINIONS = '/v1/catalogues/plant/listings/watch/opinions'

const rate = (body: object, key?: string) => hub.ask<Opinion & { code?: string }>('PUT', OPINIONS, { body, ...as(key) })

const opinions = async (key?: string) =>
  (await hub.ask<{ rows: Opinion[]; rating?: Rating }>('GET', OPINIONS, as(key))).body

const search = async (query = '') => (await hub.ask<{ rows: FoundListing[] }>('GET', `/v1/listings${query}`)).body.rows

test('people rate a listing and share notes; only the author reads a private one', async () => {
  expect((await rate({})).status).toBe(400)
  expect((await rate({ stars: 6 })).status).toBe(400)
  expect((await rate({ stars: 5, note: 'limit 6 suits line 3' })).body).toMatchObject({ stars: 5, isOwn: true })
  await rate({ stars: 2, note: 'ask Kim first', isPrivate: true }, colleague)
  expect((await opinions()).rating).toEqual({ mean: 3.5, count: 2 })
  expect((await opinions()).rows.map(({ by, note }) => [by, note])).toContainEqual(['colleague', undefined])
  expect((await opinions(colleague)).rows.find(({ isOwn }) => isOwn)).toMatchObject({ note: 'ask Kim first' })
  // A new opinion replaces that of the same person only.
  await rate({ stars: 4 })
  expect((await opinions()).rating).toEqual({ mean: 3, count: 2 })
  const rows = await search()
  expect(rows.find(({ entry }) => entry.name === 'watch')?.rating).toEqual({ mean: 3, count: 2 })
  expect((await hub.ask('DELETE', OPINIONS, { key: colleague })).status).toBe(200)
  expect((await opinions()).rows.map(({ stars }) => stars)).toEqual([4])
  const other = await hub.ask<{ code: string }>('PUT', '/v1/catalogues/plant/listings/none/opinions', {
    body: { stars: 1 },
  })
  expect(other.body.code).toBe('listing_unknown')
  const trail = await hub.ask<{ rows: { action: string; detail: unknown }[] }>('GET', '/v1/audit?action=market.rate')
  expect(JSON.stringify(trail.body.rows)).not.toContain('Kim')
})

test('a listing is recommended to people with sources of its kinds, and not because of a simulator', async () => {
  const source = (protocol: string, connection: object, tag: object) =>
    hub.ask('PUT', `/v1/sources/${protocol}-1`, {
      body: {
        scope: 'organisation',
        spec: { name: `${protocol}-1`, protocol, connection, groups: [{ name: 'g', everyMs: 1_000, tags: [tag] }] },
      },
    })
  const simulated = await source('simulator', {}, { name: 'a', signal: { kind: 'constant', value: 1 } })
  expect(simulated.status).toBe(200)
  expect((await search()).filter(({ recommended }) => recommended)).toEqual([])
  const modbus = await source('modbus', { host: '192.0.2.1' }, { name: 'a', address: 'holding:1', type: 'uint16' })
  expect(modbus.status).toBe(200)
  const rows = await search('?recommended=true')
  expect(rows.map(({ entry, recommended }) => [entry.name, recommended])).toEqual([['watch', ['modbus']]])
})

test('a listing shows its devices, and those that fail or are silent are not healthy', async () => {
  const wish = { name: 'watch', catalogue: 'plant', listing: 'watch' }
  expect((await hub.ask('PUT', '/v1/installations/watch', { body: wish })).status).toBe(200)
  await push(hub, 'watch-flow', modelBytes(unary('Relu')))
  await addRunningDevices(hub, { name: 'watch-flow', version: 1, count: 3, nowMs })
  const usage = async () =>
    (await hub.ask<{ usage: ListingUsage }>('GET', '/v1/catalogues/plant/listings/watch')).body.usage
  expect(await usage()).toEqual({ devices: 3, healthy: 3 })
  const [first] = await hub.hub.store.db.selectFrom('device_items').select('device_id').limit(1).execute()
  await hub.hub.store.transaction((tx) =>
    tx
      .updateTable('device_items')
      .set({ state: 'failed' })
      .where('device_id', '=', first?.device_id ?? ('' as never))
      .execute(),
  )
  expect(await usage()).toEqual({ devices: 3, healthy: 2 })
  const { body } = await hub.ask<{ rows: Installation[] }>('GET', '/v1/installations')
  expect(body.rows[0]?.usage).toEqual({ devices: 3, healthy: 2 })
  // Weeks without a report.
  nowMs += 30 * 86_400_000
  expect(await usage()).toEqual({ devices: 3, healthy: 0 })
})
