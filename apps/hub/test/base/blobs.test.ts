import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Digest } from '@skerry/contract/values/digest'
import { digestOf } from '@skerry/platform/files/hash'
import { systemClock } from '@skerry/platform/process/clock'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { collectBlobs, scrubBlobs } from '../../src/blobs/blob-collection.ts'
import { announceRemoval } from '../../src/blobs/blob-store.ts'
import { sweepUploads } from '../../src/uploads/upload-sweep.ts'
import { blobFile, startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice } from '../stage/test-device.ts'
import { modelBytes, push, sendPiece, unary, upload } from '../stage/test-model.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub[Symbol.asyncDispose]())

type UploadBody = { id: string; offsetBytes: number; done: boolean; code?: string }

const begin = (bytes: Uint8Array, sizeBytes = bytes.length) =>
  hub.ask<UploadBody>('POST', '/v1/uploads', { body: { digest: digestOf(bytes), sizeBytes } })

test('an upload goes on from where the hub stands', async () => {
  const bytes = randomBytes(300_000)
  const { body } = await begin(bytes)
  expect(body).toMatchObject({ offsetBytes: 0, done: false })
  expect((await sendPiece(hub, body, bytes.subarray(0, 100_000))).body).toMatchObject({ offsetBytes: 100_000 })
  expect((await sendPiece(hub, body, bytes.subarray(0, 100_000))).body).toMatchObject({ code: 'upload_offset_wrong' })
  expect((await begin(bytes)).body).toEqual({ ...body, offsetBytes: 100_000 })
  expect((await hub.ask<UploadBody>('GET', `/v1/uploads/${body.id}`)).body.offsetBytes).toBe(100_000)
  const rest = { id: body.id, offsetBytes: 100_000 }
  expect((await sendPiece(hub, rest, bytes.subarray(100_000))).body).toMatchObject({ done: true })
  expect((await begin(bytes)).body.done).toBe(true)
  expect((await hub.ask('GET', `/v1/uploads/${body.id}`)).body).toMatchObject({ code: 'upload_unknown' })
})

test('bytes that are others than announced, or more, are thrown away', async () => {
  const bytes = randomBytes(1_000)
  const { body } = await begin(bytes)
  expect((await sendPiece(hub, body, randomBytes(1_000))).body).toMatchObject({ code: 'upload_digest_wrong' })
  expect((await sendPiece(hub, body, bytes)).body).toMatchObject({ code: 'upload_unknown' })
  const again = (await begin(bytes)).body
  expect((await sendPiece(hub, again, Buffer.concat([bytes, bytes]))).body).toMatchObject({ code: 'body_too_large' })
  expect((await sendPiece(hub, again, bytes)).body).toMatchObject({ done: true })
})

test('an empty blob is a blob', async () => {
  const { body } = await begin(Buffer.alloc(0))
  expect((await sendPiece(hub, body, Buffer.alloc(0))).body).toMatchObject({ done: true })
})

test('so many uploads and no more, until they expire', async () => {
  let nowMs = Date.now()
  await using other = await startTestHub({ clock: { ...systemClock, nowMs: () => nowMs } })
  const create = () =>
    other.ask<UploadBody>('POST', '/v1/uploads', { body: { digest: digestOf(randomBytes(8)), sizeBytes: 8 } })
  for (let count = 0; count < 64; count++) expect((await create()).status).toBe(200)
  expect((await create()).body.code).toBe('rate_limited')
  nowMs += 86_400_001
  await sweepUploads(other.hub)
  expect((await create()).status).toBe(200)
})

test('a blob is read whole, in ranges, or not at all when the reader has it', async () => {
  const bytes = randomBytes(200_000)
  const path = `/v1/blobs/${await upload(hub, bytes)}`
  const latin = (part: Uint8Array) => Buffer.from(part).toString('latin1')
  const whole = await hub.ask('GET', path)
  expect(whole.text).toBe(latin(bytes))
  const etag = String(whole.headers.etag)
  const ask = (headers: Record<string, string>, method = 'GET') => hub.ask(method, path, { headers })
  expect((await ask({ range: 'bytes=10-19' })).text).toBe(latin(bytes.subarray(10, 20)))
  expect((await ask({ range: 'bytes=-5' })).text).toBe(latin(bytes.subarray(-5)))
  const tail = await ask({ range: 'bytes=199990-', 'if-range': etag })
  expect([tail.status, tail.headers['content-range']]).toEqual([206, 'bytes 199990-199999/200000'])
  expect((await ask({ range: 'bytes=10-19', 'if-range': '"other"' })).status).toBe(200)
  expect((await ask({ range: 'bytes=200000-' })).status).toBe(416)
  expect((await ask({ range: 'bytes=0-1,4-5' })).status).toBe(200)
  expect((await ask({ 'if-none-match': etag })).status).toBe(304)
  const head = await ask({}, 'HEAD')
  expect([head.status, head.headers['content-length'], head.text]).toEqual([200, '200000', ''])
})

