/** A store of blobs behind a bad line: no byte is lost, no wrong byte is returned, and the error names the problem. */
import { randomBytes } from 'node:crypto'
import { digestOf, hexOf } from '@skerry/platform/files/hash'
import { deep, strict } from '@skerry/testkit/tier'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { BlobBytes } from '../../src/blobs/blob-bytes.ts'
import { createIdentifiers } from '../../src/identity/identifiers.ts'
import { openS3Bench, type S3Bench } from '../stage/servers/s3-bench.ts'
import type { Fault } from '../stage/servers/s3-server.ts'

const signal = new AbortController().signal
const nextId = createIdentifiers(randomBytes).upload
/** Two tries, with time for a busy machine: the faults below end a request at once. */
const twice = { callMs: 60_000, connectMs: 30_000, attempts: 2, idleMs: 30_000, probeMs: 30_000 }
/** For a store that does not answer. */
const hasty = { callMs: 1_500, connectMs: 500, attempts: 2, idleMs: 300, probeMs: 500 }

let bench: S3Bench
beforeAll(async () => {
  bench = await openS3Bench()
})
afterAll(() => bench[Symbol.asyncDispose]())
beforeEach(() => {
  bench.server.fault = () => undefined
  bench.aheadMs = 0
})

/** The next matching requests fail like this; later ones pass. */
function failNext(faults: Fault[], isMeant: (request: string) => boolean = () => true) {
  const left = [...faults]
  bench.server.fault = ({ method, url }) => (isMeant(`${method} ${url}`) ? left.shift() : undefined)
  return left
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { code?: string }) => error.code ?? String(error),
  )

async function stored(bytes: Buffer) {
  const blobs = bench.open(twice)
  await blobs.put(digestOf(bytes), bytes, signal)
  return { blobs, digest: digestOf(bytes) }
}

test('a short fault is retried, and a lasting one is reported with a code', async () => {
  const { blobs, digest } = await stored(randomBytes(1_000))
  failNext([503])
  expect(await blobs.sizeOf(digest, signal)).toBe(1_000)
  failNext(['cut'])
  expect(await blobs.sizeOf(digest, signal)).toBe(1_000)
  for (const fault of [503, 500, 403, 'cut'] as const) {
    bench.server.fault = () => fault
    expect(await codeOf(blobs.sizeOf(digest, signal)), String(fault)).toBe('hub_unavailable')
  }
  bench.server.fault = () => 403
  expect(await blobs.probe(signal)).toMatchObject({ ok: false, message: expect.stringContaining('credentials') })
  const before = bench.troubles.length
  bench.server.fault = () => 507
  expect(await codeOf(blobs.put(digest, Buffer.from('x'), signal))).toBe('storage_full')
  expect(bench.troubles.slice(0, before)).toEqual(
    expect.arrayContaining(['head unreachable', 'head refused', 'ask refused']),
  )
  expect(bench.troubles.slice(before)).toEqual(['put full'])
  expect(JSON.stringify(bench.log)).not.toMatch(/S3RVER|Signature=/)
})

test('a missing bucket is an error, and not an empty bucket', async () => {
  const location = { ...bench.server.location, bucket: 'other-bucket' }
  const blobs = bench.open(twice, location)
  expect(await codeOf(blobs.sizeOf(digestOf('x'), signal))).toBe('hub_unavailable')
  expect(await blobs.probe(signal)).toMatchObject({ ok: false })
})

test('a store that is down is reported soon, and is used again when it is back', async () => {
  const { blobs, digest } = await stored(randomBytes(1_000))
  await bench.server.stop()
  expect(await blobs.probe(signal)).toMatchObject({ ok: false })
  expect(await codeOf(blobs.verify(digest, signal))).toBe('hub_unavailable')
  await bench.server.start()
  expect(await blobs.probe(signal)).toEqual({ ok: true })
  expect(await blobs.verify(digest, signal)).toMatchObject({ ok: true })
})

test(
  'a request to a store that never answers ends within the limit',
  deep('waits for two limits; the store that is gone is quick'),
  async () => {
    const { digest } = await stored(randomBytes(1_000))
    const blobs = bench.open(hasty)
    bench.server.fault = () => 'stall'
    expect(await blobs.probe(signal)).toMatchObject({ ok: false })
    expect(await codeOf(blobs.sizeOf(digest, signal))).toBe('hub_unavailable')
  },
)

