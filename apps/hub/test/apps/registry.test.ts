/** The clauses of the OCI distribution specification 1.1, over real HTTP. Other tools prove them in registry-tools.test.ts. */
import { OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_MANIFEST } from '@skerry/contract/apps/oci'
import type { RegistryImage } from '@skerry/contract/registry/registry'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { collectBlobs } from '../../src/blobs/blob-collection.ts'
import { otherOrganisation } from '../stage/other-organisation.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import {
  digestFor,
  openRegistryClient,
  type RegistryAnswer,
  type RegistryAsk,
  type RegistryClient,
} from '../stage/servers/registry-client.ts'
import { modelBytes, push, unary } from '../stage/test-model.ts'

const REPOSITORY = 'plant/line-1/web'

let hub: TestHub
let client: RegistryClient

beforeAll(async () => {
  hub = await startTestHub({ hasOperator: true, registry: { host: '127.0.0.1', port: 0 } })
  client = openRegistryClient(hub)
})
afterAll(async () => {
  client[Symbol.dispose]()
  await hub[Symbol.asyncDispose]()
})

const ask = (method: string, path: string, options?: RegistryAsk): Promise<RegistryAnswer> =>
  client.ask(method, path, options)

const errorOf = ({ body }: RegistryAnswer) => (body as { errors: [{ code: string; message: string }] }).errors[0].code

async function pushBlob(bytes: Buffer, repository = REPOSITORY): Promise<string> {
  const digest = digestFor(bytes)
  const path = `/v2/${repository}/blobs/uploads/?digest=${digest}`
  const answer = await ask('POST', path, { body: bytes, headers: { 'content-type': 'application/octet-stream' } })
  expect(answer.status, answer.bytes.toString()).toBe(201)
  return digest
}

const CONFIG = Buffer.from('{"os":"linux","architecture":"amd64"}')
const LAYER = Buffer.alloc(100_000, 'layer ')

const part = (bytes: Buffer, mediaType: string) => ({ mediaType, digest: digestFor(bytes), size: bytes.length })

const manifestOf = (more: object = {}) =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: part(CONFIG, OCI_CONFIG),
    layers: [part(LAYER, OCI_LAYER)],
    ...more,
  })

const putManifest = (reference: string, body: string, { repository = REPOSITORY, type = OCI_MANIFEST } = {}) =>
  ask('PUT', `/v2/${repository}/manifests/${reference}`, { body, headers: { 'content-type': type } })

async function pushImage(tag: string, repository = REPOSITORY): Promise<string> {
  await pushBlob(CONFIG, repository)
  await pushBlob(LAYER, repository)
  const answer = await putManifest(tag, manifestOf(), { repository })
  expect(answer.status, answer.bytes.toString()).toBe(201)
  return String(answer.headers['docker-content-digest'])
}

test('end-1: a caller needs a key, which clients send as a password', async () => {
  const refused = await ask('GET', '/v2/', { key: null })
  expect(refused).toMatchObject({ status: 401, headers: { 'docker-distribution-api-version': 'registry/2.0' } })
  expect(refused.headers['www-authenticate']).toMatch(/^Basic realm=/)
  expect(errorOf(refused)).toBe('UNAUTHORIZED')
  const wrong = await ask('GET', '/v2/', { key: 'sk_abcdefgh_wrong' })
  expect([wrong.status, errorOf(wrong)]).toEqual([401, 'UNAUTHORIZED'])
  expect((await ask('GET', '/v2/')).status).toBe(200)
  const bearer = { key: null, headers: { authorization: `Bearer ${hub.ownerKey}` } }
  expect((await ask('GET', '/v2/', bearer)).status).toBe(200)
})

test('end-4b, end-2: a blob is pushed in one request, and pulled whole, in part, and as a head', async () => {
  const digest = await pushBlob(LAYER)
  const path = `/v2/${REPOSITORY}/blobs/${digest}`
  const whole = await ask('GET', path)
  expect(whole.bytes.equals(LAYER)).toBe(true)
  expect(whole.headers['docker-content-digest']).toBe(digest)
  const head = await ask('HEAD', path)
  expect([head.status, head.headers['content-length']]).toEqual([200, String(LAYER.length)])
  const ranged = await ask('GET', path, { headers: { range: 'bytes=6-11' } })
  expect([ranged.status, ranged.bytes.toString()]).toEqual([206, 'layer '])
  const missing = await ask('GET', `/v2/${REPOSITORY}/blobs/${digestFor('never')}`)
  expect([missing.status, errorOf(missing)]).toEqual([404, 'BLOB_UNKNOWN'])
})

