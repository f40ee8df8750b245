/** S3 trouble: the meaning of a store's failures. */
import type { Log } from '@skerry/platform/process/log'
import { problem } from '../http/problem.ts'

/**
 * full: no room. refused: the hub may not. unreachable: all other failures, such as a broken connection or a busy
 * store.
 */
export type S3Trouble = 'full' | 'refused' | 'unreachable'

type Facts = { name: string; status: number | undefined }

function factsOf(error: unknown): Facts {
  if (!(error instanceof Error)) return { name: 'unknown', status: undefined }
  const metadata = '$metadata' in error ? (error.$metadata as { httpStatusCode?: number }) : undefined
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  return { name: code ?? error.name, status: metadata?.httpStatusCode }
}

/** Undefined if there is no such object. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (['NoSuchKey', 'NotFound'].includes(factsOf(error).name)) return undefined
    throw error
  }
}

/**
 * [S3 API, CompleteMultipartUpload] The store does not know this upload or its parts as recorded. A repetition of the
 * call would fail too.
 */
const GONE = ['NoSuchUpload', 'InvalidPart', 'InvalidPartOrder', 'EntityTooSmall']

/** `gone` if the upload no longer exists, or is another one. */
export async function unlessGone(work: Promise<unknown>): Promise<'joined' | 'gone'> {
  try {
    await work
    return 'joined'
  } catch (error) {
    if (GONE.includes(factsOf(error).name)) return 'gone'
    throw error
  }
}

/**
 * [S3 API, s3rver, older gateways] The codes of stores that do not have a call, or whose rules forbid it to the hub.
 */
const UNKNOWN = ['NotImplemented', 'MethodNotAllowed', 'AccessDenied']

/** `unknown` if the store does not list them. */
export async function unlessUnknown<T>(work: Promise<T>): Promise<T | 'unknown'> {
  try {
    return await work
  } catch (error) {
    if (UNKNOWN.includes(factsOf(error).name)) return 'unknown'
    throw error
  }
}

/** [S3 API; MinIO, error codes; Ceph RGW] The codes of stores that have no room. */
const FULL = ['QuotaExceeded', 'XMinioStorageFull', 'XMinioAdminBucketQuotaExceeded', 'EntityTooLarge']

/**
 * The kind of the failure, and the problem for the caller. Only the log has the store's full message, because it may
 * name buckets and keys.
 */
export function troubleOf(operation: string, error: unknown, log: Log) {
  const { name, status } = factsOf(error)
  // Logs the message only, because other fields contain the signed request and the id of the key.
  log.warn('s3_failed', { operation, name, status, reason: error instanceof Error ? error.message : String(error) })
  const kind = kindOf(name, status)
  const code = kind === 'full' ? 'storage_full' : 'hub_unavailable'
  return { kind, problem: problem(code, `the blob store ${WORDS[kind]} (${name})`) }
}

function kindOf(name: string, status: number | undefined): S3Trouble {
  if (status === 507 || FULL.includes(name)) return 'full'
  return status === 401 || status === 403 ? 'refused' : 'unreachable'
}

const WORDS: Readonly<Record<S3Trouble, string>> = {
  full: 'is full',
  refused: 'rejects the hub; its operator must check the credentials',
  unreachable: 'does not answer correctly; try again',
}
