/** Campaign store: campaigns and their rounds as records. Each event changes the course in one transaction. */
import {
  type Campaign,
  type CampaignPhase,
  type CampaignRound,
  isCampaignOver,
  CampaignPhase as Phases,
} from '@skerry/contract/campaigns/campaign'
import type { Digest } from '@skerry/contract/values/digest'
import type { CampaignId, OrganisationId } from '@skerry/contract/values/ids'
import { type CampaignCourse, type CampaignEvent, isSameWork, reduceCourse } from '@skerry/core/campaigns/course'
import { appendAudit } from '../audit/audit-store.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { CampaignRoundTable, CampaignTable } from '../store/tables/learning/campaign-tables.ts'
import { dropMessages } from './mask-store.ts'
import { closeRound } from './participant-store.ts'

type CampaignPage = { organisationId: OrganisationId; limit: number; after: string | undefined; isSurvey?: boolean }

/** One page of campaigns, the newest first. `after` is the name of the last one of the page before. */
export const listCampaigns = (
  db: Db,
  { organisationId, limit, after, isSurvey = false }: CampaignPage,
): Promise<CampaignTable[]> =>
  db
    .selectFrom('campaigns')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('survey', isSurvey ? 'is not' : 'is', null)
    .$if(after !== undefined, (select) =>
      select.where(({ eb, refTuple, selectFrom }) =>
        eb(
          refTuple('campaigns.created_at_ms', 'campaigns.name'),
          '<',
          selectFrom('campaigns as last')
            .select(['last.created_at_ms', 'last.name'])
            .where('last.organisation_id', '=', organisationId)
            .where('last.name', '=', after ?? '')
            .$asTuple('created_at_ms', 'name'),
        ),
      ),
    )
    .orderBy('created_at_ms', 'desc')
    .orderBy('name', 'desc')
    .limit(limit)
    .execute()

/** Undefined if the organisation has none of this name. */
export const findCampaign = (
  db: Db,
  { organisationId, name }: { organisationId: OrganisationId; name: string },
): Promise<CampaignTable | undefined> =>
  db
    .selectFrom('campaigns')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('name', '=', name)
    .executeTakeFirst()

/** In any organisation: for the engine, and for devices, whose orders name the id. */
export const findCampaignById = (db: Db, id: CampaignId): Promise<CampaignTable | undefined> =>
  db.selectFrom('campaigns').selectAll().where('id', '=', id).executeTakeFirst()

const LIVE: readonly CampaignPhase[] = Phases.options.filter((phase) => !isCampaignOver(phase))

/** The campaigns of all organisations that are not over, the oldest first. */
export const liveCampaigns = (db: Db): Promise<CampaignTable[]> =>
  db
    .selectFrom('campaigns')
    .selectAll()
    .where('phase', 'in', [...LIVE])
    .orderBy('created_at_ms')
    .execute()

/** Each live campaign costs the hub a look a second, and devices train one model at a time. */
export const LIVE_MAX = 20

export async function countLiveCampaigns(db: Db, organisationId: OrganisationId): Promise<number> {
  const { count } = await db
    .selectFrom('campaigns')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('organisation_id', '=', organisationId)
    .where('phase', 'in', [...LIVE])
    .executeTakeFirstOrThrow()
  return Number(count)
}

export async function insertCampaign(tx: Tx, row: CampaignTable): Promise<void> {
  await tx.insertInto('campaigns').values(row).execute()
  const started = { startedAtMs: row.created_at_ms, endedAtMs: row.created_at_ms }
  await saveRound(tx, row, { round: 0, figures: { ...EMPTY, ...started }, weights: row.weights_digest })
}

export type Advanced = { before: CampaignCourse; course: CampaignCourse; isChanged: boolean }

/**
 * Applies the event to the stored course. Undefined if the campaign has been removed. An event that follows from work for
 * the course `of` changes nothing if the campaign has other work now.
 */
export async function advanceCampaign(
  tx: Tx,
  id: CampaignId,
  event: CampaignEvent,
  of?: CampaignCourse,
): Promise<Advanced | undefined> {
  const row = await findCampaignById(tx, id)
  if (!row) return undefined
  const before = fromJson(row.course)
  if (of && !isSameWork(before, of)) return { before, course: before, isChanged: false }
  const course = reduceCourse(fromJson(row.spec), before, event)
  const isChanged = course !== before
  if (isChanged) {
    const ended = isCampaignOver(course.phase) ? { ended_at_ms: event.nowMs } : {}
    await tx
      .updateTable('campaigns')
      .set({ course: toJson(course), phase: course.phase, weights_digest: course.weights, ...ended })
      .where('id', '=', id)
      .execute()
    if (isCampaignOver(course.phase)) await endCampaign(tx, { row, before, course, event })
  }
  return { before, course, isChanged }
}

type Ending = { row: CampaignTable; before: CampaignCourse; course: CampaignCourse; event: CampaignEvent }

