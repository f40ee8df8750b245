/** Store errors: errors of a store that are no mistake in a query, and functions that recognise them. */
import { systemCode } from '@skerry/platform/files/file-system'

/**
 * The database cannot be reached, or has ended the connection. The error is temporary, and the caller repeats its
 * request. The interrupted write may or may not be stored, as after a crash of a hub.
 */
export class StoreUnavailable extends Error {
  override name = 'StoreUnavailable'
}

/** Whether a `StoreUnavailable` is the error or one of its causes. */
export const isStoreUnavailable = (error: unknown): boolean =>
  causesOf(error).some((cause) => cause instanceof StoreUnavailable)

/**
 * [postgresql.org/docs/current/errcodes-appendix.html] character_not_in_repertoire: PostgreSQL stores every character
 * except U+0000.
 */
const UNSTORABLE = '22021'

/** Whether a text has characters that the store cannot store. */
export const isUnstorableText = (error: unknown): boolean =>
  causesOf(error).some((cause) => 'code' in cause && cause.code === UNSTORABLE)

/** [sqlite.org/rescode.html#full] */
const SQLITE_FULL = 13

/** [postgresql.org/docs/current/errcodes-appendix.html] disk_full */
const POSTGRES_FULL = '53100'

/**
 * Whether the error or one of its causes is a full disk or quota. That is no fault of the hub, and people can free
 * space.
 */
export function isDiskFull(error: unknown): boolean {
  return causesOf(error).some((cause) => {
    const code = systemCode(cause)
    if (code === 'ENOSPC' || code === 'EDQUOT' || code === POSTGRES_FULL) return true
    return 'errcode' in cause && Number(cause.errcode) === SQLITE_FULL
  })
}

function causesOf(error: unknown): Error[] {
  const causes: Error[] = []
  for (let cause = error; cause instanceof Error; cause = cause.cause) causes.push(cause)
  return causes
}
