/** Procedures on the audit trail: reading it, proving it. */
import * as z from 'zod'
import { AuditFilter, AuditRecord } from '../audit/audit.ts'
import { AuditArchive, AuditRetention } from '../audit/audit-archive.ts'
import { AuditCheckpoint, AuditKey } from '../audit/audit-checkpoint.ts'
import { SyslogState, SyslogWish } from '../audit/audit-export.ts'
import { Digest } from '../values/digest.ts'
import { OrganisationId } from '../values/ids.ts'
import { Page, pageOf } from '../values/names.ts'
import { procedure } from './procedure.ts'

const sequence = z.int().min(1)

/** A key lives for years; as many changes of it nobody makes. */
const KEYS_MAX = 64

export const auditProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/audit',
    access: 'audit.read',
    scope: 'none',
    approval: 'none',
    summary: 'List audit records, oldest first; each has the hash of the one before',
    errors: [],
  })
    .input(
      z.strictObject({
        ...Page,
        ...AuditFilter,
        newestFirst: z.stringbool().optional(),
        /** Only this record and what follows it, so that an export can go on. */
        fromSequence: z.coerce.number<number | string>().pipe(sequence).optional(),
      }),
    )
    .output(pageOf(AuditRecord)),
  verify: procedure({
    method: 'GET',
    path: '/v1/audit/verify',
    access: 'audit.read',
    scope: 'none',
    approval: 'none',
    summary: 'Verify the whole chain with its checkpoints, and report the first break',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(
      z.strictObject({
        organisationId: OrganisationId,
        intact: z.boolean(),
        records: z.int().min(0),
        /** The last record that a signed checkpoint vouches for; 0 where there is none yet. */
        provenThrough: z.int().min(0).optional(),
        /** The last record that is no longer here but in an archive; absent where all of it is here. */
        archivedThrough: sequence.optional(),
        /** The first record that does not fit, and what is wrong with it. */
        broken: z.strictObject({ sequence, problem: z.string() }).optional(),
      }),
    ),
  checkpoints: procedure({
    method: 'GET',
    path: '/v1/audit/checkpoints',
    access: 'audit.read',
    scope: 'none',
    approval: 'none',
    summary: 'List the signed checkpoints of the trail, oldest first',
    errors: [],
  })
    .input(z.strictObject({ ...Page, newestFirst: z.stringbool().optional() }))
    .output(pageOf(AuditCheckpoint)),
  sign: procedure({
    method: 'POST',
    path: '/v1/audit/checkpoints',
    access: 'audit.write',
    scope: 'none',
    approval: 'none',
    summary: 'Sign a checkpoint of the current trail; the record of this call is its last one',
    errors: ['audit_damaged'],
  })
    .input(z.strictObject({}))
    .output(AuditCheckpoint),
  keys: procedure({
    method: 'GET',
    path: '/v1/audit/keys',
    access: 'audit.read',
    scope: 'none',
    approval: 'none',
    summary: 'List the public keys for checkpoints, the current one first',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(z.strictObject({ keys: z.array(AuditKey).max(KEYS_MAX) })),
  syslog: procedure({
    method: 'GET',
    path: '/v1/audit/syslog',
    access: 'audit.read',
    scope: 'none',
    approval: 'none',
    summary: 'Show the syslog receiver of the trail, and its progress',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(z.strictObject({ syslog: SyslogState.optional() })),
  setSyslog: procedure({
    method: 'PUT',
    path: '/v1/audit/syslog',
    access: 'audit.write',
    scope: 'none',
    approval: 'audit',
    summary: 'Send the trail to a syslog receiver, over TLS; each record at least once',
    errors: ['syslog_refused', 'encryption_key_unavailable', 'approval_needed'],
  })
    .input(SyslogWish)
    .output(SyslogState),
  removeSyslog: procedure({
    method: 'DELETE',
    path: '/v1/audit/syslog',
    access: 'audit.write',
    scope: 'none',
    approval: 'audit',
    summary: 'Stop sending the trail to the syslog receiver',
    errors: ['syslog_unknown', 'approval_needed'],
  })
    .input(z.strictObject({}).optional())
    .output(z.strictObject({})),
  archives: procedure({
    method: 'GET',
    path: '/v1/audit/archives',
    access: 'audit.read',
    scope: 'none',
    approval: 'none',
    summary: 'List the archived and removed parts of the trail, oldest first',
    errors: [],
  })
    .input(z.strictObject({ ...Page }))
    .output(pageOf(AuditArchive)),
  prune: procedure({
    method: 'POST',
    path: '/v1/audit/archives',
    access: 'organisation.write',
    scope: 'none',
    approval: 'audit',
    summary: 'Remove the oldest records, which the caller has in an archive; the hub checks the digest of the archive',
    errors: ['audit_archive_refused', 'audit_archive_mismatch', 'audit_damaged', 'approval_needed'],
  })
    .input(z.strictObject({ sequence, digest: Digest }))
    .output(AuditArchive),
  retention: procedure({
    method: 'GET',
    path: '/v1/audit/retention',
    access: 'audit.read',
    scope: 'none',
    approval: 'none',
    summary: 'Show the minimum time that records are kept',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(AuditRetention),
  setRetention: procedure({
    method: 'PUT',
    path: '/v1/audit/retention',
    access: 'organisation.write',
    scope: 'none',
    approval: 'audit',
    summary: 'Set the minimum time that records are kept; at least six months',
    errors: ['approval_needed'],
  })
    .input(AuditRetention)
    .output(AuditRetention),
}
