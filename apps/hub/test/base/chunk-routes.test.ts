/** Chunks of a file for devices that ask for them wrongly, or may not have them. */
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { DIFFERENCES_HEADER } from '@skerry/contract/chunks/differences'
import { type ByteRun, encodeReferredRuns, encodeRuns, type ReferredRun } from '@skerry/core/chunks/byte-runs'
import { blocksOf } from '@skerry/core/chunks/difference-blocks'
import { decodeBlocks } from '@skerry/platform/chunks/difference-coding'
import { createExactReader } from '@skerry/platform/chunks/exact-reader'
import { digestOf } from '@skerry/platform/files/hash'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { otherOrganisation } from '../stage/other-organisation.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice, type TestDevice } from '../stage/test-device.ts'
import { upload } from '../stage/test-model.ts'

const bytes = randomBytes(700_000)
const digest = digestOf(bytes)
const small = randomBytes(1_000)
const damaged = randomBytes(300_000)
/** An old version of the file: other bytes in the middle, and shorter. */
const old = Buffer.concat([bytes.subarray(0, 300_000), randomBytes(50_000), bytes.subarray(350_000, 600_000)])

let hub: TestHub
let device: TestDevice
beforeAll(async () => {
  hub = await startTestHub()
  device = await joinDevice(hub)
  for (const content of [bytes, old, small, damaged]) await upload(hub, content)
  await hub.hub.store.transaction((tx) =>
    tx.updateTable('blobs').set({ damaged_at_ms: 1 }).where('digest', '=', digestOf(damaged)).execute(),
  )
})
afterAll(() => hub[Symbol.asyncDispose]())

type As = { key?: string | null; certificate?: TestDevice }

const headers = { 'content-type': 'application/octet-stream' }

const request = (way: 'chunks' | 'runs', raw: Uint8Array, as: As = { key: null, certificate: device }, of = digest) =>
  hub.ask('POST', `/v1/blobs/${of}/${way}`, { ...as, raw, headers })

const runs = (...list: ByteRun[]) => encodeRuns(list)
const one = runs({ start: 0, length: 10 })

test('a device gets the runs that lie in the file, to its last byte', async () => {
  for (const run of [one, runs({ start: bytes.length - 1, length: 1 })]) {
    expect(await request('runs', run)).toMatchObject({ status: 200 })
  }
})

test.each([
  ['that ends behind the file', runs({ start: 699_999, length: 2 })],
  ['far behind the file', runs({ start: 2 ** 40, length: 1 })],
  ['without a byte', Uint8Array.of(0, 0)],
  ['that is cut', one.subarray(0, 1)],
  ['that is one of too many', runs(...Array.from({ length: 1_025 }, (_, at) => ({ start: 2 * at, length: 1 })))],
  ['whose numbers never end', new Uint8Array(64).fill(0xff)],
])('the hub rejects a run %s, of the file and of its index', async (_, raw) => {
  for (const way of ['chunks', 'runs'] as const) {
    expect(await request(way, raw)).toMatchObject({ status: 400, body: { code: 'input_invalid' } })
  }
})

test('the hub reads no more of a list than a list can have', async () => {
  expect((await request('runs', new Uint8Array(200_000).fill(1))).status).toBe(413)
})

test('only a device gets chunks, and only of a whole file that is large enough', async () => {
  const cases: [code: string, answer: ReturnType<typeof request>][] = [
    ['certificate_missing', request('runs', one, { key: null })],
    ['certificate_missing', request('runs', one, { key: hub.ownerKey })],
    ['blob_unknown', request('runs', one, undefined, digestOf(Buffer.from('no file')))],
    ['blob_unknown', request('chunks', one, undefined, digestOf(small))],
    ['blob_damaged', request('runs', one, undefined, digestOf(damaged))],
  ]
  for (const [code, answer] of cases) expect((await answer).body, code).toMatchObject({ code })
})

test('a device in quarantine gets no index and no chunk', async () => {
  const bad = await joinDevice(hub)
  const quarantine = await hub.ask('POST', `/v1/devices/${bad.name}/quarantine`, { body: { reason: 'a test' } })
  expect(quarantine.status, quarantine.text).toBe(200)
  const as = { key: null, certificate: bad }
  for (const answer of [request('runs', one, as), request('chunks', one, as)]) {
    expect(await answer).toMatchObject({ status: 409, body: { code: 'device_quarantined' } })
  }
  expect((await hub.ask('GET', `/v1/blobs/${digest}/chunks`, as)).status).toBe(409)
})

const differences = (list: readonly ReferredRun[], of = digestOf(old), as: As = { key: null, certificate: device }) =>
  hub.ask('POST', `/v1/blobs/${digest}/differences/${of}`, { ...as, raw: encodeReferredRuns(list), headers })

test('a device gets the differences from an old file, wherever the places lie in it', async () => {
  const index = await hub.ask('GET', `/v1/blobs/${digest}/chunks`, { key: null, certificate: device })
  expect(index.headers[DIFFERENCES_HEADER]).toBe('1')
  const list = [
    { start: 10, length: 70_000, from: 20 },
    { start: 290_000, length: 80_001, from: 290_000 },
    { start: 400_000, length: 5, from: 0 },
    { start: 500_000, length: 90_000, from: 499_990 },
    { start: 699_999, length: 1, from: old.length - 1 },
  ]
  const answer = Buffer.from((await differences(list)).text, 'latin1')
  const blocks = blocksOf(list)
  const oldBytes = async ({ runs: places }: (typeof blocks)[number]) =>
    Buffer.concat(places.map(({ from, length }) => old.subarray(from, from + length)))
  const reader = createExactReader(Readable.from([answer]))
  const restored: Uint8Array[] = []
  for await (const piece of decodeBlocks(reader, blocks, oldBytes)) restored.push(piece)
  const wanted = list.map(({ start, length }) => bytes.subarray(start, start + length))
  expect(Buffer.concat(restored).equals(Buffer.concat(wanted))).toBe(true)
  expect(answer.length).toBeLessThan(60_000)
})

test('the hub rejects places outside the files, and old files that the device could not fetch', async () => {
  const run = { start: 0, length: 10, from: 0 }
  const strange = randomBytes(300_000)
  await upload(hub, strange, await otherOrganisation(hub, 'stranger'))
  const cases: [code: string, answer: ReturnType<typeof differences>][] = [
    ['input_invalid', differences([{ ...run, from: old.length - 9 }])],
    ['input_invalid', differences([{ ...run, from: -1 }])],
    ['input_invalid', differences([{ ...run, start: bytes.length - 9 }])],
    ['blob_unknown', differences([run], digestOf(strange))],
    ['blob_unknown', differences([run], digestOf(Buffer.from('no file')))],
    ['blob_damaged', differences([run], digestOf(damaged))],
    ['certificate_missing', differences([run], digestOf(old), { key: hub.ownerKey })],
  ]
  for (const [code, answer] of cases) expect((await answer).body, code).toMatchObject({ code })
})
