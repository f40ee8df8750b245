/** Registry routes: the paths of the OCI distribution specification 1.1, below /v2 (core/registry/registry-path.ts). */
import type { Readable } from 'node:stream'
import { OCI_DOCUMENT_BYTES_MAX, OCI_INDEX } from '@skerry/contract/apps/oci'
import type { Repository } from '@skerry/contract/registry/registry'
import { Digest } from '@skerry/contract/values/digest'
import type { UploadId } from '@skerry/contract/values/ids'
import { type ManifestReference, type RegistryOperation, readRegistryPath } from '@skerry/core/registry/registry-path'
import { assertNever } from '@skerry/core/values/assert-never'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sendDigest } from '../http/byte-routes.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { installRegistryErrors, RegistryError } from './registry-errors.ts'
import { admitToRegistry, type RegistryCall, type RegistryNeed } from './registry-guard.ts'
import {
  pageOfTags,
  pushManifest,
  readDocument,
  referrersOf,
  removeReference,
  requireManifest,
  tagsPage,
} from './registry-manifests.ts'
import {
  ARTEFACT_TYPE,
  artefactTags,
  findArtefact,
  findArtefactConfig,
  refuseModelRepository,
} from './registry-models.ts'
import {
  appendChunk,
  beginUpload,
  type Chunk,
  cancelUpload,
  finishUpload,
  mountBlob,
  rangeOf,
  uploadOffset,
} from './registry-uploads.ts'

type Admitted = { operation: RegistryOperation; call: RegistryCall }

/** Adds the paths. Each request is identified before its body is read. */
export async function installRegistryRoutes(app: FastifyInstance, hub: Hub): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    // Clients send manifests and blobs of any type. The body stays a stream.
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    installRegistryErrors(scope, hub)
    const admitted = new WeakMap<FastifyRequest, Admitted>()
    const onRequest = async (request: FastifyRequest, reply: FastifyReply) => {
      reply.header('docker-distribution-api-version', 'registry/2.0')
      const operation = operationOf(request)
      admitted.set(request, { operation, call: await admitToRegistry(hub, request, reply, needOf(operation)) })
    }
    const handler = async (request: FastifyRequest, reply: FastifyReply) => {
      const known = admitted.get(request)
      if (!known) throw new Error('a request came without its caller')
      return answer(known, request, reply)
    }
    for (const url of ['/v2', '/v2/*']) {
      scope.route({
        method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
        url,
        exposeHeadRoute: false,
        onRequest,
        handler,
      })
    }
  })
}

function operationOf(request: FastifyRequest): RegistryOperation {
  const { '*': rest = '' } = request.params as { '*'?: string }
  const read = readRegistryPath(request.method, rest === '' ? '' : `/${rest}`)
  if (read.ok) return read.operation
  if (read.problem) throw new RegistryError(read.problem.code, read.problem.message)
  throw problem('route_unknown')
}

function needOf({ kind }: RegistryOperation): RegistryNeed {
  switch (kind) {
    case 'base':
    case 'read-blob':
    case 'read-manifest':
    case 'tags':
    case 'referrers':
      return { right: 'pull', action: 'read' }
    case 'begin-upload':
    case 'upload-state':
    case 'append-upload':
    case 'finish-upload':
    case 'cancel-upload':
    case 'put-manifest':
      return { right: 'push', action: 'push' }
    case 'delete-blob':
    case 'delete-manifest':
      return { right: 'push', action: 'remove' }
    default:
      return assertNever(kind)
  }
}

function answer({ operation, call }: Admitted, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const at = { call, request, reply }
  switch (operation.kind) {
    case 'base':
      return Promise.resolve({})
    case 'read-blob':
      return readBlob(at, operation)
    case 'delete-blob':
      throw new RegistryError('UNSUPPORTED', 'the hub removes blobs by itself, some days after no manifest names them')
    case 'read-manifest':
      return sendManifest(at, operation)
    case 'put-manifest':
      return takeManifest(at, operation)
    case 'delete-manifest':
      return dropManifest(at, operation)
    case 'begin-upload':
      return begin(at, operation)
    case 'upload-state':
    case 'append-upload':
    case 'finish-upload':
    case 'cancel-upload':
      return answerUpload(at, operation)
    case 'tags':
      return sendTags(at, operation)
    case 'referrers':
      return sendReferrers(at, operation)
    default:
      return assertNever(operation)
  }
}

