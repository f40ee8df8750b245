/** Procedures on archives of the audit trail: what was removed, removing more, and how long records are kept at least. */
import type { OrganisationId } from '@skerry/contract/values/ids'
import { signArchive } from '@skerry/platform/signatures/audit-signature'
import { os } from '../http/implementer.ts'
import { pageFrom, sequenceOf } from '../http/page.ts'
import { problem, throwProblem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { cursorOf } from '../intrusion/intrusion-store.ts'
import type { Db } from '../store/store.ts'
import { findSyslog } from '../syslog/syslog-store.ts'
import { proveArchive } from './archive-proof.ts'
import { findRetention, insertArchive, lastArchive, listArchives, putRetention } from './archive-store.ts'

const DAY_MS = 86_400_000

export const archiveHandlers = {
  archives: os.audit.archives.handler(async ({ context: { hub, organisationId }, input: { limit, after } }) => {
    const query = { organisationId, limit: limit + 1, after: sequenceOf(after) }
    return pageFrom(await listArchives(hub.store.db, query), limit, ({ sequence }) => String(sequence))
  }),
  prune: os.audit.prune.handler(async ({ context, input: { sequence, digest }, signal }) => {
    const { hub, organisationId } = context
    const proof = await proveArchive(hub, { organisationId, sequence }, signal ?? hub.signal)
    if (!proof.ok) return throwProblem(proof)
    const { firstSequence, checkpoint, youngestMs } = proof
    await refuseYoung(hub, organisationId, { sequence, youngestMs })
    if (proof.digest !== digest) throw problem('audit_archive_mismatch')
    const archive = await context.change(async (tx, note) => {
      // Somebody may have been quicker.
      const before = await lastArchive(tx, organisationId)
      if ((before?.sequence ?? 0) + 1 !== firstSequence)
        throw problem('audit_archive_refused', 'another archive was made meanwhile; start again')
      await refuseUnread(tx, organisationId, sequence)
      const statement = { organisationId, firstSequence, sequence, hash: checkpoint.hash, digest }
      const signed = signArchive({ ...statement, atMs: hub.clock.nowMs() }, hub.auditKey)
      await insertArchive(tx, signed)
      note.object = { kind: 'audit', id: `${firstSequence}-${sequence}` }
      note.detail = { firstSequence, sequence, digest }
      return signed
    })
    hub.log.info('audit_archived', { organisationId, firstSequence, sequence, digest })
    return archive
  }),
  retention: os.audit.retention.handler(({ context: { hub, organisationId } }) =>
    findRetention(hub.store.db, organisationId),
  ),
  setRetention: os.audit.setRetention.handler(({ context, input }) =>
    context.change(async (tx, note) => {
      const { organisationId } = context
      note.object = { kind: 'organisation', id: organisationId }
      note.detail = { from: (await findRetention(tx, organisationId)).keepDays, to: input.keepDays }
      await putRetention(tx, organisationId, input)
      return input
    }),
  ),
}

type Wished = { sequence: number; youngestMs: number }

async function refuseYoung({ store, clock }: Hub, organisationId: OrganisationId, { sequence, youngestMs }: Wished) {
  const { keepDays } = await findRetention(store.db, organisationId)
  if (youngestMs <= clock.nowMs() - keepDays * DAY_MS) return
  throw problem(
    'audit_archive_refused',
    `some records up to ${sequence} are younger than ${keepDays} days, so they stay`,
  )
}

/** Nothing goes that somebody still has to see. */
async function refuseUnread(db: Db, organisationId: OrganisationId, sequence: number): Promise<void> {
  const syslog = await findSyslog(db, organisationId)
  if (syslog && syslog.sent_sequence < sequence)
    throw problem(
      'audit_archive_refused',
      `the syslog receiver has accepted records up to ${syslog.sent_sequence} only`,
    )
  const read = await cursorOf(db, organisationId)
  if (read < sequence)
    throw problem(
      'audit_archive_refused',
      `intrusion detection has read records up to ${read} only; try again in a minute`,
    )
}
