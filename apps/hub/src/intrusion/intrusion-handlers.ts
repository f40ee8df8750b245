/** Procedures on intrusion detection. */

import type { IntrusionRule, IntrusionRuleView } from '@skerry/contract/intrusion/intrusion'
import { type IntrusionId, KeyId, type OrganisationId } from '@skerry/contract/values/ids'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem } from '../http/problem.ts'
import { findKey } from '../keys/key-store.ts'
import { requireMayTake } from '../roles/role-handlers.ts'
import { toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { IntrusionTable } from '../store/tables/intrusion-tables.ts'
import * as store from './intrusion-store.ts'
import { tellEffects, undo } from './response.ts'

export const intrusionHandlers = {
  list: os.intrusion.list.handler(async ({ context: { hub, organisationId }, input: { limit, after, status } }) => {
    const query = { organisationId, limit: limit + 1, status, after: placeOf(after) }
    const page = pageFrom(
      await store.listIntrusions(hub.store.db, query),
      limit,
      ({ sequence, id }) => `${sequence}.${id}`,
    )
    return { ...page, rows: page.rows.map(store.intrusionOf) }
  }),
  show: os.intrusion.show.handler(async ({ context: { hub, organisationId }, input: { intrusion } }) =>
    store.intrusionOf(await known(hub.store.db, organisationId, intrusion)),
  ),
  dismiss: os.intrusion.dismiss.handler(({ context, input: { intrusion, reason } }) =>
    context.change(async (tx, note) => {
      const { organisationId, caller, hub } = context
      const row = await known(tx, organisationId, intrusion)
      if (row.status === 'dismissed') throw problem('intrusion_closed')
      note.detail = { rule: row.rule, reason }
      const closed = toJson({ atMs: hub.clock.nowMs(), by: caller.name, reason })
      await tx.updateTable('intrusions').set({ status: 'dismissed', closed }).where('id', '=', row.id).execute()
      await store.forgetTally(tx, { organisationId, rule: row.rule, subjectId: row.subject_id })
      return store.intrusionOf({ ...row, status: 'dismissed', closed })
    }),
  ),
  undo: os.intrusion.undo.handler(async ({ context, input: { intrusion, reason } }) => {
    const { hub, organisationId, caller, change } = context
    const { effect, row } = await change(async (tx, note) => {
      const row = await known(tx, organisationId, intrusion)
      if (row.subject_kind === 'key') await requireMayUnlock(context, tx, KeyId.parse(row.subject_id))
      const effect = await undo(hub, tx, row, { by: caller.name, reason })
      if (!effect) throw problem('intrusion_nothing_done')
      note.detail = { rule: row.rule, subject: row.subject_id, reason }
      await tx.updateTable('intrusions').set({ response_state: 'undone' }).where('id', '=', row.id).execute()
      return { effect, row: { ...row, response_state: 'undone' as const } }
    })
    tellEffects(hub, [effect])
    return store.intrusionOf(row)
  }),
  rules: os.intrusion.rules.handler(async ({ context: { hub, organisationId } }) => ({
    rules: [...(await store.rulesOf(hub.store.db, organisationId)).values()],
  })),
  set: os.intrusion.set.handler(({ context, input: { rule, ...changes } }) =>
    context.change(async (tx, note) => {
      const { organisationId } = context
      const now = await ruleOf(tx, organisationId, rule)
      const { isOn = now.isOn, threshold = now.threshold, response = now.response } = changes
      await store.setRule(tx, organisationId, { rule, isOn, threshold, response })
      note.object.id = rule
      note.detail = { isOn, threshold, response }
      return ruleOf(tx, organisationId, rule)
    }),
  ),
}

/** A key that is unlocked is given again. */
async function requireMayUnlock(call: KeyCall, tx: Tx, id: KeyId): Promise<void> {
  const key = await findKey(tx, id)
  if (key) await requireMayTake(tx, call, key.role)
}

async function known(db: Db, organisationId: OrganisationId, id: IntrusionId): Promise<IntrusionTable> {
  const row = await store.findIntrusion(db, organisationId, id)
  if (!row) throw problem('intrusion_unknown')
  return row
}

async function ruleOf(db: Db, organisationId: OrganisationId, rule: IntrusionRule): Promise<IntrusionRuleView> {
  const view = (await store.rulesOf(db, organisationId)).get(rule)
  if (!view) throw new Error(`there is no rule ${rule}`)
  return view
}

function placeOf(after: string | undefined) {
  if (after === undefined) return undefined
  // 15 digits stay exact in a number.
  const [, sequence, id = ''] = /^([0-9]{1,15})\.(int_[a-z2-7]{8,32})$/.exec(after) ?? []
  if (sequence === undefined) throw problem('input_invalid', 'after must be the value of next from an earlier page')
  return { sequence: Number(sequence), id }
}
