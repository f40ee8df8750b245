import { createHash } from 'node:crypto'
import { Digest } from '@skerry/contract/values/digest'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type BlobToSend, uploadBlob } from './upload-blob.ts'

const never = new AbortController().signal
const digestOf = (bytes: Uint8Array) => Digest.parse(`sha256:${createHash('sha256').update(bytes).digest('hex')}`)

type Trouble = 'cut' | 'lost answer' | '503' | 'none'

/** A hub that keeps one blob, and makes the trouble that it is told to, one for each PATCH. */
function fakeHub(digest: Digest, sizeBytes: number, troubles: Trouble[]) {
  let held = Buffer.alloc(0)
  const offsets: number[] = []
  const upload = () => ({
    id: 'upl_abcdefgh',
    digest,
    sizeBytes,
    offsetBytes: held.length,
    done: held.length === sizeBytes,
  })
  const problem = (code: string, status: number) =>
    Response.json({ defined: true, code, status, message: code, data: null }, { status })
  const fetch = async (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init)
    if (request.method === 'POST') return Response.json(upload())
    const offset = Number(new URL(request.url).searchParams.get('offsetBytes'))
    if (offset !== held.length) return problem('upload_offset_wrong', 409)
    offsets.push(offset)
    const bytes = Buffer.from(await request.arrayBuffer())
    const trouble = troubles.shift() ?? 'none'
    if (trouble === '503') return problem('hub_unavailable', 503)
    held = Buffer.concat([held, trouble === 'cut' ? bytes.subarray(0, bytes.length >> 1) : bytes])
    if (trouble !== 'none')
      throw new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNRESET' }) })
    return Response.json(upload())
  }
  return { fetch, offsets, held: () => held }
}

function blobOf(bytes: Uint8Array, change: Partial<BlobToSend> = {}): BlobToSend {
  const source = async function* (start: number) {
    for (let at = start; at < bytes.length; at += 3_000_000) yield bytes.subarray(at, at + 3_000_000)
  }
  return { digest: digestOf(bytes), sizeBytes: bytes.length, source, delayMs: () => 0, ...change }
}

test('whatever happens on the way, the hub ends with exactly the bytes', async () => {
  const anyTrouble = fc.constantFrom<Trouble>('cut', 'lost answer', '503', 'none')
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 20_000_000 }),
      fc.array(anyTrouble, { maxLength: 8 }),
      async (size, troubles) => {
        const bytes = new Uint8Array(size).map((_, index) => index % 251)
        const hub = fakeHub(digestOf(bytes), size, [...troubles])
        const upload = await uploadBlob({ hub: 'https://hub.example', fetch: hub.fetch }, blobOf(bytes), never)
        expect(upload.done).toBe(true)
        expect(hub.held().equals(bytes)).toBe(true)
      },
    ),
    { numRuns: 10 },
  )
})

test('a browser stream is as good a source, and progress is told from where the hub stood', async () => {
  const bytes = new Uint8Array(9_000_000).fill(7)
  const hub = fakeHub(digestOf(bytes), bytes.length, ['cut'])
  const seen: number[] = []
  const source = (start: number) => new Blob([bytes.slice(start)]).stream()
  const blob = blobOf(bytes, { source, onProgress: (done) => seen.push(done) })
  await uploadBlob({ hub: 'https://hub.example', fetch: hub.fetch }, blob, never)
  expect(hub.held().equals(bytes)).toBe(true)
  expect(seen).toEqual([0, 4_194_304, 9_000_000])
})

test('a refusal is thrown at once', async () => {
  const refuse = async () =>
    Response.json({ defined: true, code: 'storage_full', status: 507, message: 'full', data: null }, { status: 507 })
  await expect(
    uploadBlob({ hub: 'https://hub.example', fetch: refuse }, blobOf(new Uint8Array(3)), never),
  ).rejects.toMatchObject({ code: 'storage_full' })
})

test('a hub that stays away is given up, after waits that grow', async () => {
  const attempts: number[] = []
  const blob = blobOf(new Uint8Array(3), {
    delayMs: (attempt) => {
      attempts.push(attempt)
      return 0
    },
  })
  const gone = async () => {
    throw new TypeError('fetch failed')
  }
  await expect(uploadBlob({ hub: 'https://hub.example', fetch: gone }, blob, never)).rejects.toThrow('fetch failed')
  expect(attempts).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})

test('whoever watches may let it go on for longer than usual, and is told of each trouble', async () => {
  const bytes = new Uint8Array(5_000_000)
  const troubles = Array<Trouble>(14).fill('503')
  const hub = fakeHub(digestOf(bytes), bytes.length, troubles)
  const told: string[] = []
  const watched = { attemptsMax: Number.POSITIVE_INFINITY, onTrouble: ({ code }: { code: string }) => told.push(code) }
  const upload = await uploadBlob({ hub: 'https://hub.example', fetch: hub.fetch }, blobOf(bytes, watched), never)
  expect(upload.done).toBe(true)
  expect(told).toEqual(Array(14).fill('hub_unavailable'))
})

test('pieces are as large as asked, and progress is told after each', async () => {
  const bytes = new Uint8Array(5_000_000)
  const hub = fakeHub(digestOf(bytes), bytes.length, [])
  const seen: number[] = []
  const blob = blobOf(bytes, { pieceBytes: 2_000_000, onProgress: (done) => seen.push(done) })
  await uploadBlob({ hub: 'https://hub.example', fetch: hub.fetch }, blob, never)
  expect(hub.offsets).toEqual([0, 2_000_000, 4_000_000])
  expect(seen).toEqual([0, 2_000_000, 4_000_000, 5_000_000])
})

test('the signal ends a wait at once', async () => {
  const controller = new AbortController()
  const gone = async () => {
    throw new TypeError('fetch failed')
  }
  const blob = blobOf(new Uint8Array(3), {
    delayMs: () => {
      controller.abort(new Error('enough'))
      return 1_000_000
    },
  })
  await expect(uploadBlob({ hub: 'https://hub.example', fetch: gone }, blob, controller.signal)).rejects.toThrow(
    'enough',
  )
})

test('a source that ends too early is an error, not a wait for ever', async () => {
  const bytes = new Uint8Array(10)
  const hub = fakeHub(digestOf(bytes), bytes.length, [])
  const blob = blobOf(bytes, { source: () => new Blob([bytes.slice(0, 5)]).stream() })
  await expect(uploadBlob({ hub: 'https://hub.example', fetch: hub.fetch }, blob, never)).rejects.toThrow(
    'ended at byte 0 of 10',
  )
})