test('end-4a, end-5, end-6, end-13: a blob is pushed in chunks, each from the end of the one before', async () => {
  const bytes = Buffer.from('0123456789abcdef')
  const begun = await ask('POST', `/v2/${REPOSITORY}/blobs/uploads/`)
  expect(begun.status).toBe(202)
  const location = String(begun.headers.location)
  const first = await ask('PATCH', location, { body: bytes.subarray(0, 10), headers: { 'content-range': '0-9' } })
  expect(first).toMatchObject({ status: 202, headers: { location, range: '0-9' } })
  const gap = await ask('PATCH', location, { body: 'zz', headers: { 'content-range': '12-13' } })
  expect(gap).toMatchObject({ status: 416, headers: { location, range: '0-9' } })
  expect(await ask('GET', location)).toMatchObject({ status: 204, headers: { range: '0-9' } })
  const second = await ask('PATCH', location, { body: bytes.subarray(10, 12), headers: { 'content-range': '10-11' } })
  expect(second).toMatchObject({ status: 202, headers: { range: '0-11' } })
  const digest = digestFor(bytes)
  const last = await ask('PUT', `${location}?digest=${digest}`, { body: bytes.subarray(12) })
  expect(last).toMatchObject({ status: 201, headers: { location: `/v2/${REPOSITORY}/blobs/${digest}` } })
  expect((await ask('GET', `/v2/${REPOSITORY}/blobs/${digest}`)).bytes.equals(bytes)).toBe(true)
  expect((await ask('GET', location)).status).toBe(404)
})

test('end-6: bytes of another digest are no blob, and end the upload', async () => {
  const begun = await ask('POST', `/v2/${REPOSITORY}/blobs/uploads/`)
  const location = String(begun.headers.location)
  const digest = digestFor('promised')
  const answer = await ask('PUT', `${location}?digest=${digest}`, { body: 'delivered' })
  expect([answer.status, errorOf(answer)]).toEqual([400, 'DIGEST_INVALID'])
  expect((await ask('HEAD', `/v2/${REPOSITORY}/blobs/${digest}`)).status).toBe(404)
  expect((await ask('PATCH', location, { body: 'x' })).status).toBe(404)
})

test('an upload can be cancelled, and belongs to its repository', async () => {
  const begun = await ask('POST', `/v2/${REPOSITORY}/blobs/uploads/`)
  const location = String(begun.headers.location)
  expect((await ask('PATCH', location.replace(REPOSITORY, 'other'), { body: 'x' })).status).toBe(404)
  expect((await ask('DELETE', location)).status).toBe(204)
  expect((await ask('PATCH', location, { body: 'x' })).status).toBe(404)
})

test('end-11: a blob of another repository is mounted without its bytes', async () => {
  const digest = await pushBlob(LAYER)
  const mounted = await ask('POST', `/v2/other/blobs/uploads/?mount=${digest}&from=${REPOSITORY}`)
  expect(mounted).toMatchObject({ status: 201, headers: { location: `/v2/other/blobs/${digest}` } })
  const unknown = await ask('POST', `/v2/other/blobs/uploads/?mount=${digestFor('never')}&from=${REPOSITORY}`)
  expect(unknown.status).toBe(202)
})

test('end-7, end-3: a manifest is stored byte for byte, by tag and by digest', async () => {
  const digest = await pushImage('v1')
  expect(digest).toBe(digestFor(manifestOf()))
  for (const reference of ['v1', digest]) {
    const pulled = await ask('GET', `/v2/${REPOSITORY}/manifests/${reference}`)
    expect(pulled.bytes.toString()).toBe(manifestOf())
    expect(pulled.headers).toMatchObject({ 'content-type': OCI_MANIFEST, 'docker-content-digest': digest })
  }
  const head = await ask('HEAD', `/v2/${REPOSITORY}/manifests/v1`)
  expect([head.status, head.headers['content-length']]).toEqual([200, String(manifestOf().length)])
  const unknown = await ask('GET', `/v2/${REPOSITORY}/manifests/v0`)
  expect([unknown.status, errorOf(unknown)]).toEqual([404, 'MANIFEST_UNKNOWN'])
})

