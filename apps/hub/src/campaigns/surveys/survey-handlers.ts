/** Handlers of the procedures on surveys. */
import { CAMPAIGN_ROWS_SHOWN, CampaignSpec, isCampaignOver } from '@skerry/contract/campaigns/campaign'
import { SurveySpec } from '@skerry/contract/campaigns/survey'
import { beginCourse } from '@skerry/core/campaigns/course'
import { layoutOf, surveyEpsilon, surveyTrouble, surveyWords } from '@skerry/core/campaigns/survey'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import type { KeyCall } from '../../http/call.ts'
import { os } from '../../http/implementer.ts'
import { pageFrom } from '../../http/page.ts'
import { problem } from '../../http/problem.ts'
import { fromJson, toJson } from '../../store/json-column.ts'
import type { CampaignTable } from '../../store/tables/learning/campaign-tables.ts'
import { dropUpdates, storeBlob } from '../campaign-blobs.ts'
import {
  advanceCampaign,
  countLiveCampaigns,
  findCampaign,
  insertCampaign,
  LIVE_MAX,
  listCampaigns,
} from '../campaign-store.ts'
import { candidatesOf, shownCandidate, shownParticipants } from '../candidates.ts'
import { participantsOfRound, updatesOf } from '../participant-store.ts'
import { surveyOf } from './survey-store.ts'

/** Throws if the organisation has no such survey. */
async function knownSurvey({ hub, organisationId }: Pick<KeyCall, 'hub' | 'organisationId'>, name: string) {
  const row = await findCampaign(hub.store.db, { organisationId, name })
  if (!row || row.survey === null) throw problem('survey_unknown')
  return row
}

export const surveyReadHandlers = {
  list: os.survey.list.handler(async ({ context: { hub, organisationId }, input: { limit, after } }) => {
    const page = { organisationId, limit: limit + 1, after, isSurvey: true }
    const rows = await listCampaigns(hub.store.db, page)
    return pageFrom(rows.map(surveyOf), limit, ({ spec }) => spec.name)
  }),
  get: os.survey.get.handler(async ({ context, input: { name } }) => {
    const { hub, organisationId } = context
    const row = await knownSurvey(context, name)
    const participants = await participantsOfRound(hub.store.db, row.id, 1, CAMPAIGN_ROWS_SHOWN)
    const candidates = await candidatesOf(hub, organisationId, fromJson(row.spec), true)
    return {
      survey: surveyOf(row),
      participants: await shownParticipants(hub, organisationId, participants),
      candidates: candidates.slice(0, CAMPAIGN_ROWS_SHOWN).map(shownCandidate),
    }
  }),
}

export const surveyChangeHandlers = {
  create: os.survey.create.handler(async ({ context, input: { spec: given, dryRun } }) => {
    const { hub, organisationId } = context
    const spec = await prepareSurvey(context, given)
    const candidates = await candidatesOf(hub, organisationId, campaignOfSurvey(spec), true)
    const noise = spec.privacy?.noise
    const shown = {
      spec,
      eligible: candidates.filter(({ isEligible }) => isEligible).length,
      candidates: candidates.slice(0, CAMPAIGN_ROWS_SHOWN).map(shownCandidate),
      ...(noise && { epsilon: surveyEpsilon(noise) }),
    }
    if (dryRun) {
      await context.change(async (_tx, note) => {
        note.object.id = spec.name
        note.detail = { dryRun: true, data: spec.data.name }
      })
      return shown
    }
    const row = await startSurvey(context, spec)
    hub.bus.publish('campaign.changed', row.id)
    return { ...shown, survey: surveyOf(row) }
  }),
  stop: os.survey.stop.handler(async ({ context, input: { name, reason } }) => {
    const { hub } = context
    const row = await knownSurvey(context, name)
    const updates = await updatesOf(hub.store.db, row.id, 1)
    await context.change(async (tx, note) => {
      const event = { kind: 'stopped', reason, nowMs: hub.clock.nowMs() } as const
      const advanced = await advanceCampaign(tx, row.id, event)
      if (!advanced) throw problem('survey_unknown')
      if (isCampaignOver(advanced.before.phase)) throw problem('survey_over')
      note.object.id = name
      note.detail = { reason }
    })
    await dropUpdates(hub, row.organisation_id, updates)
    hub.bus.publish('campaign.changed', row.id)
    for (const { device_id } of await participantsOfRound(hub.store.db, row.id, 1, CAMPAIGN_ROWS_SHOWN))
      hub.bus.publish('campaign.ordered', device_id)
    return surveyOf(await knownSurvey(context, name))
  }),
}

/** Throws the contract's problem, with the reason, if the survey cannot run. */
async function prepareSurvey({ hub, organisationId }: KeyCall, given: SurveySpec): Promise<SurveySpec> {
  const { db } = hub.store
  const spec = SurveySpec.parse({ ...given, seed: given.seed ?? Math.floor(hub.random() * 2 ** 32) })
  const trouble = surveyTrouble(spec)
  if (trouble !== undefined) throw problem('survey_refused', trouble)
  if (await findCampaign(db, { organisationId, name: spec.name })) throw problem('survey_exists')
  if ((await countLiveCampaigns(db, organisationId)) >= LIVE_MAX)
    throw problem(
      'survey_refused',
      `the organisation has ${LIVE_MAX} campaigns and surveys under way; stop one of them first`,
    )
  return spec
}

/** The round that carries a survey: the same devices, deadline and masks, and no model. */
const campaignOfSurvey = ({ name, data, participants, deadlineSeconds, privacy, seed }: SurveySpec): CampaignSpec =>
  CampaignSpec.parse({
    name,
    model: data.name,
    data,
    participants: { ...participants, overSelect: 0 },
    rounds: 1,
    deadlineSeconds,
    ...(privacy?.masks && { privacy: { masks: {} } }),
    seed,
  })

/** The questions stand for the weights, because a record of a campaign names a blob. */
async function startSurvey(context: KeyCall, spec: SurveySpec): Promise<CampaignTable> {
  const { hub, organisationId, caller } = context
  const nowMs = hub.clock.nowMs()
  const bytes = Buffer.from(canonicalJson(spec.columns))
  const questions = await storeBlob(hub, { organisationId, bytes }, async (_tx, blob) => blob)
  using _pins = hub.blobGuard.pin([questions.digest])
  const course = beginCourse(campaignOfSurvey(spec), questions.digest, nowMs)
  const row: CampaignTable = {
    id: hub.ids.campaign(),
    organisation_id: organisationId,
    name: spec.name,
    spec: toJson(campaignOfSurvey(spec)),
    base_version_id: '' as CampaignTable['base_version_id'],
    base_version: 0,
    course: toJson(course),
    phase: course.phase,
    weights_digest: questions.digest,
    training_digest: questions.digest,
    training_bytes: questions.sizeBytes,
    evaluation_digest: questions.digest,
    evaluation_bytes: questions.sizeBytes,
    parameters: toJson([]),
    elements: surveyWords(layoutOf(spec)),
    moments_digest: null,
    personal_digest: null,
    personal_parameters: null,
    survey: toJson(spec),
    survey_result: null,
    created_at_ms: nowMs,
    created_by: caller.name,
    ended_at_ms: null,
  }
  await context.change(async (tx, note) => {
    if (await findCampaign(tx, { organisationId, name: spec.name })) throw problem('survey_exists')
    note.object.id = spec.name
    note.detail = { data: spec.data.name, columns: spec.columns.length }
    await insertCampaign(tx, row)
  })
  return row
}