test('a device reads with its certificate; a stranger does not', async () => {
  const path = `/v1/blobs/${await upload(hub, randomBytes(100))}`
  const device = await joinDevice(hub)
  expect((await hub.ask('GET', path, { key: null, certificate: device })).status).toBe(200)
  expect((await hub.ask('GET', path, { key: null })).body).toMatchObject({ code: 'key_missing' })
  await hub.ask('POST', `/v1/devices/${device.name}/revoke`, { body: { reason: 'test' } })
  expect((await hub.ask('GET', path, { key: null, certificate: device })).body).toMatchObject({
    code: 'device_revoked',
  })
})

test('a blob that was damaged on the disk is never given out whole, is named, and heals when it is sent again', async () => {
  const bytes = randomBytes(500_000)
  const digest = await upload(hub, bytes)
  const rotten = Buffer.from(bytes)
  rotten[250_000] = (rotten[250_000] ?? 0) ^ 1
  await writeFile(blobFile(hub, digest), rotten)
  await expect(hub.ask('GET', `/v1/blobs/${digest}`)).rejects.toThrow()
  await expect.poll(async () => (await hub.ask('GET', `/v1/blobs/${digest}`).catch(() => undefined))?.status).toBe(410)
  expect((await hub.ask('GET', `/v1/blobs/${digest}`)).body).toMatchObject({ code: 'blob_damaged' })
  await upload(hub, bytes)
  expect((await hub.ask('GET', `/v1/blobs/${digest}`)).status).toBe(200)
})

test('a blob that was cut short is named at once', async () => {
  const digest = await upload(hub, randomBytes(1_000))
  await writeFile(blobFile(hub, digest), 'short')
  expect((await hub.ask('GET', `/v1/blobs/${digest}`)).body).toMatchObject({ code: 'blob_damaged' })
})

test('what nothing refers to is collected after its grace, and nothing else', async () => {
  let nowMs = Date.now()
  await using other = await startTestHub({ clock: { ...systemClock, nowMs: () => nowMs } })
  const model = modelBytes(unary('Relu'))
  await push(other, 'kept', model)
  const loose = await upload(other, randomBytes(100))
  const pinned = Digest.parse(await upload(other, randomBytes(100)))
  expect(await collectBlobs(other.hub)).toBe(0)
  nowMs += 3_700_000
  const pin = other.hub.blobGuard.pin([pinned])
  expect(await collectBlobs(other.hub)).toBe(1)
  const status = async (digest: string) => (await other.ask('GET', `/v1/blobs/${digest}`)).status
  expect(await Promise.all([loose, pinned, digestOf(model)].map(status))).toEqual([404, 200, 200])
  pin[Symbol.dispose]()
  await other.ask('DELETE', '/v1/models/kept')
  expect(await collectBlobs(other.hub)).toBe(2)
  expect(await status(digestOf(model))).toBe(404)
})

test('the bytes of a removed model stay for a week, come back when it is pushed again, and each step is logged', async () => {
  let nowMs = Date.now()
  await using other = await startTestHub({ clock: { ...systemClock, nowMs: () => nowMs } })
  const wanted = randomBytes(100)
  const unwanted = randomBytes(200)
  const back = await upload(other, wanted)
  const gone = await upload(other, unwanted)
  const hasBytes = async (digest: string) =>
    (await other.hub.blobs.sizeOf(Digest.parse(digest), other.hub.signal)) !== undefined
  nowMs += 3_700_000
  expect(await collectBlobs(other.hub)).toBe(2)
  nowMs += 6 * 86_400_000
  await upload(other, wanted)
  expect(await collectBlobs(other.hub)).toBe(0)
  expect([await hasBytes(back), await hasBytes(gone)]).toEqual([true, true])
  // Its grace is renewed when a client asks for it; the other's week is over.
  nowMs += 86_400_000 - 3_500_000
  await upload(other, wanted)
  nowMs += 3_500_000
  await collectBlobs(other.hub)
  expect([await hasBytes(back), await hasBytes(gone)]).toEqual([true, false])
  for (const event of ['blob_removed', 'blob_bytes_removed']) {
    expect(other.log).toContainEqual(expect.objectContaining({ event, digest: gone }))
  }
})

