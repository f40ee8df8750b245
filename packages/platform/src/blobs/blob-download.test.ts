import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Credentials, createAuthority, issueServerCertificate } from '../certificates/certificate-authority.ts'
import { nodeFileSystem } from '../files/file-system.ts'
import { digestOf } from '../files/hash.ts'
import { type HttpsClient, openHttpsClient } from '../network/https-client.ts'
import { downloadBlob } from './blob-download.ts'
import { type BlobFolder, openBlobFolder } from './blob-folder.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

const bytes = randomBytes(300_000)
const digest = digestOf(bytes)
const etag = `"${digest}"`
/** For the whole file. */
const signal = AbortSignal.timeout(1_800_000)
let server: Server
let authority: Credentials
let client: HttpsClient
let path: string
let folder: BlobFolder
let handler: Handler
let requests: IncomingMessage[]

beforeAll(async () => {
  authority = await createAuthority({ commonName: 'test', nowMs: Date.now() })
  const { certificatePem, privateKeyPem } = await issueServerCertificate(authority, {
    names: ['127.0.0.1'],
    nowMs: Date.now(),
  })
  server = createServer({ cert: certificatePem, key: privateKeyPem }, (request, response) => {
    requests.push(request)
    handler(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  client = openHttpsClient({ authorities: [authority.certificatePem] })
})
beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), 'skerry-download-'))
  folder = await openBlobFolder({ fileSystem: nodeFileSystem, path, freeBytesMin: 0 })
  requests = []
})
afterEach(() => rmSync(path, { recursive: true }))
afterAll(() => {
  client[Symbol.dispose]()
  server.close()
})

const waits: number[] = []
const clock = { sleep: async (ms: number) => void waits.push(ms) }
const download = (changes: Partial<Parameters<typeof downloadBlob>[0]> = {}) => {
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/blob`
  return downloadBlob(
    { client, url, digest, sizeBytes: bytes.length, folder, clock, random: () => 0.5, ...changes },
    signal,
  )
}
const stored = async () => {
  const chunks: Buffer[] = []
  for await (const chunk of folder.createReadStream(digest)) chunks.push(chunk)
  return Buffer.concat(chunks)
}
const leavePart = (content: Uint8Array) => writeFile(join(path, 'parts', digest.replace(':', '-')), content)

/** An honest server: whole, or the rest when asked for it with the right If-Range. */
function serve(response: ServerResponse, request: IncomingMessage, content = bytes, upTo = content.length) {
  const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? []
  const isRest = from !== undefined && request.headers['if-range'] === etag
  const start = isRest ? Number(from) : 0
  if (isRest && start >= content.length)
    return response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end()
  response.writeHead(isRest ? 206 : 200, {
    etag,
    'content-length': content.length - start,
    ...(isRest && { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` }),
  })
  if (upTo >= content.length) return response.end(content.subarray(start))
  return response.write(content.subarray(start, upTo), () => response.destroy())
}

test('fetches a blob once, and then has it', async () => {
  handler = (request, response) => void serve(response, request)
  const progress: number[] = []
  const result = await download({ onProgress: ({ sizeBytes }) => void progress.push(sizeBytes) })
  expect(result).toEqual({ ok: true, sizeBytes: bytes.length, receivedBytes: bytes.length })
  expect(progress.at(-1)).toBe(bytes.length)
  expect((await stored()).equals(bytes)).toBe(true)
  expect(await download()).toEqual({ ok: true, sizeBytes: bytes.length, receivedBytes: 0 })
  expect(requests).toHaveLength(1)
  expect(await folder.listParts()).toEqual([])
})

test('goes on after cuts at random bytes, asking for each byte once', async () => {
  let cuts = 0
  handler = (request, response) => {
    const [, from = '0'] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? []
    cuts += 1
    serve(response, request, bytes, Number(from) + 1 + Math.floor(Math.random() * 60_000))
  }
  const result = await download()
  expect(result).toEqual({ ok: true, sizeBytes: bytes.length, receivedBytes: bytes.length })
  expect(cuts).toBeGreaterThan(3)
  expect(requests.slice(1).every((request) => request.headers['if-range'] === etag)).toBe(true)
  expect((await stored()).equals(bytes)).toBe(true)
})

test('goes on from the bytes that an earlier run left', async () => {
  await leavePart(bytes.subarray(0, 123_456))
  handler = (request, response) => void serve(response, request)
  expect(await download()).toMatchObject({ ok: true, receivedBytes: bytes.length - 123_456 })
  expect(requests[0]?.headers.range).toBe('bytes=123456-')
})

test('needs no server when the part is already whole', async () => {
  await leavePart(bytes)
  handler = (_, response) => void response.destroy()
  expect(await download()).toMatchObject({ ok: true, receivedBytes: 0 })
  expect(requests).toHaveLength(0)
})

test('asks for the whole when there is more than the whole', async () => {
  handler = (request, response) => void serve(response, request)
  await leavePart(Buffer.concat([bytes, Buffer.from('x')]))
  expect(await download()).toMatchObject({ ok: true })
  expect(requests.map((request) => request.headers.range)).toEqual([undefined])
})

