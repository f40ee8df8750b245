/** S3 trouble: what the failures of a store mean. */
import type { Log } from '@skerry/platform/process/log'
import { problem } from '../http/problem.ts'

/** full: no room. refused: the hub may not. unreachable: whatever else, such as a line that breaks or a store that is busy. */
export type S3Trouble = 'full' | 'refused' | 'unreachable'

type Facts = { name: string; status: number | undefined }

function factsOf(error: unknown): Facts {
  if (!(error instanceof Error)) return { name: 'unknown', status: undefined }
  const metadata = '$metadata' in error ? (error.$metadata as { httpStatusCode?: number }) : undefined
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  return { name: code ?? error.name, status: metadata?.httpStatusCode }
}

/** Undefined where there is no such object. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (['NoSuchKey', 'NotFound'].includes(factsOf(error).name)) return undefined
    throw error
  }
}

/** [S3 API, CompleteMultipartUpload] The upload, or what it is made of, is not what we know: it will not become so by asking again. */
const GONE = ['NoSuchUpload', 'InvalidPart', 'InvalidPartOrder', 'EntityTooSmall']

/** `gone` where there is no such upload any more, or it is another. */
export async function unlessGone(work: Promise<unknown>): Promise<'joined' | 'gone'> {
  try {
    await work
    return 'joined'
  } catch (error) {
    if (GONE.includes(factsOf(error).name)) return 'gone'
    throw error
  }
}

/** [S3 API, s3rver, older gateways] What stores say that do not have a call; and those whose rules forbid it to the hub. */
const UNKNOWN = ['NotImplemented', 'MethodNotAllowed', 'AccessDenied']

/** `unknown` where the store does not tell. */
export async function unlessUnknown<T>(work: Promise<T>): Promise<T | 'unknown'> {
  try {
    return await work
  } catch (error) {
    if (UNKNOWN.includes(factsOf(error).name)) return 'unknown'
    throw error
  }
}

/** [S3 API; MinIO, error codes; Ceph RGW] What stores say that have no room. */
const FULL = ['QuotaExceeded', 'XMinioStorageFull', 'XMinioAdminBucketQuotaExceeded', 'EntityTooLarge']

/** What it is, and the problem to answer with. What the store said in full is for the log: it may name buckets and keys. */
export function troubleOf(operation: string, error: unknown, log: Log) {
  const { name, status } = factsOf(error)
  // The message only: other fields hold what was signed, and by which key.
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
