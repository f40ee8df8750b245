/** Call of learning: the hub pushes the versions of a learning in the name of the person who started it. */
import { appendAudit } from '../audit/audit-store.ts'
import type { AuditNote } from '../http/call.ts'
import type { Hub } from '../hub.ts'
import type { PushCall } from '../models/push-model.ts'
import type { Tx } from '../store/store.ts'
import type { LearningTable } from '../store/tables/learning/learning-tables.ts'
import { HUB } from './finish-learning.ts'

/** Explains the detector: candidates, threshold and tags. It is signed with the version. */
export const EXPLANATION_PATH = 'learning.json'

type Learned = Pick<LearningTable, 'organisation_id' | 'name' | 'created_by'>

/** A push in the name of the person who started the learning. */
export const callOfLearning = (hub: Hub, row: Learned): PushCall => ({
  hub,
  organisationId: row.organisation_id,
  scope: undefined,
  caller: { name: row.created_by },
  change: (work) => changeAsHub(hub, row, work),
})

/** The record names the hub as the actor: nobody called. */
async function changeAsHub<T>(hub: Hub, row: Learned, work: (tx: Tx, note: AuditNote) => Promise<T>): Promise<T> {
  const done = await hub.store.transaction(async (tx) => {
    const note: AuditNote = { object: { kind: 'model', id: row.name }, detail: {} }
    const result = await work(tx, note)
    await appendAudit(tx, {
      organisationId: row.organisation_id,
      atMs: hub.clock.nowMs(),
      actor: HUB,
      action: 'model.push',
      object: note.object,
      result: 'ok',
      detail: { ...note.detail, learning: row.name },
    })
    return result
  })
  hub.bus.publish('audit.appended', row.organisation_id)
  return done
}
