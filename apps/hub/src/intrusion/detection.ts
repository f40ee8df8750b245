/**
 * Detection: the leader reads each organisation's trail on from where it stood, counts signs, and writes down what it finds. Records, tallies
 * and the place in the trail are one transaction: a hub that is killed neither forgets a sign nor counts one twice.
 */
import type { AuditRecord } from '@skerry/contract/audit/audit'
import type { IntrusionRuleView } from '@skerry/contract/intrusion/intrusion'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { addSign, type Sign, type SignTally, signsOf } from '@skerry/core/intrusion/intrusion'
import { appendAudit, endOfTrail, listAudit } from '../audit/audit-store.ts'
import type { Hub } from '../hub.ts'
import { toJson } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import * as store from './intrusion-store.ts'
import { type Effect, respond, tellEffects } from './response.ts'

/** A page takes some 20 ms; a busy hub's 5 s fit in one. */
const PAGE = 200

/** So that one organisation's flood does not keep the others waiting. */
const PAGES_MAX = 10

/** Longer than any window. */
const TALLY_LIFE_MS = 24 * 3_600_000

/** Reads on, in every organisation. */
export async function detectIntrusions(hub: Hub): Promise<void> {
  const { db } = hub.store
  const organisations = db.selectFrom('organisations').select('id').where('removed_at_ms', 'is', null)
  for (const { id } of await organisations.execute()) {
    for (let page = 0; page < PAGES_MAX; page++) {
      const end = await endOfTrail(db, id)
      if (end.sequence <= (await store.cursorOf(db, id))) break
      const effects = await hub.store.transaction((tx) => readPage(hub, tx, id))
      tellEffects(hub, effects)
    }
  }
}

async function readPage(hub: Hub, tx: Tx, organisationId: OrganisationId): Promise<Effect[]> {
  const sequence = await store.cursorOf(tx, organisationId)
  const records = await listAudit(tx, { organisationId, limit: PAGE, after: { atMs: 0, sequence } })
  const last = records.at(-1)
  if (!last) return []
  const rules = await store.rulesOf(tx, organisationId)
  const effects: Effect[] = []
  for (const record of records) {
    for (const sign of signsOf(record)) {
      const rule = rules.get(sign.rule)
      if (rule?.isOn) effects.push(...(await count(hub, tx, { record, sign, rule })))
    }
  }
  await store.setCursor(tx, organisationId, last.sequence)
  await store.forgetOldTallies(tx, hub.clock.nowMs() - TALLY_LIFE_MS)
  return effects
}

type Seen = { record: AuditRecord; sign: Sign; rule: IntrusionRuleView }

async function count(hub: Hub, tx: Tx, seen: Seen): Promise<Effect[]> {
  const { record, sign, rule } = seen
  const counted = { organisationId: record.organisationId, rule: sign.rule, subjectId: sign.subject.id }
  const limits = { threshold: rule.threshold, windowMs: rule.windowSeconds * 1_000 }
  const tally = addSign(await store.findTally(tx, counted), sign, record, limits)
  await store.saveTally(tx, counted, tally)
  if (tally.score < rule.threshold) return []
  const open = await store.findOpen(tx, counted)
  if (!open) return find(hub, tx, seen, tally)
  await tx
    .updateTable('intrusions')
    .set({ tally: toJson(tally) })
    .where('id', '=', open.id)
    .execute()
  return []
}

async function find(hub: Hub, tx: Tx, { record, sign, rule }: Seen, tally: SignTally): Promise<Effect[]> {
  const { organisationId, sequence } = record
  const id = hub.ids.intrusion()
  const nowMs = hub.clock.nowMs()
  const subject = { ...sign.subject, name: sign.subject.name || (await nameOf(tx, sign.subject.id)) }
  const responded = await respond(tx, { organisationId, id, subject, rule, nowMs })
  await tx
    .insertInto('intrusions')
    .values({
      organisation_id: organisationId,
      id,
      rule: rule.rule,
      status: 'open',
      threshold: rule.threshold,
      subject_kind: subject.kind,
      subject_id: subject.id,
      subject_name: subject.name,
      tally: toJson(tally),
      sequence,
      response_state: responded.state,
      closed: null,
      found_at_ms: nowMs,
      told_at_ms: null,
      responded_at_ms: responded.state === 'done' ? nowMs : null,
    })
    .execute()
  await appendAudit(tx, {
    organisationId,
    atMs: nowMs,
    actor: { kind: 'hub', id: '', name: 'hub' },
    action: 'intrusion.found',
    object: { kind: 'intrusion', id },
    result: 'ok',
    detail: { rule: rule.rule, subject, score: tally.score, evidence: [...tally.evidence], response: responded.state },
  })
  hub.log.warn('intrusion_found', {
    organisationId,
    id,
    rule: rule.rule,
    subject: subject.id,
    response: responded.state,
  })
  return [{ organisationId }, ...responded.effects]
}

/** What a person is called, who was not there to say so. */
async function nameOf(tx: Tx, userId: string): Promise<string> {
  const row = await tx
    .selectFrom('users')
    .select('email')
    .where('id', '=', userId as never)
    .executeTakeFirst()
  return (row?.email ?? '').slice(0, 63)
}
