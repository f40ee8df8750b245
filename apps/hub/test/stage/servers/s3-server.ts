/** A real S3 server for tests, s3rver, and before it a line that can be made bad. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import S3rver from 's3rver'
import type { S3Location } from '../../../src/blobs/s3-location.ts'

/** [s3rver README] The one account that it knows. */
export const S3_CREDENTIALS = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' }

/** What becomes of a request: refused with a status, cut before an answer, its body cut half-way, or nothing for ever. */
export type Fault = number | { status: number; body: string } | 'cut' | 'half' | 'stall'

export type S3Server = AsyncDisposable & {
  location: S3Location
  /** Options of a hub that keeps blobs there. */
  args: string[]
  /** Asked for each request; undefined lets it pass. */
  fault: (request: { method: string; url: string }) => Fault | undefined
  /** Requests that have arrived, as `METHOD path?query`. */
  seen: string[]
  /** Nobody answers on its port any more. */
  stop(): Promise<void>
  start(): Promise<void>
  /** Where an object lies on the disk of the server. */
  fileOf(key: string): string
}

const BUCKET = 'skerry-blobs'

/** Starts one with an empty bucket. Each call may have its own prefix. */
export async function startS3Server(prefix = 'plant/'): Promise<S3Server> {
  const directory = await mkdtemp(join(tmpdir(), 'skerry-s3-'))
  const store = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory,
    configureBuckets: [{ name: BUCKET }],
  })
  const { port } = await store.run()
  const line = createServer((incoming, outgoing) => {
    const { method = '', url = '' } = incoming
    server.seen.push(`${method} ${url}`)
    carry({ incoming, outgoing, port, fault: server.fault({ method, url }) })
  })
  await listen(line, 0)
  const linePort = (line.address() as AddressInfo).port
  const endpoint = `http://127.0.0.1:${linePort}`
  const stop = () => {
    line.closeAllConnections()
    return new Promise<void>((resolve) => line.close(() => resolve()))
  }
  const server: S3Server = {
    location: { bucket: BUCKET, prefix, endpoint, region: 'us-east-1', isPathStyle: true },
    args: ['--blobs', `s3://${BUCKET}/${prefix}`, '--s3-endpoint', endpoint, '--s3-path-style'],
    fault: () => undefined,
    seen: [],
    stop,
    start: () => listen(line, linePort),
    fileOf: (key) => join(directory, BUCKET, `${prefix}${key}._S3rver_object`),
    async [Symbol.asyncDispose]() {
      if (line.listening) await stop()
      await store.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
  return server
}

const listen = (line: ReturnType<typeof createServer>, port: number) =>
  new Promise<void>((resolve) => line.listen(port, '127.0.0.1', () => resolve()))

type Carried = { incoming: IncomingMessage; outgoing: ServerResponse; port: number; fault: Fault | undefined }

function carry({ incoming, outgoing, port, fault }: Carried): void {
  if (fault === 'stall') return
  if (typeof fault === 'number' || typeof fault === 'object') {
    refuse(incoming, outgoing, fault)
    return
  }
  if (fault === 'cut') {
    incoming.socket.destroy()
    return
  }
  const { method, url: path, headers } = incoming
  const onward = request({ port, host: '127.0.0.1', method, path, headers, agent: false }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 0, answer.headers)
    if (fault === 'half') sendHalf(answer, outgoing)
    else answer.pipe(outgoing)
  })
  onward.on('error', () => incoming.socket.destroy())
  incoming.on('error', () => onward.destroy())
  incoming.pipe(onward)
}

/** What was announced is twice what comes. */
function sendHalf(answer: IncomingMessage, outgoing: ServerResponse): void {
  let left = Math.floor(Number(answer.headers['content-length'] ?? 0) / 2)
  answer.on('data', (chunk: Buffer) => {
    const piece = chunk.subarray(0, left)
    left -= piece.length
    if (left > 0) outgoing.write(piece)
    else {
      outgoing.write(piece, () => outgoing.destroy())
      answer.destroy()
    }
  })
}

function refuse(incoming: IncomingMessage, outgoing: ServerResponse, fault: Fault): void {
  incoming.resume()
  const { status, body } = typeof fault === 'object' ? fault : refusalOf(Number(fault))
  outgoing.writeHead(status, { 'content-type': 'application/xml' }).end(body)
}

function refusalOf(status: number) {
  const code = { 403: 'AccessDenied', 503: 'SlowDown', 507: 'XMinioStorageFull' }[status] ?? 'InternalError'
  return { status, body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>told to</Message></Error>` }
}