type At = { call: RegistryCall; request: FastifyRequest; reply: FastifyReply }
type BlobPlace = { repository: Repository; digest: Digest }
type ManifestPlace = { repository: Repository; reference: ManifestReference }

async function readBlob({ call, request, reply }: At, { repository, digest }: BlobPlace): Promise<unknown> {
  reply.header('docker-content-digest', digest)
  const config = await findArtefactConfig(call, repository, digest)
  if (config) return sendBytes({ call, request, reply }, config, 'application/octet-stream')
  return sendDigest(call.hub, request, reply, { organisationId: call.organisationId, digest })
}

async function sendManifest({ call, request, reply }: At, place: ManifestPlace): Promise<unknown> {
  const artefact = await findArtefact(call, place.repository, place.reference)
  if (artefact) {
    const { manifest, manifestDigest } = artefact
    reply.headers({ etag: `"${manifestDigest}"`, 'docker-content-digest': manifestDigest })
    return sendBytes({ call, request, reply }, manifest, ARTEFACT_TYPE)
  }
  const row = await requireManifest(call, place.repository, place.reference)
  const bytes = await readDocument(call, row)
  const headers = { 'content-type': row.media_type, 'content-length': bytes.length, etag: `"${row.digest}"` }
  reply.headers({ ...headers, 'docker-content-digest': row.digest })
  return request.method === 'HEAD' ? reply.send() : reply.send(bytes)
}

/** A small document is sent whole, whatever range is requested [RFC 9110 14.2]. */
function sendBytes({ request, reply }: At, bytes: Buffer, type: string): FastifyReply {
  reply.headers({ 'content-type': type, 'content-length': bytes.length })
  return request.method === 'HEAD' ? reply.send() : reply.send(bytes)
}

async function takeManifest({ call, request, reply }: At, { repository, reference }: ManifestPlace): Promise<unknown> {
  refuseModelRepository(repository)
  const bytes = await wholeBody(request, OCI_DOCUMENT_BYTES_MAX)
  const contentType = request.headers['content-type']?.split(';')[0]?.trim()
  const { digest, subject } = await pushManifest(call, { repository, reference, bytes, contentType })
  if (subject !== undefined) reply.header('oci-subject', subject)
  return reply
    .status(201)
    .headers({ location: `/v2/${repository}/manifests/${digest}`, 'docker-content-digest': digest })
    .send()
}

async function dropManifest({ call, reply }: At, { repository, reference }: ManifestPlace): Promise<unknown> {
  refuseModelRepository(repository)
  await removeReference(call, repository, reference)
  return reply.status(202).send()
}

const uploadPath = (repository: string, id: string) => `/v2/${repository}/blobs/uploads/${id}`

/** [Distribution 1.1, end-4b and end-11] The query may bring the whole blob, or name one that is there. */
async function begin(at: At, { repository }: { repository: Repository }): Promise<unknown> {
  const { call, request, reply } = at
  const { digest, mount } = request.query as { digest?: string; mount?: string }
  const known = mount === undefined ? undefined : digestIn(mount)
  if (known !== undefined && (await mountBlob(call, known))) return sendStored(reply, repository, known)
  const wanted = digest === undefined ? undefined : digestIn(digest)
  const id = await beginUpload(call, repository)
  if (wanted !== undefined) {
    await finishUpload(call, { repository, id }, wanted, chunkOf(request))
    return sendStored(reply, repository, wanted)
  }
  return sendProgress(reply, { repository, id, sizeBytes: 0, status: 202 })
}

type Uploading = Extract<RegistryOperation, { upload: UploadId }>