test('a read that breaks off or stalls continues with the same bytes', async () => {
  const bytes = randomBytes(3_000_000)
  const { blobs, digest } = await stored(bytes)
  const left = failNext(['half', 'half', 'cut', 'half'], (request) => request.startsWith('GET'))
  const chunks: Uint8Array[] = []
  for await (const chunk of blobs.read(digest, {}, signal)) chunks.push(chunk)
  expect(left).toEqual([])
  expect(Buffer.concat(chunks).equals(bytes)).toBe(true)
})

test(
  'a store that always breaks off fails the read, and never returns an incomplete blob as complete',
  deep('a second fault; the body that is cut short is quick'),
  async () => {
    const { blobs, digest } = await stored(randomBytes(3_000_000))
    bench.server.fault = ({ method }) => (method === 'GET' ? 'cut' : undefined)
    expect(await codeOf(blobs.verify(digest, signal))).toBe('hub_unavailable')
  },
)

/** Sends the missing bytes in one piece; returns the error code, or `done`. */
async function sendRest(blobs: BlobBytes, content: Buffer, id: ReturnType<typeof nextId>): Promise<string> {
  const target = { digest: digestOf(content), sizeBytes: content.length }
  const work = async () => {
    await using incoming = await blobs.incoming.open(id, target, signal)
    if (!incoming) throw new Error('busy')
    await incoming.append(content.subarray(incoming.sizeBytes))
    expect(await incoming.commit()).toEqual({ ok: true })
  }
  return codeOf(work())
}

test(
  'if any call of an upload fails, another hub continues, and the blob is complete or absent',
  deep('fails each call in turn with nine megabytes'),
  async () => {
    const content = randomBytes(9_000_000)
    const digest = digestOf(content)
    let kept = 0
    for (let failAt = 1; ; failAt += 1) {
      const id = nextId()
      const blobs = bench.open({ ...twice, attempts: 1 })
      await startPiece(blobs, content.subarray(0, 100), id, digest, content.length)
      let calls = 0
      bench.server.fault = () => {
        calls += 1
        return calls === failAt ? 'cut' : undefined
      }
      const outcome = await sendRest(blobs, content, id)
      bench.server.fault = () => undefined
      if (calls < failAt) break
      // If only the answer to the last call is lost, the blob exists.
      const size = await blobs.sizeOf(digest, signal)
      expect([undefined, content.length]).toContain(size)
      if (outcome !== 'done') {
        const other = bench.open(twice)
        kept = Math.max(kept, await other.incoming.offsetOf(id, signal))
        expect(await sendRest(other, content, id)).toBe('done')
      }
      expect(await blobs.verify(digest, signal)).toMatchObject({ ok: true })
      await blobs.remove(digest, signal)
    }
    expect(kept).toBe(content.length)
  },
)

async function startPiece(
  blobs: BlobBytes,
  piece: Buffer,
  id: ReturnType<typeof nextId>,
  digest: ReturnType<typeof digestOf>,
  sizeBytes: number,
) {
  await using incoming = await blobs.incoming.open(id, { digest, sizeBytes }, signal)
  await incoming?.append(piece)
  await incoming?.keep()
}

test(
  'if two hubs receive the same piece of an upload, one must retry, and the blob is right',
  strict('a race that loses bytes is a finding'),
  async () => {
    const content = randomBytes(17_000_000)
    const id = nextId()
    const target = { digest: digestOf(content), sizeBytes: content.length }
    const one = bench.open()
    const two = bench.open()
    const send = async (blobs: BlobBytes, upTo: number) => {
      await using incoming = await blobs.incoming.open(id, target, signal)
      if (!incoming) throw new Error('busy')
      await incoming.append(content.subarray(incoming.sizeBytes, upTo))
      await incoming.keep()
    }
    const outcomes = await Promise.all([codeOf(send(one, 9_000_000)), codeOf(send(two, 12_000_000))])
    expect(outcomes.sort()).toEqual(['done', 'upload_offset_wrong'])
    expect(await sendRest(two, content, id)).toBe('done')
    expect(await one.verify(target.digest, signal)).toMatchObject({ ok: true })
  },
)

test('an upload that the store forgot starts again', deep('nine megabytes twice; cut bodies are quick'), async () => {
  const content = randomBytes(9_000_000)
  const id = nextId()
  const blobs = bench.open(twice)
  const gone = '<?xml version="1.0"?><Error><Code>NoSuchUpload</Code></Error>'
  bench.server.fault = ({ method, url }) =>
    method === 'POST' && url.includes('uploadId=') ? { status: 404, body: gone } : undefined
  expect(await sendRest(blobs, content, id)).toBe('hub_unavailable')
  expect(await blobs.incoming.offsetOf(id, signal)).toBe(0)
  bench.server.fault = () => undefined
  expect(await sendRest(blobs, content, id)).toBe('done')
})