test('begins again when the bytes of an earlier run turn out to be wrong', async () => {
  handler = (request, response) => void serve(response, request)
  await leavePart(randomBytes(1000))
  expect(await download()).toMatchObject({ ok: true })
  expect(requests.map((request) => request.headers.range)).toEqual(['bytes=1000-', undefined])
})

test.each<[string, Uint8Array, Handler]>([
  ['and the server ignores ranges', bytes.subarray(0, 9), (_, response) => void response.writeHead(200).end(bytes)],
  [
    'and the server answers 416',
    bytes.subarray(0, 9),
    (request, response) => void (request.headers.range ? response.writeHead(416).end() : serve(response, request)),
  ],
  [
    'and the server starts elsewhere',
    bytes.subarray(0, 9),
    (request, response) => {
      if (!request.headers.range) return void serve(response, request)
      response.writeHead(206, { 'content-range': `bytes 8-${bytes.length - 1}/${bytes.length}` }).end(bytes.subarray(8))
    },
  ],
  [
    'and the server has a blob of another size',
    bytes.subarray(0, 9),
    (request, response) => {
      if (!request.headers.range) return void serve(response, request)
      response
        .writeHead(206, { 'content-range': `bytes 9-${bytes.length}/${bytes.length + 1}` })
        .end(Buffer.concat([bytes.subarray(9), Buffer.from('x')]))
    },
  ],
])('begins again when there is a part %s', async (_, part, handle) => {
  await leavePart(part)
  handler = handle
  expect(await download()).toMatchObject({ ok: true })
  expect((await stored()).equals(bytes)).toBe(true)
})

test.each<[string, string, boolean, Handler]>([
  ['wrong bytes', 'blob_damaged', false, (_, response) => void response.end(randomBytes(bytes.length))],
  ['too many bytes', 'response_too_large', false, (_, response) => void response.end(Buffer.concat([bytes, bytes]))],
  [
    'a length that is not the signed one',
    'response_malformed',
    false,
    (_, response) => void response.end(bytes.subarray(1).toString('latin1'), 'latin1'),
  ],
  ['a part unasked', 'response_malformed', false, (_, response) => void response.writeHead(206).end(bytes)],
  ['404', 'request_refused', false, (_, response) => void response.writeHead(404).end()],
  ['a redirect', 'request_refused', false, (_, response) => void response.writeHead(302, { location: '/other' }).end()],
  ['500', 'server_failed', true, (_, response) => void response.writeHead(500).end()],
  ['429', 'request_refused', true, (_, response) => void response.writeHead(429, { 'retry-after': '7' }).end()],
  ['nothing at all', 'server_unreachable', true, (request) => void request.socket.destroy()],
  [
    'fewer bytes than announced',
    'response_cut',
    true,
    (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length })
      response.flushHeaders()
      setImmediate(() => response.destroy())
    },
  ],
])('given %s it says %s', async (name, code, retryable, handle) => {
  waits.length = 0
  // Chunked, so that the length is not known beforehand, where the case is not about it.
  handler = (request, response) => {
    if (name.includes('bytes') && !name.includes('fewer')) response.setHeader('transfer-encoding', 'chunked')
    handle(request, response)
  }
  expect(await download()).toMatchObject({ ok: false, code, retryable })
  expect(requests, 'terminal: once; else the limit').toHaveLength(retryable ? 6 : 1)
  if (name === '429') expect(waits).toEqual([7000, 7000, 7000, 7000, 7000])
  expect(await folder.has(digest)).toBe(false)
})

test('an empty blob is a blob', async () => {
  handler = (_, response) => void response.end()
  const empty = digestOf('')
  expect(await download({ digest: empty, sizeBytes: 0 })).toMatchObject({ ok: true })
  expect(await folder.sizeOf(empty)).toBe(0)
})

test('keeps the disk free, before a byte is asked for', async () => {
  const full = await openBlobFolder({ fileSystem: nodeFileSystem, path, freeBytesMin: Number.MAX_SAFE_INTEGER })
  expect(await download({ folder: full })).toMatchObject({ ok: false, code: 'storage_full', retryable: false })
  expect(requests).toHaveLength(0)
})

test('stops at once when told to, and keeps what has arrived', async () => {
  const stop = new AbortController()
  handler = (_, response) => {
    response.writeHead(200, { 'content-length': bytes.length })
    response.write(bytes.subarray(0, 50_000))
  }
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/blob`
  const onProgress = ({ sizeBytes }: { sizeBytes: number }) => sizeBytes === 50_000 && stop.abort(new Error('enough'))
  const running = downloadBlob(
    { client, url, digest, sizeBytes: bytes.length, folder, clock, random: () => 0, onProgress },
    stop.signal,
  )
  await expect(running).rejects.toThrow('enough')
  expect(await folder.listParts()).toMatchObject([{ sizeBytes: 50_000 }])
})
