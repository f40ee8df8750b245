/** Procedures on the audit trail. */
import { os } from '../http/implementer.ts'
import { pageFrom, sequenceOf } from '../http/page.ts'
import { problem } from '../http/problem.ts'
import { listAuditKeys } from './audit-key.ts'
import { listAudit, listAuditOf, type TimePlace } from './audit-store.ts'
import { listCheckpoints } from './checkpoint-store.ts'
import { signTrail } from './checkpoints.ts'
import { objectIdsOf } from './object-ids-store.ts'
import { walkTrail } from './trail-walk.ts'

export const auditHandlers = {
  list: os.audit.list.handler(async ({ context: { hub, organisationId }, input }) => {
    const { limit, after, object, ...filter } = input
    const { db } = hub.store
    const query = { organisationId, limit: limit + 1, after: placeOf(after), ...filter }
    const objects = object === undefined ? [] : await objectIdsOf(db, organisationId, object)
    const records = objects.length === 0 ? listAudit(db, query) : listAuditOf(db, { ...query, objects })
    return pageFrom(await records, limit, ({ atMs, sequence }) => `${atMs}.${sequence}`)
  }),
  verify: os.audit.verify.handler(async ({ context: { hub, organisationId }, signal }) => {
    const walked = await walkTrail(hub, { organisationId }, signal ?? hub.signal)
    if (!walked.ok) {
      const { sequence, problem } = walked
      return { organisationId, intact: false, records: sequence - 1, broken: { sequence, problem } }
    }
    const { end, provenThrough, archives } = walked.trail
    const archived = archives.at(-1)?.sequence
    const begins = archived === undefined ? {} : { archivedThrough: archived }
    return { organisationId, intact: true, records: end.sequence, provenThrough, ...begins }
  }),
  checkpoints: os.audit.checkpoints.handler(async ({ context: { hub, organisationId }, input }) => {
    const { limit, after, newestFirst } = input
    const query = { organisationId, limit: limit + 1, after: sequenceOf(after), newestFirst }
    return pageFrom(await listCheckpoints(hub.store.db, query), limit, ({ sequence }) => String(sequence))
  }),
  sign: os.audit.sign.handler(async ({ context: { hub, organisationId, change }, signal }) => {
    await change(async () => undefined)
    const signed = await signTrail(hub, organisationId, signal ?? hub.signal)
    if (signed.ok) return signed.checkpoint
    throw problem('audit_damaged', `the audit trail breaks at record ${signed.sequence}: ${signed.problem}`)
  }),
  keys: os.audit.keys.handler(async ({ context: { hub } }) => {
    const keys = await listAuditKeys(hub.store.db)
    return {
      keys: keys.map(({ key_id: keyId, public_key_pem: publicKeyPem, created_at_ms: createdAtMs }) => ({
        keyId,
        publicKeyPem,
        createdAtMs,
      })),
    }
  }),
}

function placeOf(after: string | undefined): TimePlace | undefined {
  if (after === undefined) return undefined
  // 15 digits stay exact in a number.
  const [, atMs, sequence] = /^([0-9]{1,15})\.([0-9]{1,15})$/.exec(after) ?? []
  if (atMs === undefined) throw problem('input_invalid', 'after must be the value of next from an earlier page')
  return { atMs: Number(atMs), sequence: Number(sequence) }
}
