/** The audit trail of the fake hub, and what it has signed of it. */
import type { AuditRecord } from '@skerry/contract/audit/audit'
import type { AuditCheckpoint } from '@skerry/contract/audit/audit-checkpoint'
import type { SyslogState } from '@skerry/contract/audit/audit-export'
import { chainRecord, EMPTY_CHAIN } from '@skerry/core/audit/audit-chain'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { digestOf } from '@skerry/platform/files/hash'
import { signArchive, signCheckpoint } from '@skerry/platform/signatures/audit-signature'
import { signingKeyId } from '@skerry/platform/signatures/dsse'
import { NOW_MS, ORGANISATION, OWNER } from './fake-data.ts'
import type { FakeState, Implementer } from './fake-state.ts'

const AUDIT_KEY = generateKeyPair()

const SYSLOG: SyslogState = {
  target: { host: 'siem.plant.example', port: 6514, facility: 13 },
  sentThrough: 2,
  sentAtMs: NOW_MS - 60_000,
  waiting: 1,
  waitingSinceMs: NOW_MS - 30_000,
  problem: { message: 'connect ECONNREFUSED 10.0.0.9:6514', sinceMs: NOW_MS - 20_000, attempts: 4 },
}

/** Of the last of these records. */
function checkpointOf(records: readonly AuditRecord[]): AuditCheckpoint {
  const { sequence, hash } = records.at(-1) ?? EMPTY_CHAIN
  return signCheckpoint({ organisationId: ORGANISATION, sequence, hash, atMs: NOW_MS }, AUDIT_KEY)
}

export function auditOf(count: number): AuditRecord[] {
  const records: AuditRecord[] = []
  let end = EMPTY_CHAIN
  for (let index = 0; index < count; index += 1) {
    const record = chainRecord(
      end,
      {
        organisationId: ORGANISATION,
        atMs: NOW_MS - (count - index) * 60_000,
        actor: { kind: 'key', id: OWNER.id, name: 'owner' },
        action: 'site.apply',
        object: { kind: 'site', id: `site-${index + 1}` },
        source: '127.0.0.1',
        result: 'ok',
        detail: {},
      },
      digestOf,
    )
    records.push(record)
    end = { sequence: record.sequence, hash: record.hash }
  }
  return records
}

/** Its handlers; the checkpoint is of all records, whenever it is asked for. */
export function auditRouter(os: Implementer, state: FakeState) {
  return {
    // Two a page, so that the CLI has to ask again.
    list: os.audit.list.handler(({ input }) => {
      const { after, limit: _, fromSequence, ...filter } = input
      state.calls.push(`audit.list ${JSON.stringify(filter)}`)
      const start = Number(after ?? (fromSequence ?? 1) - 1)
      const rows = (input.newestFirst ? state.audit.toReversed() : state.audit).slice(start, start + 2)
      return start + 2 < state.audit.length ? { rows, next: String(start + 2) } : { rows }
    }),
    verify: os.audit.verify.handler(() => ({
      organisationId: ORGANISATION,
      intact: true,
      records: state.audit.length,
    })),
    checkpoints: os.audit.checkpoints.handler(({ input: { after, newestFirst } }) => ({
      rows: newestFirst
        ? [checkpointOf(state.audit)]
        : [checkpointOf(state.audit)].filter(({ sequence }) => sequence > Number(after ?? 0)),
    })),
    sign: os.audit.sign.handler(() => checkpointOf(state.audit)),
    archives: os.audit.archives.handler(() => ({ rows: [] })),
    prune: os.audit.prune.handler(({ input: { sequence, digest } }) => {
      state.calls.push(`audit.prune ${sequence} ${digest}`)
      const hash = state.audit[sequence - 1]?.hash ?? digest
      const statement = { organisationId: ORGANISATION, firstSequence: 1, sequence, hash, digest, atMs: NOW_MS }
      return signArchive(statement, AUDIT_KEY)
    }),
    retention: os.audit.retention.handler(() => ({ keepDays: 184 })),
    setRetention: os.audit.setRetention.handler(({ input }) => input),
    syslog: os.audit.syslog.handler(() => ({ syslog: SYSLOG })),
    setSyslog: os.audit.setSyslog.handler(({ input }) => {
      state.calls.push(`audit.setSyslog ${JSON.stringify(input)}`)
      const { privateKeyPem: _, fromSequence: __, ...target } = input
      return { ...SYSLOG, target }
    }),
    removeSyslog: os.audit.removeSyslog.handler(() => {
      state.calls.push('audit.removeSyslog')
      return {}
    }),
    keys: os.audit.keys.handler(() => ({
      keys: [
        { keyId: signingKeyId(AUDIT_KEY.publicKeyPem), publicKeyPem: AUDIT_KEY.publicKeyPem, createdAtMs: NOW_MS },
      ],
    })),
  }
}
