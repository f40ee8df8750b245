/** Procedures on the audit trail. */
import { type ChainEnd, checkChain, EMPTY_CHAIN } from '@skerry/core/audit-chain'
import { digestOf } from '@skerry/platform/hash'
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem } from '../http/problem.ts'
import { listAudit } from './audit-store.ts'

/** A page hashes in some 10 ms; between pages others get their turn. */
const VERIFY_PAGE = 1_000

export const auditHandlers = {
  list: os.audit.list.handler(async ({ context: { hub, organisationId }, input }) => {
    const { limit, action, object, newestFirst } = input
    const after = sequenceOf(input.after)
    const query = { organisationId, limit: limit + 1, after, action, object, newestFirst }
    return pageFrom(await listAudit(hub.store.db, query), limit, (record) => String(record.sequence))
  }),
  verify: os.audit.verify.handler(async ({ context: { hub, organisationId }, signal }) => {
    let end: ChainEnd = EMPTY_CHAIN
    while (true) {
      signal?.throwIfAborted()
      const records = await listAudit(hub.store.db, { organisationId, limit: VERIFY_PAGE, after: end.sequence })
      if (records.length === 0) return { organisationId, intact: true, records: end.sequence }
      const check = checkChain(end, records, digestOf)
      if (!check.ok) {
        const { sequence, problem } = check
        return { organisationId, intact: false, records: sequence - 1, broken: { sequence, problem } }
      }
      end = check.end
      await hub.clock.sleep(1, hub.signal)
    }
  }),
}

function sequenceOf(after: string | undefined): number | undefined {
  if (after === undefined) return undefined
  // 15 digits stay exact in a number.
  if (!/^[0-9]{1,15}$/.test(after)) throw problem('input_invalid', 'after is not a value of next from a page before')
  return Number(after)
}