test('more stray files than a small share stop the sweep; a person may have them removed', async () => {
  let nowMs = Date.now()
  const clock = { ...systemClock, nowMs: () => nowMs }
  const data = await mkdtemp(join(tmpdir(), 'skerry-strays-'))
  onTestFinished(() => rm(data, { recursive: true, force: true }))
  const first = await startTestHub({ data, clock })
  const strays = Array.from({ length: 6 }, () => randomBytes(100))
  for (const bytes of strays) await first.hub.blobs.put(digestOf(bytes), bytes, first.hub.signal)
  nowMs += 3_700_000
  expect(await collectBlobs(first.hub)).toBe(0)
  const { body } = await first.ask<{ alerts: { code: string; count: number }[] }>('GET', '/v1/alerts')
  expect(body.alerts).toContainEqual(expect.objectContaining({ code: 'hub_files_unknown', count: 6 }))
  await first[Symbol.asyncDispose]()
  const files = { fileRules: { isRemovingStrays: true, keepRemovedMs: 0 } }
  await using second = await startTestHub({ data, clock, files })
  expect(await collectBlobs(second.hub)).toBe(6)
  await collectBlobs(second.hub)
  const left: string[] = []
  for await (const { digest } of second.hub.blobs.list(second.hub.signal)) left.push(digest)
  expect(left).toEqual([])
})

test('bytes that are being removed are not held meanwhile, and a removal that a hub left behind is ended by another', async () => {
  let nowMs = Date.now()
  await using other = await startTestHub({ clock: { ...systemClock, nowMs: () => nowMs } })
  const bytes = randomBytes(100)
  await other.hub.store.transaction((tx) => announceRemoval(tx, digestOf(bytes), nowMs))
  const { body } = await other.ask<UploadBody>('POST', '/v1/uploads', {
    body: { digest: digestOf(bytes), sizeBytes: bytes.length },
  })
  expect((await sendPiece(other, body, bytes)).body).toMatchObject({ code: 'hub_unavailable' })
  nowMs += 1_000_000
  await collectBlobs(other.hub)
  expect((await sendPiece(other, { ...body, offsetBytes: bytes.length }, Buffer.alloc(0))).body).toMatchObject({
    done: true,
  })
  expect((await other.ask('GET', `/v1/blobs/${digestOf(bytes)}`)).status).toBe(200)
})

test('what is about to be pushed is not collected, through whichever hub', async () => {
  let nowMs = Date.now()
  await using other = await startTestHub({ clock: { ...systemClock, nowMs: () => nowMs } })
  const digest = await upload(other, randomBytes(100))
  nowMs += 3_700_000
  // A client asks first whether the hub has it: from then on it counts on it.
  expect(await upload(other, randomBytes(1))).not.toBe(digest)
  await other.ask('POST', '/v1/uploads', { body: { digest, sizeBytes: 100 } })
  expect(await collectBlobs(other.hub)).toBe(0)
  nowMs += 3_700_000
  expect(await collectBlobs(other.hub)).toBe(2)
})

test('the last free space of the disk stays free', async () => {
  await using full = await startTestHub({ diskFloorBytes: Number.MAX_SAFE_INTEGER })
  const bytes = randomBytes(10)
  const create = await full.ask('POST', '/v1/uploads', { body: { digest: digestOf(bytes), sizeBytes: 10 } })
  expect([create.status, create.body]).toMatchObject([507, { code: 'storage_full' }])
})

test('the slow walk over all blobs finds the damaged one before anybody asks for it', async () => {
  await using other = await startTestHub()
  const good = await upload(other, randomBytes(100))
  const bad = await upload(other, randomBytes(100))
  await writeFile(blobFile(other, bad), randomBytes(100))
  const tireless = { ...systemClock, sleep: async () => undefined }
  expect(await scrubBlobs({ ...other.hub, clock: tireless })).toBe(2)
  const status = async (digest: string) => (await other.ask('GET', `/v1/blobs/${digest}`)).status
  expect([await status(good), await status(bad)]).toEqual([200, 410])
  expect(other.log).toContainEqual(expect.objectContaining({ event: 'blob_damaged', digest: bad }))
})
