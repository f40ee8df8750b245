/** Latest audit: the newest records in words, of one object or of the whole trail. */
import { eachRow } from '@skerry/client/page'
import type { AuditRecord } from '@skerry/contract/audit/audit'
import { queryOptions } from '@tanstack/react-query'
import type { WordedRecord } from '../../components/rows/audit-rows.tsx'
import { hub } from '../../hub/hub-client.ts'

/** The newest records on an overview. The audit page has all records. */
const AUDIT_SHOWN = 12

/**
 * The most records that are looked through for changes. A script may make many dry runs, and a page must not read the
 * whole trail for them.
 */
const LOOKED_THROUGH_MAX = 600

/** Of the whole trail, only changes; of one object, its dry runs too, with their badge. */
export const latestAudit = (object?: string) =>
  queryOptions({
    queryKey: ['audit', 'latest', object ?? ''],
    queryFn: async ({ signal }): Promise<WordedRecord[]> => {
      // Loaded with the records, because the first page must be light.
      const words = await import('@skerry/core/audit/audit-words')
      const isShown = (record: AuditRecord) => object !== undefined || !words.isDryRun(record)
      const records = await newest(object, isShown, signal)
      return records.map((record) => ({
        record,
        sentence: words.auditSentence(record),
        isDryRun: words.isDryRun(record),
      }))
    },
  })

type IsShown = (record: AuditRecord) => boolean

async function newest(object: string | undefined, isShown: IsShown, signal: AbortSignal): Promise<AuditRecord[]> {
  const shown: AuditRecord[] = []
  let looked = 0
  let limit = AUDIT_SHOWN
  const pages = eachRow((page) => {
    const wish = { ...page, limit, newestFirst: 'true' as const, ...(object !== undefined && { object }) }
    // Almost always the first page is enough. Later ones are larger.
    limit = LOOKED_THROUGH_MAX / 3
    return hub.audit.list(wish, { signal })
  })
  for await (const record of pages) {
    looked += 1
    if (isShown(record)) shown.push(record)
    if (shown.length === AUDIT_SHOWN || looked === LOOKED_THROUGH_MAX) break
  }
  return shown
}