const HOUR_MS = 3_600_000

type Begun = { key: string; id: string; hoursAgo: number }

/** The store's list of uploads that were begun and not ended. Returns the uploads that the hub has dropped. */
function beginUploads(begun: readonly Begun[]): string[] {
  const dropped: string[] = []
  const uploads = begun.map(({ key, id, hoursAgo }) => {
    const initiated = new Date(Date.now() + bench.aheadMs - hoursAgo * HOUR_MS).toISOString()
    return `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${initiated}</Initiated></Upload>`
  })
  const list = `<?xml version="1.0"?><ListMultipartUploadsResult>${uploads.join('')}</ListMultipartUploadsResult>`
  bench.server.fault = ({ method, url }) => {
    if (method === 'GET' && url.includes('uploads')) return { status: 200, body: list }
    if (method !== 'DELETE') return undefined
    dropped.push(`${new URL(url, 'http://s3').pathname} ${/uploadId=([^&]*)/.exec(url)?.[1]}`)
    return { status: 204, body: '' }
  }
  return dropped
}

test('an upload that a killed hub left is deleted after a day, and nothing else is', async () => {
  const content = randomBytes(9_000_000)
  const id = nextId()
  const blobs = bench.open(twice)
  await startPiece(blobs, content.subarray(0, 8_500_000), id, digestOf(content), content.length)
  const mine = (await bench.ledger.find(id))?.store_upload_id ?? ''
  const at = (digest: string) => `plant/sha256/${digest.slice(0, 2)}/${digest}`
  const key = at(hexOf(digestOf(content)))
  const other = at(hexOf(digestOf('other')))
  bench.aheadMs = 2 * HOUR_MS
  const dropped = beginUploads([
    { key, id: mine, hoursAgo: 48 },
    { key, id: 'lost', hoursAgo: 25 },
    { key: other, id: 'young', hoursAgo: 23 },
    { key: 'elsewhere/sha256/aa/b', id: 'foreign', hoursAgo: 48 },
  ])
  const known = new Set<string>([id])
  expect(await blobs.incoming.sweep(known, signal)).toBe(1)
  expect(dropped).toEqual([`/skerry-blobs/${key} lost`])
  expect(await blobs.incoming.sweep(known, signal), 'within the hour it does not look again').toBe(0)
  bench.server.fault = () => undefined
  expect(await sendRest(blobs, content, id)).toBe('done')
})

test('a store that cannot list uploads is asked once, and the log recommends a lifecycle rule', async () => {
  const blobs = bench.open(twice)
  const asked = () => bench.server.seen.filter((request) => request.startsWith('GET') && request.includes('uploads'))
  const before = asked().length
  for (const hours of [2, 4]) {
    bench.aheadMs = hours * HOUR_MS
    expect(await blobs.incoming.sweep(new Set(), signal)).toBe(0)
  }
  expect(asked().length - before).toBe(1)
  expect(bench.log.filter(({ event }) => event === 'stray_parts_unseen')).toHaveLength(1)
})

test('a list continues to the end of the store, and contains only blobs', async () => {
  const digests = ['a', 'b', 'c'].map((text) => digestOf(text)).sort()
  const keyOf = (digest: string) => `plant/sha256/${hexOf(digest as never).slice(0, 2)}/${hexOf(digest as never)}`
  const page = (keys: string[], isTruncated: boolean) => ({
    status: 200,
    body: `<?xml version="1.0"?><ListBucketResult><IsTruncated>${isTruncated}</IsTruncated>${keys
      .map(
        (key) =>
          `<Contents><Key>${key}</Key><Size>5</Size><LastModified>2026-11-01T00:00:00Z</LastModified></Contents>`,
      )
      .join('')}</ListBucketResult>`,
  })
  const [first = '', ...others] = digests.map(keyOf)
  bench.server.fault = ({ url }) =>
    url.includes(`start-after=${encodeURIComponent(first)}`)
      ? page([...others, 'plant/sha256/zz/stray'], false)
      : page([first], true)
  const found: unknown[] = []
  for await (const entry of bench.open(twice).list(signal)) found.push(entry)
  const modifiedAtMs = Date.parse('2026-11-01T00:00:00Z')
  expect(found).toEqual(digests.map((digest) => ({ digest, sizeBytes: 5, modifiedAtMs })))
})