async function answerUpload(
  { call, request, reply }: At,
  { kind, repository, upload: id }: Uploading,
): Promise<unknown> {
  const place = { repository, id }
  switch (kind) {
    case 'upload-state':
      return sendProgress(reply, { ...place, sizeBytes: await uploadOffset(call, place), status: 204 })
    case 'append-upload':
      reply.header('location', uploadPath(repository, id))
      return sendProgress(reply, { ...place, sizeBytes: await appendChunk(call, place, chunkOf(request)), status: 202 })
    case 'cancel-upload':
      await cancelUpload(call, place)
      return reply.status(204).send()
    case 'finish-upload': {
      const { digest = '' } = request.query as { digest?: string }
      const wanted = digestIn(digest)
      await finishUpload(call, place, wanted, chunkOf(request))
      return sendStored(reply, repository, wanted)
    }
    default:
      return assertNever(kind)
  }
}

type Progress = { repository: string; id: string; sizeBytes: number; status: 202 | 204 }

function sendProgress(reply: FastifyReply, { repository, id, sizeBytes, status }: Progress): FastifyReply {
  const headers = { location: uploadPath(repository, id), range: rangeOf(sizeBytes), 'docker-upload-uuid': id }
  return reply
    .status(status)
    .headers({ ...headers, 'content-length': 0 })
    .send()
}

function sendStored(reply: FastifyReply, repository: string, digest: Digest): FastifyReply {
  const location = `/v2/${repository}/blobs/${digest}`
  return reply.status(201).headers({ location, 'docker-content-digest': digest, 'content-length': 0 }).send()
}

function digestIn(text: string): Digest {
  const digest = Digest.safeParse(text)
  if (digest.success) return digest.data
  throw new RegistryError('DIGEST_INVALID', 'give the digest of the blob as ?digest=sha256: and 64 hex digits')
}

/** [Distribution 1.1, end-5] Its Content-Range is `START-END`, without a unit. */
function chunkOf({ headers, body }: FastifyRequest): Chunk {
  const length = headers['content-length']
  const range = headers['content-range']
  const [, start] = range === undefined ? [] : (/^(?:bytes[ =])?(\d{1,15})-\d{1,15}(?:\/.*)?$/.exec(range) ?? [])
  if (range !== undefined && start === undefined) {
    throw new RegistryError('BLOB_UPLOAD_INVALID', 'Content-Range must be START-END, such as 0-1023', { status: 416 })
  }
  return {
    body: (body ?? nothing()) as Readable | AsyncIterable<Uint8Array>,
    announcedBytes: length === undefined ? undefined : Number(length),
    startByte: start === undefined ? undefined : Number(start),
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function wholeBody({ body }: FastifyRequest, bytesMax: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of (body ?? nothing()) as AsyncIterable<Uint8Array>) {
    sizeBytes += chunk.length
    if (sizeBytes > bytesMax) throw problem('body_too_large', 'a manifest has at most 4 MiB')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** A page without a limit has all tags. */
async function sendTags({ call, request, reply }: At, { repository }: { repository: Repository }): Promise<unknown> {
  const { n, last } = request.query as { n?: string; last?: string }
  if (n !== undefined && !/^\d{1,6}$/.test(n))
    throw new RegistryError('UNSUPPORTED', 'n is a number of tags', { status: 400 })
  const limit = n === undefined ? undefined : Number(n)
  const known = await artefactTags(call, repository)
  const page = { last, limit }
  const { tags, isMore } = known ? pageOfTags(known, page) : await tagsPage(call, repository, page)
  const end = tags.at(-1)
  if (isMore && end !== undefined) {
    reply.header('link', `</v2/${repository}/tags/list?n=${limit}&last=${encodeURIComponent(end)}>; rel="next"`)
  }
  return reply.send({ name: repository, tags })
}

async function sendReferrers({ call, request, reply }: At, { repository, digest }: BlobPlace): Promise<unknown> {
  const { artifactType } = request.query as { artifactType?: string }
  const manifests = await referrersOf(call, repository, { digest, artifactType })
  if (artifactType !== undefined) reply.header('oci-filters-applied', 'artifactType')
  return reply
    .header('content-type', OCI_INDEX)
    .send(Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests })))
}
