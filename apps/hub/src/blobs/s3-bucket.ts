/**
 * S3 bucket: the few calls that blobs need of a bucket, and the meaning of their failures. No other module talks to the
 * store.
 *
 * The client itself repeats each call with growing delays if the store is busy or the connection breaks. This module
 * throws the failures that remain. A missing object is a normal answer. Every other failure is a problem, so a store in
 * trouble never looks like an empty one.
 */
import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import type { Log } from '@skerry/platform/process/log'
import type { S3Location } from './s3-location.ts'
import { type S3Trouble, troubleOf, unlessGone, unlessMissing, unlessUnknown } from './s3-trouble.ts'

export type S3Object = { key: string; sizeBytes: number; modifiedAtMs: number }
export type S3Page = { below: string; after?: string }
export type S3Part = { number: number; etag: string }
export type S3Begun = { key: string; uploadId: string; begunAtMs: number }
export type S3Opened = { body: Readable; sizeBytes: number; startBytes: number }

export type S3Bucket = Disposable & {
  /** Checks whether the bucket exists and the hub may use it; throws a problem if not. */
  ask(signal: AbortSignal): Promise<void>
  /** Undefined if there is no such object. */
  head(key: string, signal: AbortSignal): Promise<S3Object | undefined>
  /** The bytes from `start` on. Undefined if there is no such object. */
  open(key: string, start: number, end: number | undefined, signal: AbortSignal): Promise<S3Opened | undefined>
  put(key: string, bytes: Uint8Array, signal: AbortSignal): Promise<void>
  copy(from: string, to: string, signal: AbortSignal): Promise<void>
  remove(key: string, signal: AbortSignal): Promise<void>
  /** One page of the keys below `below`, after the key `after`, in their order. */
  list(page: S3Page, signal: AbortSignal): Promise<{ objects: S3Object[]; isLast: boolean }>
  beginParts(key: string, signal: AbortSignal): Promise<string>
  putPart(
    key: string,
    part: { uploadId: string; number: number; bytes: Uint8Array },
    signal: AbortSignal,
  ): Promise<string>
  /** `gone` if the store knows no such upload, because it was completed or ended before. */
  joinParts(key: string, uploadId: string, parts: readonly S3Part[], signal: AbortSignal): Promise<'joined' | 'gone'>
  dropParts(key: string, uploadId: string, signal: AbortSignal): Promise<void>
  /**
   * Multipart uploads that were begun and neither joined nor dropped, oldest keys first; `unknown` if the store does
   * not list them.
   */
  listParts(below: string, signal: AbortSignal): Promise<S3Begun[] | 'unknown'>
}

export type S3BucketOptions = {
  location: S3Location
  log: Log
  limits?: Partial<S3Limits>
  /** Called for each call that failed after all its tries. */
  onTrouble(operation: string, trouble: S3Trouble): void
}

export type S3Limits = { callMs: number; connectMs: number; attempts: number }

const LIMITS: S3Limits = {
  /** The time for a part of 8 MiB at 2 Mbit/s. A store may need as long to join thousands of parts. */
  callMs: 60_000,
  /** The store is near the hub. */
  connectMs: 3_000,
  /** With the client's delays, this takes some seconds. The callers wait, and repeat the call themselves. */
  attempts: 4,
}

/**
 * Each download by a device holds a connection while it lasts. More connections are not faster than waiting for one.
 */
const CONNECTIONS_MAX = 512

const PAGE_KEYS = 1_000

/** Opens the bucket's client; it sends nothing yet. */
export function openS3Bucket({ location, log, limits, onTrouble }: S3BucketOptions): S3Bucket {
  const bounds = { ...LIMITS, ...limits }
  const client = createClient(location, bounds)
  const call: Door['call'] = async (name, work, signal) => {
    try {
      // The limit applies to all attempts together.
      return await work({ abortSignal: AbortSignal.any([signal, AbortSignal.timeout(bounds.callMs * 2)]) })
    } catch (error) {
      signal.throwIfAborted()
      const trouble = troubleOf(name, error, log)
      onTrouble(name, trouble.kind)
      throw trouble.problem
    }
  }
  const { bucket, prefix } = location
  const door: Door = { client, call, bucket, prefix, at: (key) => ({ Bucket: bucket, Key: `${prefix}${key}` }) }
  return { ...reading(door), ...writing(door), ...inParts(door), [Symbol.dispose]: () => client.destroy() }
}

type Door = {
  client: S3Client
  bucket: string
  prefix: string
  at(key: string): { Bucket: string; Key: string }
  call<T>(name: string, work: (options: { abortSignal: AbortSignal }) => Promise<T>, signal: AbortSignal): Promise<T>
}

function createClient({ region, endpoint, isPathStyle }: S3Location, { callMs, connectMs, attempts }: S3Limits) {
  return new S3Client({
    region,
    forcePathStyle: isPathStyle,
    ...(endpoint !== undefined && { endpoint }),
    maxAttempts: attempts,
    // Many stores do not know checksums of the newer kind. The hub uses MD5 for each part, and sha256 for the whole.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: connectMs,
      requestTimeout: callMs,
      throwOnRequestTimeout: true,
      socketTimeout: callMs,
      httpAgent: { maxSockets: CONNECTIONS_MAX, keepAlive: true },
      httpsAgent: { maxSockets: CONNECTIONS_MAX, keepAlive: true },
    },
  })
}

