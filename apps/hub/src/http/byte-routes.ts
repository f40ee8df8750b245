/** Byte routes: uploads and downloads of blobs. They stream past oRPC, and return errors in its form. */
import type { Readable } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { byteRoutes } from '@skerry/contract/api'
import { Digest } from '@skerry/contract/values/digest'
import { type OrganisationId, UploadId } from '@skerry/contract/values/ids'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { reportDamage } from '../blobs/blob-collection.ts'
import { findBlob } from '../blobs/blob-store.ts'
import { parseRange } from '../blobs/byte-range.ts'
import { sentStream, verifiedPieces } from '../blobs/sent-pieces.ts'
import type { Hub } from '../hub.ts'
import { callingDevice } from '../link/calling-device.ts'
import { sendCatalogueBlob } from '../market/send-blob.ts'
import { installCatalogueRoutes } from '../market/serve-catalogue.ts'
import { type SiteMeter, siteMeter, withinSiteBudget } from '../settings/site-budget.ts'
import { PIECE_TOO_LARGE, receivePiece, UPLOAD_PIECE_MAX } from '../uploads/upload-bytes.ts'
import { admitKey } from './admission/key-guard.ts'
import type { KeyCall, OpenCall } from './call.ts'
import { problem } from './problem.ts'

type Sender = Pick<KeyCall, 'hub' | 'organisationId' | 'trail' | 'source'>

/** Adds the routes. This scope accepts only the content type of bytes; all other routes reject that type. */
export async function installByteRoutes(
  app: FastifyInstance,
  hub: Hub,
  callOf: (request: FastifyRequest, reply: FastifyReply) => OpenCall,
) {
  await app.register(async (scope) => {
    acceptBytesOnly(scope)
    const senders = new WeakMap<FastifyRequest, Sender>()
    // The hub identifies the caller before it reads a byte of the body.
    const onRequest = async (request: FastifyRequest, reply: FastifyReply) => {
      const call = callOf(request, reply)
      const { organisationId } = await admitKey(call, calledFor(request, ['upload', 'bytes'], byteRoutes.uploadBytes))
      refuseLargePiece(request)
      senders.set(request, { hub, organisationId, trail: call.trail, source: call.source })
    }
    scope.patch('/v1/uploads/:upload', { onRequest }, async (request) => {
      const sender = senders.get(request)
      if (!sender) throw new Error('a piece came without its sender')
      return receivePiece(sender, { ...pieceOf(request), bytesMax: UPLOAD_PIECE_MAX, signal: hub.signal })
    })
    scope.route({
      method: ['GET', 'HEAD'],
      url: '/v1/blobs/:digest',
      exposeHeadRoute: false,
      handler: async (request, reply) =>
        sendBlob(hub, request, reply, await readerOf(hub, request, callOf(request, reply))),
    })
    scope.get('/v1/catalogues/:catalogue/blobs/:digest', async (request, reply) => {
      const called = calledFor(request, ['catalogue', 'blob'], byteRoutes.catalogueBlob)
      const { organisationId } = await admitKey(callOf(request, reply), called)
      return sendCatalogueBlob(hub, organisationId, request.params, reply)
    })
    installCatalogueRoutes(scope, hub)
  })
}

/** The body stays a stream, which is used as it arrives. Bodies of other types are not read. */
export function acceptBytesOnly(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload))
}

/** The hub counts a piece without an announced length while it arrives. */
function refuseLargePiece({ headers }: FastifyRequest): void {
  if (Number(headers['content-length'] ?? 0) > UPLOAD_PIECE_MAX) throw problem('body_too_large', PIECE_TOO_LARGE)
}

type ByteRoute = (typeof byteRoutes)['uploadBytes' | 'downloadBlob' | 'catalogueBlob']

const calledFor = (request: FastifyRequest, path: string[], { access, scope, approval, method }: ByteRoute) => ({
  path,
  meta: { access, scope, approval, isReadOnly: method === 'GET' },
  route: request.routeOptions.url,
  input: request.params,
})

function pieceOf(request: FastifyRequest) {
  const { upload } = request.params as { upload: string }
  const id = UploadId.safeParse(upload)
  if (!id.success) throw problem('upload_unknown')
  const { offsetBytes } = request.query as { offsetBytes?: string }
  if (offsetBytes === undefined || !/^\d{1,15}$/.test(offsetBytes)) {
    throw problem('input_invalid', 'give the offset of the first byte as ?offsetBytes=, such as 0')
  }
  const body = request.body ?? []
  return { upload: id.data, offsetBytes: Number(offsetBytes), body: body as Readable }
}

