/** Operator of batches: the person who has devices do something, by the same changes of the store that the API makes. */
import type { BatchHand } from '@skerry/contract/batches/batch'
import type { BatchCommand } from '@skerry/contract/batches/batch-command'
import type { BatchId, KeyId } from '@skerry/contract/values/ids'
import { noCounts } from '@skerry/core/batches/batch'
import { cancelBatch, retryBatch, sendBatch, signBatch } from '@skerry/hub/batches/batch-steering'
import { batchTargets } from '@skerry/hub/batches/batch-targets'
import { insertJobs } from '@skerry/hub/batches/job-store'
import type { KeyCall } from '@skerry/hub/http/call'
import { toJson } from '@skerry/hub/store/json-column'
import type { Tx } from '@skerry/hub/store/store'
import type { BatchTable } from '@skerry/hub/store/tables/batch-tables'
import type { Chance } from './choices.ts'
import type { OperatorDeps } from './operator.ts'

const KEY = 'key_simulated' as KeyId
const CALLER = { kind: 'key', id: KEY, personId: KEY, keyId: KEY, name: 'simulated' } as const

export function operateBatches({ life, ids, organisationId }: OperatorDeps) {
  const { hub } = life
  const change = <T>(work: (tx: Tx, note: object) => Promise<T>) => hub.store.transaction((tx) => work(tx, {}))
  // What steering takes of a call; who may call is not met here.
  const call = { hub, organisationId, caller: CALLER, change } as unknown as KeyCall
  const create = async (chance: Chance): Promise<BatchId | undefined> => {
    const nowMs = hub.clock.nowMs()
    const selector = chance.one('true', 'device.labels.ring == "main"')
    const targets = await batchTargets(hub.store.db, { organisationId, selector, nowMs })
    if (targets.length === 0) return undefined
    const row = rowOf(ids.batch(), { chance, selector, devices: targets.length, nowMs, organisationId })
    await change(async (tx) => {
      await tx.insertInto('batches').values(row).execute()
      await insertJobs(tx, { id: row.id, organisationId }, targets)
    })
    return row.id
  }
  return {
    /** Created, signed and sent, unless the person, or the hub, stops in between. */
    async sendBatch(chance: Chance): Promise<void> {
      const id = await create(chance)
      if (id === undefined || chance.is(0.1)) return
      await signBatch(call, id)
      if (chance.is(0.9)) await sendBatch(call, id)
    },
    /** Some batch of late. What does not fit it is refused. */
    async steerBatch(chance: Chance): Promise<void> {
      const rows = await hub.store.db.selectFrom('batches').select('id').orderBy('created_at_ms', 'desc').execute()
      const id = rows[chance.between(0, 2)]?.id
      if (id === undefined) return
      await (chance.is(0.5) ? cancelBatch(call, id, 'simulated') : retryBatch(call, id))
    },
  }
}

type NewRow = Pick<BatchTable, 'selector' | 'devices'> & {
  chance: Chance
  nowMs: number
  organisationId: BatchTable['organisation_id']
}

function rowOf(id: BatchId, { chance, selector, devices, nowMs, organisationId }: NewRow): BatchTable {
  const command = anyCommand(chance)
  const startAtMs = nowMs + chance.one(0, 0, 10_000)
  return {
    id,
    organisation_id: organisationId,
    status: 'draft',
    kind: command.kind,
    command: toJson(command),
    selector,
    reason: null,
    rate: chance.is(0.3) ? toJson({ perMinute: 6 }) : null,
    pace: toJson([]),
    counts: toJson({ ...noCounts, waiting: devices }),
    devices,
    attempt: 1,
    start_at_ms: startAtMs,
    expires_at_ms: startAtMs + chance.between(10_000, 120_000),
    timeout_ms: chance.between(10_000, 60_000),
    envelope: null,
    output_bytes: 0,
    created_at_ms: nowMs,
    created_by: toJson<BatchHand>({ kind: 'key', id: KEY, personId: KEY, name: CALLER.name, atMs: nowMs }),
    signed_by: null,
    sent_by: null,
    cancelled_by: null,
    ended_at_ms: null,
  }
}

/** One of each way in which a job can end: again, lost, a reboot; and one that is the hub's own. */
const anyCommand = (chance: Chance): BatchCommand =>
  chance.one<BatchCommand>(
    { kind: 'run-diagnostics' },
    { kind: 'renew-certificate' },
    { kind: 'reboot-agent' },
    { kind: 'relabel', set: { line: chance.one('a', 'b') }, remove: [] },
  )
