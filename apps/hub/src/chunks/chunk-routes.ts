/** Chunk routes: send the index of a blob to devices, and the chunks that they lack (contract, chunks/). */
import { Readable } from 'node:stream'
import { DIFFERENCES_HEADER, DIFFERENCES_VERSION } from '@skerry/contract/chunks/differences'
import { Digest } from '@skerry/contract/values/digest'
import { type ByteRun, decodeReferredRuns, decodeRuns, runsBytes } from '@skerry/core/chunks/byte-runs'
import type { ChunkIndex } from '@skerry/platform/chunks/chunk-index'
import { encodeSignedIndex } from '@skerry/platform/chunks/chunk-signature'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { findBlob } from '../blobs/blob-store.ts'
import { acceptBytesOnly } from '../http/byte-routes.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { callingDevice } from '../link/calling-device.ts'
import { siteMeter, withinSiteBudget } from '../settings/site-budget.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'
import { createChunkIndexes } from './chunk-indexes.ts'
import { readDifferences } from './read-differences.ts'
import { encodeRuns, readRuns } from './read-runs.ts'

/** 1,024 runs of three numbers of five bytes are 15 KB. */
const BODY_MAX = 16_384

type Wanted = { digest: Digest; index: ChunkIndex; device: DeviceTable }

/** Adds the routes. Only devices use them: people download whole files. */
export async function installChunkRoutes(app: FastifyInstance, hub: Hub): Promise<void> {
  const indexes = createChunkIndexes(hub)
  const wantedBy = new WeakMap<FastifyRequest, Wanted>()
  await app.register(async (scope) => {
    acceptBytesOnly(scope)
    // The hub identifies the device before it reads a byte of the body.
    scope.addHook('onRequest', async (request) => {
      const device = await callingDevice(hub, request, 'chunks')
      const blob = await wholeBlob(hub, device, (request.params as { digest: string }).digest)
      const index = await indexes.of(blob.digest, blob.sizeBytes)
      if (!index) throw problem('blob_unknown', 'this file has no chunks; fetch all of it')
      wantedBy.set(request, { digest: blob.digest, index, device })
    })
    const wantedOf = (request: FastifyRequest) => {
      const wanted = wantedBy.get(request)
      if (!wanted) throw new Error('a request for chunks came without its blob')
      return wanted
    }
    scope.get('/v1/blobs/:digest/chunks', { exposeHeadRoute: false }, async (request, reply) => {
      const { digest, index } = wantedOf(request)
      reply.header(DIFFERENCES_HEADER, DIFFERENCES_VERSION)
      return bytesReply(reply).send(Buffer.from(encodeSignedIndex(digest, index, hub.signing)))
    })
    scope.post('/v1/blobs/:digest/chunks', { bodyLimit: BODY_MAX }, async (request, reply) => {
      const { pages } = wantedOf(request).index
      const runs = await runsIn(request, pages.length)
      const pieces = runs.map(({ start, length }) => pages.subarray(start, start + length))
      return bytesReply(reply).send(Buffer.concat(pieces))
    })
    scope.post('/v1/blobs/:digest/runs', { bodyLimit: BODY_MAX }, async (request, reply) => {
      const wanted = wantedOf(request)
      const sent = await sentWithinBudget(hub, request, wanted.device)
      return sendRuns(hub, reply, { ...wanted, sent }, await runsIn(request, wanted.index.sizeBytes))
    })
    scope.post('/v1/blobs/:digest/differences/:old', { bodyLimit: BODY_MAX }, async (request, reply) => {
      const { digest, index, device } = wantedOf(request)
      // A device gets differences from a file only if it may fetch this file, too.
      const old = await wholeBlob(hub, device, (request.params as { old: string }).old)
      const sizes = { sizeBytes: index.sizeBytes, oldSizeBytes: old.sizeBytes }
      const runs = decodeReferredRuns(await bodyOf(request), sizes)
      if (!runs) throw problem('input_invalid', 'the body must be a list of runs of bytes in both files')
      const sent = await sentWithinBudget(hub, request, device)
      const stream = readDifferences(hub.blobs, { digest, old: old.digest }, runs, hub.signal)
      return bytesReply(reply).send(Readable.from(sent(stream), { objectMode: false }))
    })
  })
}

const bytesReply = (reply: FastifyReply) => reply.header('content-type', 'application/octet-stream')

/** A blob of the organisation of the device. */
async function wholeBlob(hub: Hub, device: DeviceTable, text: string): Promise<{ digest: Digest; sizeBytes: number }> {
  const digest = Digest.safeParse(text)
  const blob = digest.success && (await findBlob(hub.store.db, device.organisation_id, digest.data))
  if (!digest.success || !blob) throw problem('blob_unknown')
  if (blob.damaged_at_ms !== null) throw problem('blob_damaged')
  return { digest: digest.data, sizeBytes: blob.size_bytes }
}

async function bodyOf({ body }: FastifyRequest): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of (body ?? []) as AsyncIterable<Uint8Array>) {
    length += piece.length
    if (length > BODY_MAX) throw problem('body_too_large', 'request fewer runs at once')
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

async function runsIn(request: FastifyRequest, sizeBytes: number): Promise<ByteRun[]> {
  const runs = decodeRuns(await bodyOf(request), sizeBytes)
  if (!runs) throw problem('input_invalid', 'the body must be a list of runs of bytes in this file')
  return runs
}

type Sent = (stream: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>

async function sentWithinBudget(hub: Hub, request: FastifyRequest, device: DeviceTable): Promise<Sent> {
  const meter = await siteMeter(hub, device)
  const cut = () => void request.raw.socket.destroy()
  return (stream) => withinSiteBudget(counted(hub, stream), meter, cut)
}

type Sending = Pick<Wanted, 'digest' | 'index'> & { sent: Sent }

function sendRuns(hub: Hub, reply: FastifyReply, { digest, index, sent }: Sending, runs: readonly ByteRun[]) {
  const { coding } = index
  if (coding === 'identity') reply.header('content-length', runsBytes(runs))
  else reply.header('content-encoding', coding)
  const stream = encodeRuns(readRuns(hub.blobs, digest, runs, hub.signal), coding)
  return bytesReply(reply).send(Readable.from(sent(stream), { objectMode: false }))
}

async function* counted(hub: Hub, stream: AsyncIterable<Uint8Array>) {
  for await (const chunk of stream) {
    hub.metrics.blobBytesOut.inc(chunk.length)
    yield chunk
  }
}