test.each([
  [
    'a blob that is missing',
    manifestOf({ layers: [part(Buffer.from('never'), OCI_LAYER)] }),
    404,
    'MANIFEST_BLOB_UNKNOWN',
  ],
  ['a wrong size', manifestOf({ config: { ...part(CONFIG, OCI_CONFIG), size: 1 } }), 400, 'MANIFEST_INVALID'],
  ['no JSON', '{', 400, 'MANIFEST_INVALID'],
  ['another type than its header', manifestOf({ mediaType: OCI_INDEX }), 400, 'MANIFEST_INVALID'],
])('end-7: a manifest with %s is rejected', async (_, body, status, code) => {
  await pushBlob(CONFIG)
  await pushBlob(LAYER)
  const answer = await putManifest('bad', body)
  expect([answer.status, errorOf(answer)]).toEqual([status, code])
  expect((await ask('HEAD', `/v2/${REPOSITORY}/manifests/bad`)).status).toBe(404)
})

test('end-7: a manifest under another digest is rejected, and an index needs its manifests', async () => {
  const digest = await pushImage('v1')
  const wrong = await putManifest(digestFor('other'), manifestOf())
  expect([wrong.status, errorOf(wrong)]).toEqual([400, 'DIGEST_INVALID'])
  const indexOf = (found: string) =>
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      manifests: [{ mediaType: OCI_MANIFEST, digest: found, size: 9 }],
    })
  expect((await putManifest('multi', indexOf(digestFor('none')), { type: OCI_INDEX })).status).toBe(404)
  expect((await putManifest('multi', indexOf(digest), { type: OCI_INDEX })).status).toBe(201)
})

test('end-8: tags are listed in order, in pages', async () => {
  for (const tag of ['b', 'a', 'C', '1.0']) await pushImage(tag, 'tagged')
  expect((await ask('GET', '/v2/tagged/tags/list')).body).toEqual({ name: 'tagged', tags: ['1.0', 'C', 'a', 'b'] })
  const page = await ask('GET', '/v2/tagged/tags/list?n=2')
  expect(page.body).toEqual({ name: 'tagged', tags: ['1.0', 'C'] })
  expect(page.headers.link).toBe('</v2/tagged/tags/list?n=2&last=C>; rel="next"')
  const rest = await ask('GET', '/v2/tagged/tags/list?n=2&last=C')
  expect([rest.body, rest.headers.link]).toEqual([{ name: 'tagged', tags: ['a', 'b'] }, undefined])
  const none = await ask('GET', '/v2/nowhere/tags/list')
  expect([none.status, errorOf(none)]).toEqual([404, 'NAME_UNKNOWN'])
})

test('end-12: an artefact that describes an image is its referrer', async () => {
  const digest = await pushImage('v1')
  const subject = { mediaType: OCI_MANIFEST, digest, size: manifestOf().length }
  const signature = manifestOf({ artifactType: 'application/x.signature', subject, annotations: { by: 'release' } })
  const put = await putManifest(digestFor(signature), signature)
  expect(put).toMatchObject({ status: 201, headers: { 'oci-subject': digest } })
  const path = `/v2/${REPOSITORY}/referrers/${digest}`
  const found = await ask('GET', path)
  expect(found.headers['content-type']).toBe(OCI_INDEX)
  const row = { digest: digestFor(signature), mediaType: OCI_MANIFEST, size: signature.length }
  const said = { artifactType: 'application/x.signature', annotations: { by: 'release' } }
  expect(found.body).toEqual({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [{ ...row, ...said }] })
  const filtered = await ask('GET', `${path}?artifactType=application/x.sbom`)
  expect(filtered.headers['oci-filters-applied']).toBe('artifactType')
  expect(filtered.body).toMatchObject({ manifests: [] })
  expect((await ask('GET', `/v2/${REPOSITORY}/referrers/${digestFor('never')}`)).body).toMatchObject({ manifests: [] })
})