type BlobReader = { organisationId: OrganisationId; meter?: SiteMeter | undefined }

/** The downloading caller: a key with the permission, or a device of the organisation with its certificate. */
async function readerOf(hub: Hub, request: FastifyRequest, call: OpenCall): Promise<BlobReader> {
  const { socket } = request.raw
  const hasCertificate = socket instanceof TLSSocket && socket.getPeerX509Certificate() !== undefined
  if (call.authorization !== undefined || !hasCertificate) {
    const called = calledFor(request, ['blob', 'download'], byteRoutes.downloadBlob)
    const { organisationId } = await admitKey(call, called)
    return { organisationId }
  }
  const device = await callingDevice(hub, request, 'blob')
  return { organisationId: device.organisation_id, meter: await siteMeter(hub, device) }
}

/** Answers with the bytes of a blob that the organisation holds, or with the asked part of them. */
export async function sendBlob(hub: Hub, request: FastifyRequest, reply: FastifyReply, reader: BlobReader) {
  const digest = Digest.safeParse((request.params as { digest: string }).digest)
  if (!digest.success) throw problem('blob_unknown')
  return sendDigest(hub, request, reply, { ...reader, digest: digest.data })
}

type HeldBlob = BlobReader & { digest: Digest }

/** The same for a digest that the path does not have. */
export async function sendDigest(
  hub: Hub,
  request: FastifyRequest,
  reply: FastifyReply,
  { organisationId, digest, meter }: HeldBlob,
) {
  const blob = await findBlob(hub.store.db, organisationId, digest)
  if (!blob) throw problem('blob_unknown')
  if (blob.damaged_at_ms !== null) throw problem('blob_damaged')
  const sizeBytes = await hub.blobs.sizeOf(blob.digest, hub.signal)
  if (sizeBytes !== blob.size_bytes) {
    await reportDamage(hub, blob.digest)
    throw problem('blob_damaged')
  }
  const etag = `"${blob.digest}"`
  const sent = (stream: AsyncIterable<Uint8Array>) =>
    withinSiteBudget(counted(hub, stream), meter, () => void request.raw.socket.destroy())
  reply.headers({
    etag,
    'accept-ranges': 'bytes',
    'content-type': 'application/octet-stream',
    // The name identifies the content, so the caller (only) may cache it for ever.
    'cache-control': 'private, max-age=31536000, immutable',
  })
  if (request.headers['if-none-match'] === etag) return reply.status(304).send()
  const ifRange = request.headers['if-range']
  const wish = parseRange(ifRange === undefined || ifRange === etag ? request.headers.range : undefined, sizeBytes)
  if (wish.kind === 'unsatisfiable') return reply.status(416).header('content-range', `bytes */${sizeBytes}`).send()
  if (wish.kind === 'all') {
    reply.header('content-length', sizeBytes)
    return request.method === 'HEAD'
      ? reply.send()
      : reply.send(wholeBlob(hub, { digest: blob.digest, sizeBytes }, sent))
  }
  const { start, end } = wish
  reply
    .status(206)
    .headers({ 'content-range': `bytes ${start}-${end}/${sizeBytes}`, 'content-length': end - start + 1 })
  if (request.method === 'HEAD') return reply.send()
  return reply.send(sentStream(sent(hub.blobs.pieces(blob.digest, { start, end }, hub.signal))))
}

/** A whole download is verified while it is sent, without a further read. */
type Sent = (stream: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>

function wholeBlob(hub: Hub, { digest, sizeBytes }: { digest: Digest; sizeBytes: number }, sent: Sent): Readable {
  const damaged = async () => {
    // Read the blob once more, so that a fault of the memory or the controller does not condemn good bytes.
    const verdict = await hub.blobs.verify(digest, hub.signal)
    if (!verdict.ok) await reportDamage(hub, digest)
  }
  const onDamage = () => void damaged().catch((error: unknown) => hub.log.error('damage_not_noted', { digest, error }))
  const pieces = hub.blobs.pieces(digest, { start: 0, end: sizeBytes - 1 }, hub.signal)
  return sentStream(verifiedPieces(sent(pieces), digest, onDamage))
}

async function* counted(hub: Hub, stream: AsyncIterable<Uint8Array>) {
  for await (const chunk of stream) {
    hub.metrics.blobBytesOut.inc(chunk.length)
    yield chunk
  }
}
