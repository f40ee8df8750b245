/** Intrusion store: what was counted, what was found, what is set. */

import type {
  Intrusion,
  IntrusionRule,
  IntrusionRuleSetting,
  IntrusionRuleView,
} from '@skerry/contract/intrusion/intrusion'
import { IntrusionRule as Rules } from '@skerry/contract/intrusion/intrusion'
import type { IntrusionId, OrganisationId } from '@skerry/contract/values/ids'
import type { SignTally } from '@skerry/core/intrusion/intrusion'
import { intrusionRules } from '@skerry/core/intrusion/intrusion-rules'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { IntrusionTable } from '../store/tables/intrusion-tables.ts'

/** The last record that was looked at. */
export async function cursorOf(db: Db, organisationId: OrganisationId): Promise<number> {
  const row = await db
    .selectFrom('intrusion_cursors')
    .select('sequence')
    .where('organisation_id', '=', organisationId)
    .executeTakeFirst()
  return row?.sequence ?? 0
}

export async function setCursor(tx: Tx, organisationId: OrganisationId, sequence: number): Promise<void> {
  await tx
    .insertInto('intrusion_cursors')
    .values({ organisation_id: organisationId, sequence })
    .onConflict((conflict) => conflict.column('organisation_id').doUpdateSet({ sequence }))
    .execute()
}

export type Counted = { organisationId: OrganisationId; rule: IntrusionRule; subjectId: string }

export async function findTally(db: Db, { organisationId, rule, subjectId }: Counted): Promise<SignTally | undefined> {
  const row = await db
    .selectFrom('intrusion_tallies')
    .select('tally')
    .where('organisation_id', '=', organisationId)
    .where('rule', '=', rule)
    .where('subject_id', '=', subjectId)
    .executeTakeFirst()
  return row && fromJson(row.tally)
}

export async function saveTally(tx: Tx, counted: Counted, tally: SignTally): Promise<void> {
  const values = { tally: toJson(tally), at_ms: tally.lastMs }
  await tx
    .insertInto('intrusion_tallies')
    .values({
      organisation_id: counted.organisationId,
      rule: counted.rule,
      subject_id: counted.subjectId,
      ...values,
    })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'rule', 'subject_id']).doUpdateSet(values))
    .execute()
}

export async function forgetTally(tx: Tx, { organisationId, rule, subjectId }: Counted): Promise<void> {
  await tx
    .deleteFrom('intrusion_tallies')
    .where('organisation_id', '=', organisationId)
    .where('rule', '=', rule)
    .where('subject_id', '=', subjectId)
    .execute()
}

/** Tallies that have sunk to nothing long ago. */
export async function forgetOldTallies(tx: Tx, beforeMs: number): Promise<void> {
  await tx.deleteFrom('intrusion_tallies').where('at_ms', '<', beforeMs).execute()
}

/** The finding that is still open about the same. */
export function findOpen(db: Db, { organisationId, rule, subjectId }: Counted): Promise<IntrusionTable | undefined> {
  return db
    .selectFrom('intrusions')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('rule', '=', rule)
    .where('subject_id', '=', subjectId)
    .where('status', '=', 'open')
    .executeTakeFirst()
}

export function findIntrusion(db: Db, organisationId: OrganisationId, id: IntrusionId) {
  return db
    .selectFrom('intrusions')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .executeTakeFirst()
}

export type IntrusionQuery = {
  organisationId: OrganisationId
  limit: number
  status?: Intrusion['status'] | undefined
  after?: { sequence: number; id: string } | undefined
}

/** Newest first. */
export function listIntrusions(db: Db, query: IntrusionQuery): Promise<IntrusionTable[]> {
  const { organisationId, limit, status, after } = query
  return db
    .selectFrom('intrusions')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .$if(status !== undefined, (select) => select.where('status', '=', status ?? 'open'))
    .$if(after !== undefined, (select) =>
      select.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('sequence', 'id'), '<', tuple(after?.sequence ?? 0, (after?.id ?? '') as IntrusionId)),
      ),
    )
    .orderBy('sequence', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

/** All rules, as the organisation has set them. */
export async function rulesOf(db: Db, organisationId: OrganisationId): Promise<Map<IntrusionRule, IntrusionRuleView>> {
  const rows = await db
    .selectFrom('intrusion_settings')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .execute()
  const set = new Map(rows.map((row) => [row.rule, row]))
  return new Map(
    Rules.options.map((rule) => {
      const { means, threshold, windowMs, action, response } = intrusionRules[rule]
      const own = set.get(rule)
      const usual = { isOn: true, threshold, response }
      const setting = own ? { isOn: own.is_on === 1, threshold: own.threshold, response: own.response } : usual
      const view = { rule, means, windowSeconds: windowMs / 1_000, ...(action && { action }), isSet: own !== undefined }
      return [rule, { ...view, ...setting }]
    }),
  )
}

export async function setRule(
  tx: Tx,
  organisationId: OrganisationId,
  { rule, isOn, threshold, response }: IntrusionRuleSetting & { rule: IntrusionRule },
): Promise<void> {
  const values = { is_on: isOn ? 1 : 0, threshold, response }
  await tx
    .insertInto('intrusion_settings')
    .values({ organisation_id: organisationId, rule, ...values })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'rule']).doUpdateSet(values))
    .execute()
}

export function intrusionOf(row: IntrusionTable): Intrusion {
  const { score, count, firstMs, lastMs, evidence } = fromJson(row.tally)
  const { action } = intrusionRules[row.rule]
  const acts = action !== undefined && row.response_state !== 'none'
  return {
    id: row.id,
    rule: row.rule,
    status: row.status,
    threshold: row.threshold,
    subject: { kind: row.subject_kind, id: row.subject_id, name: row.subject_name },
    score: Math.round(score * 100) / 100,
    count,
    firstMs,
    lastMs,
    evidence: [...evidence],
    response: { state: row.response_state, ...(acts && { action }) },
    ...(row.closed !== null && { closed: fromJson(row.closed) }),
  }
}