test('end-9, end-10: a tag and a manifest are removed; the collection then removes blobs, and no others', async () => {
  const unique = Buffer.from('a layer that one image has')
  const layer = await pushBlob(unique, 'removed')
  await pushBlob(CONFIG, 'removed')
  const image = manifestOf({ layers: [part(unique, OCI_LAYER)] })
  const digest = digestFor(image)
  await putManifest('v1', image, { repository: 'removed' })
  await putManifest('v2', image, { repository: 'removed' })
  const day = { ...hub.hub, clock: { ...hub.hub.clock, nowMs: () => hub.hub.clock.nowMs() + 86_400_000 } }
  await collectBlobs(day)
  expect((await ask('HEAD', `/v2/removed/blobs/${layer}`)).status).toBe(200)
  expect((await ask('DELETE', '/v2/removed/manifests/v1')).status).toBe(202)
  expect((await ask('HEAD', '/v2/removed/manifests/v1')).status).toBe(404)
  expect((await ask('HEAD', '/v2/removed/manifests/v2')).status).toBe(200)
  expect((await ask('DELETE', `/v2/removed/manifests/${digest}`)).status).toBe(202)
  expect((await ask('HEAD', '/v2/removed/manifests/v2')).status).toBe(404)
  const refused = await ask('DELETE', `/v2/removed/blobs/${layer}`)
  expect([refused.status, errorOf(refused)]).toEqual([405, 'UNSUPPORTED'])
  await collectBlobs(day)
  expect((await ask('HEAD', `/v2/removed/blobs/${layer}`)).status).toBe(404)
})

test('roles count: a viewer pulls, and cannot push; another organisation sees nothing', async () => {
  const digest = await pushImage('v1')
  const made = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'puller', role: 'viewer' } })
  expect(made.status, made.text).toBe(200)
  const { secret: key } = made.body
  expect((await ask('GET', `/v2/${REPOSITORY}/manifests/v1`, { key })).status).toBe(200)
  for (const [method, path] of [
    ['POST', `/v2/${REPOSITORY}/blobs/uploads/`],
    ['PUT', `/v2/${REPOSITORY}/manifests/v1`],
    ['DELETE', `/v2/${REPOSITORY}/manifests/${digest}`],
  ] as const) {
    const answer = await ask(method, path, { key, body: 'x' })
    expect([answer.status, errorOf(answer)]).toEqual([403, 'DENIED'])
  }
  const foreign = await otherOrganisation(hub, 'elsewhere')
  for (const path of [
    `/v2/${REPOSITORY}/manifests/v1`,
    `/v2/${REPOSITORY}/blobs/${digest}`,
    `/v2/${REPOSITORY}/tags/list`,
  ]) {
    expect((await ask('GET', path, { key: foreign })).status).toBe(404)
  }
  const mount = await ask('POST', `/v2/mine/blobs/uploads/?mount=${digest}&from=${REPOSITORY}`, { key: foreign })
  expect(mount.status).toBe(202)
})

test('the API lists images, and the audit log has each push and removal', async () => {
  const digest = await pushImage('v1', 'listed')
  await putManifest('v2', manifestOf({ annotations: { x: 'y' } }), { repository: 'listed' })
  await putManifest('v1', manifestOf({ annotations: { x: 'y' } }), { repository: 'listed' })
  await ask('DELETE', `/v2/listed/manifests/${digest}`)
  const { body } = await hub.ask<{ rows: RegistryImage[] }>('GET', '/v1/images?repository=listed')
  expect(body.rows).toMatchObject([{ repository: 'listed', tags: ['v1', 'v2'], mediaType: OCI_MANIFEST }])
  const audit = await hub.ask<{ rows: { action: string; object: { id: string }; detail: object }[] }>(
    'GET',
    '/v1/audit?limit=20&newestFirst=true',
  )
  const records = audit.body.rows.filter(({ object }) => object.id === 'listed')
  expect(records.map(({ action }) => action).toSorted()).toEqual([
    'image.push',
    'image.push',
    'image.push',
    'image.remove',
  ])
  expect(records.some(({ detail }) => 'replaced' in detail && detail.replaced === digest)).toBe(true)
})