/** A person who stops a campaign is in the record of that call. */
async function endCampaign(tx: Tx, { row, before, course, event }: Ending): Promise<void> {
  await closeRound(tx, { campaign: row.id, round: before.round }, event.nowMs)
  await dropMessages(tx, { campaign: row.id, round: before.round })
  if (event.kind === 'stopped') return
  const { version, reason } = course
  const message =
    reason ?? (row.survey ? 'it has a result' : `it published version ${version} of ${fromJson(row.spec).model}`)
  await appendAudit(tx, {
    organisationId: row.organisation_id,
    atMs: event.nowMs,
    actor: { kind: 'hub', id: '', name: 'hub' },
    action: row.survey ? 'survey.ended' : 'campaign.ended',
    object: { kind: row.survey ? 'survey' : 'campaign', id: row.name },
    result: 'ok',
    detail: { phase: course.phase, message, ...(version !== undefined && { version }) },
  })
}

/** The moments of the strategy after a round. */
export async function saveMoments(tx: Tx, id: CampaignId, moments: Digest | null): Promise<void> {
  await tx.updateTable('campaigns').set({ moments_digest: moments }).where('id', '=', id).execute()
}

type RoundFigures = Omit<CampaignRound, 'round' | 'weights'>

const EMPTY: Omit<RoundFigures, 'startedAtMs'> = {
  attempts: 1,
  selected: 0,
  counted: 0,
  rejected: 0,
  dropped: 0,
  bounded: 0,
  rows: 0,
  bytesUp: 0,
}

type Owner = Pick<CampaignTable, 'id' | 'organisation_id'>

async function saveRound(
  tx: Tx,
  { id, organisation_id }: Owner,
  { round, figures, weights }: { round: number; figures: RoundFigures; weights: Digest | null },
): Promise<void> {
  const columns = { figures: toJson(figures), weights_digest: weights }
  await tx
    .insertInto('campaign_rounds')
    .values({ campaign_id: id, organisation_id, round, ...columns })
    .onConflict((conflict) => conflict.columns(['campaign_id', 'round']).doUpdateSet(columns))
    .execute()
}

export const findRound = (db: Db, id: CampaignId, round: number): Promise<CampaignRoundTable | undefined> =>
  db
    .selectFrom('campaign_rounds')
    .selectAll()
    .where('campaign_id', '=', id)
    .where('round', '=', round)
    .executeTakeFirst()

type RoundChange = { round: number; figures: Partial<RoundFigures>; weights?: Digest; nowMs: number }

/** Adds figures to a round; it begins now if it has no record. */
export async function changeRound(
  tx: Tx,
  owner: Owner,
  { round, figures, weights, nowMs }: RoundChange,
): Promise<void> {
  const known = await findRound(tx, owner.id, round)
  const before = known ? fromJson(known.figures) : { ...EMPTY, startedAtMs: nowMs }
  await saveRound(tx, owner, {
    round,
    figures: { ...before, ...figures },
    weights: weights ?? known?.weights_digest ?? null,
  })
}

/** Rounds whose weights stay, so that they can be published later. A model of 32 MiB then takes 320 MiB. */
export const WEIGHTS_KEPT = 10

/** Older weights than those that stay lose their reference, except the base and the best. */
export async function forgetWeights(tx: Tx, { id }: Owner, { round, best }: CampaignCourse): Promise<void> {
  await tx
    .updateTable('campaign_rounds')
    .set({ weights_digest: null })
    .where('campaign_id', '=', id)
    .where('round', '>', 0)
    .where('round', '<', round - WEIGHTS_KEPT)
    .where('round', '!=', best?.round ?? 0)
    .execute()
}

/** All rounds of the campaign, from the base on. */
export async function roundsOf(db: Db, id: CampaignId): Promise<CampaignRound[]> {
  const rows = await db
    .selectFrom('campaign_rounds')
    .selectAll()
    .where('campaign_id', '=', id)
    .orderBy('round')
    .execute()
  return rows.map(({ round, figures, weights_digest: weights }) => ({
    round,
    ...fromJson(figures),
    ...(weights !== null && { weights }),
  }))
}

/** The campaign as the API shows it. */
export function campaignOf(row: CampaignTable): Campaign {
  const course = fromJson(row.course)
  const reason = course.reason ?? course.ending
  return {
    id: row.id,
    spec: fromJson(row.spec),
    baseVersion: row.base_version,
    phase: course.phase,
    ...(course.stage !== undefined && { stage: course.stage }),
    isPaused: course.isPaused,
    round: Math.min(course.round, course.lastRound),
    ...(reason !== undefined && { reason }),
    ...(course.version !== undefined && { resultVersion: course.version }),
    ...(course.accuracy !== undefined && { accuracy: course.accuracy }),
    ...(course.error !== undefined && { error: course.error }),
    ...(course.epsilon !== undefined && { epsilon: course.epsilon }),
    parameters: Number(row.elements),
    createdAtMs: Number(row.created_at_ms),
    createdBy: row.created_by,
    ...(row.ended_at_ms !== null && { endedAtMs: Number(row.ended_at_ms) }),
  }
}
