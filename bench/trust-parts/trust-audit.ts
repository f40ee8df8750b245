/** trust, the audit trail: appending to it beside the same rows without a chain, and verifying it beside the hashes alone. */
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditRecord } from '@skerry/contract/audit/audit'
import { OrganisationId } from '@skerry/contract/values/ids'
import {
  type ChainEnd,
  chainRecord,
  checkChain,
  EMPTY_CHAIN,
  type UnchainedRecord,
} from '@skerry/core/audit/audit-chain'
import { auditRecordText } from '@skerry/core/audit/audit-record-text'
import { addRecord, beginTrail } from '@skerry/core/audit/audit-trail'
import { digestOf } from '@skerry/platform/files/hash'
import { readAuditFile } from '../../apps/cli/src/commands/audit/audit-file.ts'
import { appendAudit } from '../../apps/hub/src/audit/audit-store.ts'
import type { Store } from '../../apps/hub/src/store/store.ts'
import type { TestHub } from '../../apps/hub/test/stage/running-hub.ts'
import { cpuUsEach, perSecond, rounded } from './trust-clock.ts'

/** Callers that change something at the same time, each in a transaction of its own and told only when it is on the disk. */
const AT_ONCE = 512
const ALONE = 50

/** A plant's trail of a month. */
const RECORDS = 50_000

/** As a hub writes for a change of a deployment. */
const recordOf = (organisationId: OrganisationId, atMs: number): UnchainedRecord => ({
  organisationId,
  atMs,
  actor: { kind: 'key', id: 'key_abcdefgh', name: 'owner' },
  action: 'deployment.apply',
  object: { kind: 'deployment', id: 'inspection' },
  source: '10.1.2.3',
  result: 'ok',
  detail: { revision: 12, model: 'inspection', version: '4', changed: ['version', 'placement'] },
})

export async function measureAppend({ hub: { store } }: TestHub) {
  const { id } = await store.db.selectFrom('organisations').select('id').executeTakeFirstOrThrow()
  const append = () => store.transaction((tx) => appendAudit(tx, recordOf(id, 1)))
  const auditAppendPerSec = await perSecond(AT_ONCE, () => Promise.all(Array.from({ length: AT_ONCE }, append)))
  const bare = () => store.transaction((tx) => bareRow(tx))
  const barePerSec = await perSecond(AT_ONCE, () => Promise.all(Array.from({ length: AT_ONCE }, bare)))
  const alonePerSec = await perSecond(ALONE, async () => {
    for (let count = 0; count < ALONE; count++) await append()
  })
  const appendUs = await cpuUsEach(AT_ONCE, () => Promise.all(Array.from({ length: AT_ONCE }, append)))
  return {
    auditAppendPerSec: Math.round(auditAppendPerSec),
    auditAppendToBareRows: rounded(auditAppendPerSec / barePerSec),
    auditAppendAlonePerSec: Math.round(alonePerSec),
    auditAppendCpuUs: rounded(appendUs),
  }
}

type Tx = Parameters<Parameters<Store['transaction']>[0]>[0]

let rows = 0

/** A row of one table with one index. */
function bareRow(tx: Tx) {
  rows += 1
  // The letters of an id, of which two do.
  const name = rows.toString(2).padStart(24, '0').replaceAll('0', 'a').replaceAll('1', 'b')
  return tx
    .insertInto('organisations')
    .values({ id: OrganisationId.parse(`org_${name}`), name, created_at_ms: 1 })
    .execute()
}

export async function measureVerify() {
  const records = chainOf(RECORDS)
  const texts = records.map((record) => auditRecordText(record))
  const verifyUs = await cpuUsEach(RECORDS, () => {
    if (!checkChain(EMPTY_CHAIN, records, digestOf).ok) throw new Error('the chain of the benchmark is broken')
  })
  const hashUs = await cpuUsEach(RECORDS, () => {
    for (const text of texts) createHash('sha256').update(text).digest('hex')
  })
  const fileUs = await measureFile(records)
  return {
    auditVerifyPerSec: Math.round(1_000_000 / verifyUs),
    auditVerifyToBareHash: rounded(hashUs / verifyUs),
    auditVerifyFilePerSec: Math.round(1_000_000 / fileUs),
  }
}

/** From the disk, as `skerry audit verify FILE` does it. */
async function measureFile(records: readonly AuditRecord[]): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-bench-trust-'))
  try {
    const path = join(folder, 'audit.jsonl')
    await writeFile(path, records.map((record) => `${JSON.stringify(record)}\n`).join(''))
    const doors = { hash: digestOf, signatureProblem: () => undefined, archiveProblem: () => undefined }
    return await cpuUsEach(records.length, async () => {
      let step = beginTrail({ held: [] }, doors)
      for await (const read of readAuditFile(path, AbortSignal.timeout(600_000))) {
        if (!step.ok || !('line' in read) || !('sequence' in read.line)) throw new Error('the file is damaged')
        step = addRecord(step.trail, read.line, doors)
      }
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** As they come out of a database or a file: each with its own texts. */
function chainOf(count: number): AuditRecord[] {
  const organisationId = OrganisationId.parse('org_abcdefgh')
  let end: ChainEnd = EMPTY_CHAIN
  return Array.from({ length: count }, (_, index) => {
    const record = chainRecord(end, recordOf(organisationId, index), digestOf)
    end = record
    return JSON.parse(JSON.stringify(record)) as AuditRecord
  })
}
