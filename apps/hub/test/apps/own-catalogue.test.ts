/** A catalogue that the hub signs: blobs under review stay, and the folder follows the database after any loss. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Catalogue } from '@skerry/contract/market/catalogue'
import { Listing } from '@skerry/contract/market/listing'
import type { Submission } from '@skerry/contract/market/submission'
import type { Digest } from '@skerry/contract/values/digest'
import { certificateOf } from '@skerry/core/market/certify-listing'
import { checkListing } from '@skerry/core/market/checks/check-listing'
import { OWN_INDEX_LIFE_MS, OWN_INDEX_RENEW_MS } from '@skerry/core/market/review/own-index'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import { readEnvelope } from '@skerry/platform/market/catalogue-folder'
import { systemClock } from '@skerry/platform/process/clock'
import { signSubmission } from '@skerry/platform/signatures/submission-signature'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { collectBlobs } from '../../src/blobs/blob-collection.ts'
import { knownCatalogue } from '../../src/market/open-listing.ts'
import { folderOf } from '../../src/market/read-catalogue.ts'
import { sweepCatalogues } from '../../src/market/sweep-catalogues.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { upload } from '../stage/test-model.ts'

const HOUR_MS = 3_600_000

let hub: TestHub
let reviewer: string
let nowMs = Date.now()

beforeAll(async () => {
  hub = await startTestHub({ clock: { ...systemClock, nowMs: () => nowMs } })
  const made = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'reviewer', role: 'supervisor' } })
  reviewer = made.body.secret
  expect((await hub.ask('POST', '/v1/catalogues/own/create')).status).toBe(200)
})
afterAll(() => hub[Symbol.asyncDispose]())

const SPEC = canonicalJson({ protocol: 'simulator', connection: { seed: 1 }, groups: [] })

/** A listing that passes level 1, with a source and nothing else. Returns the digests of its three files. */
async function submit(version: string): Promise<{ id: string; digests: Digest[] }> {
  const spec = { digest: digestOf(SPEC), sizeBytes: SPEC.length }
  const listing = Listing.parse({
    v: 1,
    name: 'source',
    version,
    title: 'Source',
    summary: 'A source',
    description: 'A source.',
    categories: ['quality'],
    licence: 'MIT',
    publisher: 'Plant',
    connections: [{ item: 'source', connection: 'source', spec }],
  })
  const text = canonicalJson(listing)
  const files = new Map([[spec.digest, { measured: spec, bytes: Buffer.from(SPEC), document: JSON.parse(SPEC) }]])
  const digest = digestOf(text)
  const evidence = canonicalJson(certificateOf(listing, digest, checkListing({ listing, files, digestOf })))
  for (const bytes of [SPEC, text, evidence]) await upload(hub, Buffer.from(bytes))
  const certificate = { digest: digestOf(evidence), sizeBytes: evidence.length, level: 1 }
  const named = { name: 'source', version, digest, sizeBytes: text.length }
  const envelope = signSubmission(
    { v: 1, catalogue: 'own', listing: named, certificate } as Parameters<typeof signSubmission>[0],
    hub.hub.signing.privateKeyPem,
  )
  const made = await hub.ask<Submission>('POST', '/v1/submissions', { body: { envelope } })
  expect(made.status, made.text).toBe(200)
  return { id: made.body.id, digests: [spec.digest, digest, certificate.digest] }
}

const decide = (id: string, verb: string, body?: unknown) =>
  hub.ask('POST', `/v1/submissions/${id}/${verb}`, { key: reviewer, ...(body !== undefined && { body }) })

const catalogue = async (): Promise<Catalogue | undefined> =>
  (await hub.ask<{ rows: Catalogue[] }>('GET', '/v1/catalogues')).body.rows[0]

async function ownFolder(): Promise<string> {
  const rows = await hub.hub.store.db.selectFrom('market_catalogues').select('organisation_id').execute()
  const [row] = rows
  if (!row) throw new Error('there is no catalogue')
  return folderOf(hub.hub, await knownCatalogue(hub.hub, row.organisation_id, 'own'))
}

test('the files of a pending submission stay, and those of a decided one are collected', async () => {
  const { id } = await submit('1.0.0')
  nowMs += 2 * HOUR_MS
  expect(await collectBlobs(hub.hub)).toBe(0)
  expect((await decide(id, 'reject', { reason: 'not yet' })).status).toBe(200)
  expect(await collectBlobs(hub.hub)).toBe(3)
})

test('a published version outlives its uploads, and a lost or foreign index in the folder is written again', async () => {
  const { id } = await submit('1.0.0')
  expect((await decide(id, 'accept')).status).toBe(200)
  nowMs += 2 * HOUR_MS
  expect(await collectBlobs(hub.hub)).toBe(3)
  const shown = await hub.ask('GET', '/v1/catalogues/own/listings/source')
  expect(shown.status, shown.text).toBe(200)
  const path = join(await ownFolder(), 'index.json')
  const before = await readEnvelope(await ownFolder())
  await rm(path)
  await sweepCatalogues(hub.hub)
  const after = await readEnvelope(await ownFolder())
  expect(after).toMatchObject({ ok: true, envelope: { payload: before.ok ? before.envelope.payload : '' } })
  await writeFile(path, '{}')
  await sweepCatalogues(hub.hub)
  expect(await readEnvelope(await ownFolder())).toMatchObject({ ok: true })
  expect((await catalogue())?.version).toBe(2)
})

test('the index is signed again before it expires, and keeps its listings', async () => {
  const expiresAtMs = (await catalogue())?.expiresAtMs ?? 0
  nowMs = expiresAtMs - OWN_INDEX_RENEW_MS + 1
  await sweepCatalogues(hub.hub)
  expect(await catalogue()).toMatchObject({ version: 3, listings: 1, expiresAtMs: nowMs + OWN_INDEX_LIFE_MS })
  expect(await readEnvelope(await ownFolder())).toMatchObject({ ok: true })
})

test('two reviewers who accept at once publish the version once', async () => {
  const { id } = await submit('1.1.0')
  const answers = await Promise.all([decide(id, 'accept'), decide(id, 'accept')])
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409])
  expect(await catalogue()).toMatchObject({ version: 4, listings: 1 })
  expect((await hub.ask('DELETE', '/v1/catalogues/own')).status).toBe(409)
})

test('a reviewer withdraws a version: the next index says so, and nobody installs it any more', async () => {
  const yank = (body: object) => hub.ask<{ code?: string }>('POST', '/v1/catalogues/own/yank', { body, key: reviewer })
  const reason = 'the limit was wrong'
  expect((await yank({ listing: 'source', version: '9.0.0', reason })).body.code).toBe('listing_unknown')
  expect((await yank({ listing: 'source', version: '1.1.0', reason })).body).toMatchObject({ version: 5, listings: 1 })
  const read = await readEnvelope(await ownFolder())
  const payload = read.ok ? Buffer.from(read.envelope.payload, 'base64').toString('utf8') : ''
  expect(payload).toContain(`"yanked":{"reason":"${reason}"}`)
  const wish = { name: 'source', catalogue: 'own', listing: 'source', version: '1.1.0' }
  const refused = await hub.ask<{ message: string }>('PUT', '/v1/installations/source', { body: wish })
  expect(refused.body.message).toContain(reason)
})
