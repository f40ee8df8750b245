/** Store errors: what a store throws that is nobody's mistake in a query, and how whoever answers a request knows it. */
import { systemCode } from '@skerry/platform/files/file-system'

/**
 * The database cannot be reached, or ended the connection. It passes by itself; whoever asked asks again. What was being written may or may
 * not have been kept, as when a hub dies.
 */
export class StoreUnavailable extends Error {
  override name = 'StoreUnavailable'
}

/** Whether that was behind something that was thrown. */
export const isStoreUnavailable = (error: unknown): boolean =>
  causesOf(error).some((cause) => cause instanceof StoreUnavailable)

/** [postgresql.org/docs/current/errcodes-appendix.html] character_not_in_repertoire: PostgreSQL keeps every character but U+0000. */
const UNSTORABLE = '22021'

/** Whether a text holds what the store cannot keep. */
export const isUnstorableText = (error: unknown): boolean =>
  causesOf(error).some((cause) => 'code' in cause && cause.code === UNSTORABLE)

/** [sqlite.org/rescode.html#full] */
const SQLITE_FULL = 13

/** [postgresql.org/docs/current/errcodes-appendix.html] disk_full */
const POSTGRES_FULL = '53100'

/** Whether, behind everything, the disk or the quota was full: that is no fault of the hub, and people can do something about it. */
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