test('uploads of unknown length stop at the quota, also together', async () => {
  const mebibyte = 1024 ** 2
  const setQuota = (storageBytes: number | null) =>
    hub.ask('PUT', '/v1/organisations/default/quota', { key: hub.operatorKey, body: { storageBytes } })
  const { body } = await hub.ask<{ use: { storageBytes: number } }>('GET', '/v1/organisation')
  expect((await setQuota(body.use.storageBytes + 4 * mebibyte)).status).toBe(200)
  const begin = async () => String((await ask('POST', `/v2/${REPOSITORY}/blobs/uploads/`)).headers.location)
  const [first, second] = [await begin(), await begin()]
  const send = (location: string, size: number) =>
    ask('PATCH', location, { body: Buffer.alloc(size * mebibyte, location), isChunked: true })
  expect((await send(first, 3)).status).toBe(202)
  const over = await send(second, 3)
  expect(over, over.bytes.toString()).toMatchObject({ status: 409, body: { errors: [{ code: 'DENIED' }] } })
  expect(over.bytes.toString()).toContain('the organisation may store')
  await ask('DELETE', first)
  const bytes = Buffer.alloc(4 * mebibyte, 'whole')
  const third = await ask('PUT', `${await begin()}?digest=${digestFor(bytes)}`, { body: bytes })
  expect(third.status, third.bytes.toString()).toBe(409)
  await ask('DELETE', second)
  const whole = await ask('PUT', `${await begin()}?digest=${digestFor(bytes)}`, { body: bytes, isChunked: true })
  expect(whole.status, whole.bytes.toString()).toBe(201)
  await setQuota(null)
})

test('a version of a model is an artefact of ModelPack under its number and its aliases, and nobody pushes there', async () => {
  const bytes = modelBytes(unary('Sin'))
  const pushed = await push(hub, 'press', bytes, { aliases: ['good'] })
  expect(pushed.status, pushed.text).toBe(200)
  const tags = await ask('GET', '/v2/skerry/press/tags/list')
  expect(tags.body).toEqual({ name: 'skerry/press', tags: ['1', 'good', 'latest'] })
  const byTag = await ask('GET', '/v2/skerry/press/manifests/good')
  expect(byTag).toMatchObject({ status: 200, headers: { 'content-type': OCI_MANIFEST } })
  const digest = String(byTag.headers['docker-content-digest'])
  expect(digestFor(byTag.bytes)).toBe(digest)
  const byDigest = await ask('GET', `/v2/skerry/press/manifests/${digest}`)
  expect(byDigest.bytes.equals(byTag.bytes)).toBe(true)
  expect((await ask('HEAD', `/v2/skerry/press/manifests/1`)).headers['docker-content-digest']).toBe(digest)
  const { config, layers } = byTag.body as { config: Part; layers: (Part & { annotations: object })[] }
  const settings = await ask('GET', `/v2/skerry/press/blobs/${config.digest}`)
  expect([digestFor(settings.bytes), settings.bytes.length]).toEqual([config.digest, config.size])
  expect(settings.body).toMatchObject({ descriptor: { name: 'press', version: '1' }, config: { format: 'onnx' } })
  expect(layers).toMatchObject([{ annotations: { 'org.cncf.model.filepath': 'model.onnx' }, size: bytes.length }])
  const weights = await ask('GET', `/v2/skerry/press/blobs/${layers[0]?.digest}`)
  expect(weights.bytes.equals(bytes)).toBe(true)
  const refused = await putManifest('9', manifestOf(), { repository: 'skerry/press' })
  expect([refused.status, errorOf(refused)]).toEqual([403, 'DENIED'])
  expect((await ask('DELETE', '/v2/skerry/press/manifests/1')).status).toBe(403)
  for (const unknown of [
    'skerry/press/manifests/2',
    'skerry/none/manifests/1',
    `skerry/press/manifests/${digestFor('x')}`,
  ])
    expect((await ask('GET', `/v2/${unknown}`)).status, unknown).toBe(404)
})

type Part = { digest: string; size: number }