function reading({ client, bucket, prefix, at, call }: Door): Pick<S3Bucket, 'ask' | 'head' | 'open' | 'list'> {
  return {
    async ask(signal) {
      await call('ask', (options) => client.send(new HeadBucketCommand({ Bucket: bucket }), options), signal)
    },
    head: (key, signal) =>
      call(
        'head',
        async (options) => {
          const found = await unlessMissing(client.send(new HeadObjectCommand(at(key)), options))
          if (found)
            return { key, sizeBytes: found.ContentLength ?? 0, modifiedAtMs: found.LastModified?.getTime() ?? 0 }
          // [S3 API, HeadObject] A missing bucket is a bare 404 too. A request for the bucket itself shows which of the
          // two is missing.
          await client.send(new HeadBucketCommand({ Bucket: bucket }), options)
          return undefined
        },
        signal,
      ),
    open: (key, start, end, signal) =>
      call(
        'get',
        // No limit on the body, because its reader may be slow. The reader detects a body that stands still.
        async () => {
          const range = start === 0 && end === undefined ? {} : { Range: `bytes=${start}-${end ?? ''}` }
          const got = await unlessMissing(
            client.send(new GetObjectCommand({ ...at(key), ...range }), { abortSignal: signal }),
          )
          return got && opened(got, start)
        },
        signal,
      ),
    list: ({ below, after }, signal) =>
      call(
        'list',
        // No limit on the body, because its reader may be slow. The reader detects a body that stands still.
        async () => {
          const start = after === undefined ? {} : { StartAfter: `${prefix}${after}` }
          const page = { Bucket: bucket, Prefix: `${prefix}${below}`, MaxKeys: PAGE_KEYS, ...start }
          const { Contents = [], IsTruncated = false } = await client.send(new ListObjectsV2Command(page), {
            abortSignal: signal,
          })
          const objects = Contents.map(({ Key = '', Size = 0, LastModified }) => ({
            key: Key.slice(prefix.length),
            sizeBytes: Size,
            modifiedAtMs: LastModified?.getTime() ?? 0,
          }))
          return { objects, isLast: !IsTruncated }
        },
        signal,
      ),
  }
}

function writing({ client, bucket, prefix, at, call }: Door): Pick<S3Bucket, 'put' | 'copy' | 'remove'> {
  return {
    async put(key, bytes, signal) {
      const body = { Body: bytes, ContentLength: bytes.length, ContentMD5: md5Of(bytes) }
      await call('put', (options) => client.send(new PutObjectCommand({ ...at(key), ...body }), options), signal)
    },
    async copy(from, to, signal) {
      const CopySource = `${bucket}/${encodeURI(`${prefix}${from}`)}`
      await call('copy', (options) => client.send(new CopyObjectCommand({ ...at(to), CopySource }), options), signal)
    },
    async remove(key, signal) {
      await call('remove', (options) => client.send(new DeleteObjectCommand(at(key)), options), signal)
    },
  }
}

type InParts = Pick<S3Bucket, 'beginParts' | 'putPart' | 'joinParts' | 'dropParts' | 'listParts'>

function inParts(door: Door): InParts {
  const { client, at, call } = door
  return {
    beginParts: (key, signal) =>
      call(
        'begin',
        async (options) => {
          const { UploadId } = await client.send(new CreateMultipartUploadCommand(at(key)), options)
          if (!UploadId) throw new Error('the store began an upload without an id')
          return UploadId
        },
        signal,
      ),
    putPart: (key, { uploadId, number, bytes }, signal) =>
      call(
        'part',
        async (options) => {
          const body = { Body: bytes, ContentLength: bytes.length, ContentMD5: md5Of(bytes) }
          const part = { ...at(key), ...body, UploadId: uploadId, PartNumber: number }
          const { ETag } = await client.send(new UploadPartCommand(part), options)
          if (!ETag) throw new Error('the store took a part without an ETag')
          return ETag
        },
        signal,
      ),
    joinParts: (key, uploadId, parts, signal) =>
      call(
        'join',
        async (options) => {
          const Parts = parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag }))
          const wish = { ...at(key), UploadId: uploadId, MultipartUpload: { Parts } }
          return unlessGone(client.send(new CompleteMultipartUploadCommand(wish), options))
        },
        signal,
      ),
    async dropParts(key, uploadId, signal) {
      const wish = { ...at(key), UploadId: uploadId }
      await call('drop', (options) => unlessGone(client.send(new AbortMultipartUploadCommand(wish), options)), signal)
    },
    listParts: (below, signal) => call('parts', (options) => unlessUnknown(listBegun(door, below, options)), signal),
  }
}

/** Only a thousand crashes leave more at once. The next sweep takes the others. */
const BEGUN_MAX = 1_000

async function listBegun({ client, bucket, prefix }: Door, below: string, options: { abortSignal: AbortSignal }) {
  const page = { Bucket: bucket, Prefix: `${prefix}${below}`, MaxUploads: BEGUN_MAX }
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand(page), options)
  return Uploads.flatMap(({ Key = '', UploadId, Initiated }): S3Begun[] =>
    UploadId && Initiated && Key.startsWith(page.Prefix)
      ? [{ key: Key.slice(prefix.length), uploadId: UploadId, begunAtMs: Initiated.getTime() }]
      : [],
  )
}

const md5Of = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('base64')

type Got = { Body?: unknown; ContentLength?: number | undefined; ContentRange?: string | undefined }

/** The code reads the start from the answer's header, because a store that knows no ranges sends everything. */
function opened({ Body, ContentLength = 0, ContentRange }: Got, wanted: number): S3Opened {
  const startBytes = Number(/^bytes (\d+)-/.exec(ContentRange ?? '')?.[1] ?? 0)
  const body = Body as Readable
  if (startBytes === wanted) return { body, sizeBytes: ContentLength, startBytes }
  body.destroy()
  throw new Error(`the store began at byte ${startBytes}, not at ${wanted}`)
}
