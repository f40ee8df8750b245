/** Neighbours on a hub: an installation reads a tag of another one, and neither an upgrade nor a removal takes it away. */

import { join } from 'node:path'
import { Listing } from '@skerry/contract/market/listing'
import { listingEntry } from '@skerry/core/market/listing-entry'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { writeCatalogueBlob, writeEnvelope } from '@skerry/platform/market/catalogue-folder'
import { signCatalogue } from '@skerry/platform/signatures/catalogue-signature'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'

const publisher = generateKeyPair()
let hub: TestHub
let folder: string

beforeAll(async () => {
  hub = await startTestHub()
  folder = join(hub.hub.config.catalogues, 'plant')
  const key = { name: 'vendor', publicKeyPem: publisher.publicKeyPem }
  const added = await hub.ask<{ keyId: string }>('POST', '/v1/signing-keys', { body: key })
  const meters = [
    await meter('1.0.0', 'power', 'energy'),
    await meter('1.1.0', 'energy'),
    await meter('1.2.0', 'power'),
  ]
  const listings = [...meters, await peak()]
  const index = { v: 1, name: 'plant', version: 1, expiresAtMs: Date.now() + 86_400_000, listings } as const
  await writeEnvelope(folder, signCatalogue(index, [publisher.privateKeyPem]))
  const body = { name: 'plant', keys: [added.body.keyId] }
  expect((await hub.ask('PUT', '/v1/catalogues/plant', { body })).status).toBe(200)
})
afterAll(() => hub[Symbol.asyncDispose]())

const FACTS = { v: 1, title: 'Title', summary: 'Summary', description: '', categories: ['energy'], licence: 'MIT' }

async function entry(listing: object) {
  const parsed = Listing.parse({ ...FACTS, publisher: 'Vendor', ...listing })
  const text = Buffer.from(canonicalJson(parsed))
  return listingEntry(parsed, { digest: await writeCatalogueBlob(folder, text), sizeBytes: text.length })
}

/** A listing that brings a source with these tags. */
async function meter(version: string, ...names: string[]) {
  const tags = names.map((name) => ({ name, signal: { kind: 'constant', value: 1 } }))
  const source = { protocol: 'simulator', connection: { seed: 1 }, groups: [{ name: 'all', everyMs: 1_000, tags }] }
  const spec = canonicalJson(source)
  const digest = await writeCatalogueBlob(folder, Buffer.from(spec))
  const connections = [{ item: 'source', connection: 'source', spec: { digest, sizeBytes: spec.length } }]
  return entry({ name: 'meter', version, ...(version !== '1.0.0' && { replaces: '1.0.0' }), connections })
}

/** A listing whose flow reads a tag that a person chooses. */
async function peak() {
  const flow = canonicalJson({
    name: 'flow',
    inputs: [{ name: 'power', source: '{{ power.source }}', tag: '{{ power.tag }}' }],
    sinks: [{ name: 'value', kind: 'hub', from: 'power' }],
  })
  const file = {
    path: 'flow.json',
    digest: await writeCatalogueBlob(folder, Buffer.from(flow)),
    sizeBytes: flow.length,
  }
  const template = { path: 'flow.json', places: ['/inputs/0/source', '/inputs/0/tag'] }
  return entry({
    name: 'peak',
    version: '1.0.0',
    settings: { type: 'object', properties: { power: { type: 'string', format: 'tag' } }, required: ['power'] },
    permissions: [{ access: 'read-tag', target: '{{ power }}', purpose: 'reads the power to add it up' }],
    versions: [{ item: 'flow', kind: 'flow', files: [file], template }],
  })
}

type Answer = { code?: string; message?: string; change?: string; steps?: { does: string; spec?: object }[] }

const install = (name: string, more: object) =>
  hub.ask<Answer>('PUT', `/v1/installations/${name}`, { body: { name, catalogue: 'plant', listing: name, ...more } })

/** Carries out the only step that matters here. */
async function installMeter(version: string): Promise<Answer> {
  const { body } = await install('meter', { version })
  const spec = body.steps?.find(({ does }) => does === 'set-connection')?.spec
  if (spec) await hub.ask('PUT', '/v1/sources/meter-source', { body: { name: 'meter-source', spec } })
  return body
}

const readsPower = { settings: { power: 'meter-source/power' }, accept: ['read-tag meter-source/power'] }

test('a setting that names no tag of the organisation is rejected with the reason', async () => {
  const missing = await install('peak', readsPower)
  expect(missing.body.message).toMatch(/names the source meter-source, which does not exist/)
  await installMeter('1.0.0')
  const wrong = await install('peak', { settings: { power: 'meter-source/heat' } })
  expect(wrong.body.message).toMatch(/names the tag heat of the source meter-source, which has no such tag/)
  expect((await install('peak', readsPower)).body.change).toBe('install')
})

test('an upgrade that drops the tag, and a removal of the source, are refused; another upgrade goes on', async () => {
  const dropped = await installMeter('1.1.0')
  expect([dropped.code, dropped.message]).toEqual([
    'installation_refused',
    expect.stringContaining('peak would lose "read-tag meter-source/power"'),
  ])
  const removal = await hub.ask<Answer>('POST', '/v1/installations/meter/uninstall')
  expect(removal.body.code).toBe('installation_refused')
  expect((await installMeter('1.2.0')).change).toBe('upgrade')
  expect((await hub.ask<Answer>('POST', '/v1/installations/peak/uninstall')).status).toBe(200)
})
