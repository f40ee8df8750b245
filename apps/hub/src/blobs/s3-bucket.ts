/**
 * S3 bucket: the few calls that blobs need of a bucket, and what their failures mean. Nothing else talks to the store.
 *
 * The client tries each call again by itself, with growing waits, where the store is busy or the line breaks; what is thrown here is
 * what remained. A missing object is an answer; whatever else goes wrong is a problem, so a store in trouble never looks like an empty one.
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
  /** Whether the bucket is there and we may use it; a problem where not. */
  ask(signal: AbortSignal): Promise<void>
  /** Undefined when there is no such object. */
  head(key: string, signal: AbortSignal): Promise<S3Object | undefined>
  /** The bytes from `start` on. Undefined when there is no such object. */
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
  /** `gone` when the store knows no such upload: it was completed or ended before. */
  joinParts(key: string, uploadId: string, parts: readonly S3Part[], signal: AbortSignal): Promise<'joined' | 'gone'>
  dropParts(key: string, uploadId: string, signal: AbortSignal): Promise<void>
  /** Uploads in parts that were begun and neither joined nor dropped, oldest keys first; `unknown` where the store does not tell. */
  listParts(below: string, signal: AbortSignal): Promise<S3Begun[] | 'unknown'>
}

export type S3BucketOptions = {
  location: S3Location
  log: Log
  limits?: Partial<S3Limits>
  /** Hears of each call that failed after all its tries. */
  onTrouble(operation: string, trouble: S3Trouble): void
}

export type S3Limits = { callMs: number; connectMs: number; attempts: number }

const LIMITS: S3Limits = {
  /** A part of 8 MiB at 2 Mbit/s. Joining thousands of parts may take a store as long. */
  callMs: 60_000,
  /** A store is near. */
  connectMs: 3_000,
  /** With the client's waits some seconds: callers, who wait, try again by themselves. */
  attempts: 4,
}

/** Each download by a device holds a connection while it lasts; more than this are not faster than waiting for one. */
const CONNECTIONS_MAX = 512

const PAGE_KEYS = 1_000

/** Opens the door; nothing is sent yet. */
export function openS3Bucket({ location, log, limits, onTrouble }: S3BucketOptions): S3Bucket {
  const bounds = { ...LIMITS, ...limits }
  const client = createClient(location, bounds)
  const call: Door['call'] = async (name, work, signal) => {
    try {
      // The limit is that of all attempts together.
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
    // Checksums of the newer kind are unknown to many stores; ours are MD5 on the way in, and sha256 of the whole.
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
          // [S3 API, HeadObject] A missing bucket is a bare 404 too; asking for the bucket itself says which of the two it is.
          await client.send(new HeadBucketCommand({ Bucket: bucket }), options)
          return undefined
        },
        signal,
      ),
    open: (key, start, end, signal) =>
      call(
        'get',
        // No limit on the body: whoever takes it may be slow. That it stands still is seen where it is read.
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
        // No limit on the body: whoever takes it may be slow. That it stands still is seen where it is read.
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

/** More at once were left by a thousand crashes; the next look takes the others. */
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

/** Where the answer begins is looked up, not believed: a store that knows no ranges sends everything. */
function opened({ Body, ContentLength = 0, ContentRange }: Got, wanted: number): S3Opened {
  const startBytes = Number(/^bytes (\d+)-/.exec(ContentRange ?? '')?.[1] ?? 0)
  const body = Body as Readable
  if (startBytes === wanted) return { body, sizeBytes: ContentLength, startBytes }
  body.destroy()
  throw new Error(`the store began at byte ${startBytes}, not at ${wanted}`)
}
