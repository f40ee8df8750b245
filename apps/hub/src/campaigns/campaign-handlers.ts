/** Handlers of the procedures on campaigns. */
import { CAMPAIGN_ROWS_SHOWN, type CampaignSpec, isCampaignOver } from '@skerry/contract/campaigns/campaign'
import { epsilonOf, sampleRateOf } from '@skerry/core/campaigns/budget'
import { beginCourse, type CampaignEvent } from '@skerry/core/campaigns/course'
import { bytesOfWeights } from '@skerry/core/campaigns/weights'
import type { Change, KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem } from '../http/problem.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { CampaignTable } from '../store/tables/learning/campaign-tables.ts'
import { bufferOf } from './buffer-store.ts'
import { dropUpdates, storeBlob } from './campaign-blobs.ts'
import {
  advanceCampaign,
  campaignOf,
  findCampaign,
  findRound,
  insertCampaign,
  listCampaigns,
  roundsOf,
} from './campaign-store.ts'
import { candidatesOf, shownCandidate, shownParticipants } from './candidates.ts'
import { earlierVersions } from './data/data-store.ts'
import { OLDER_ROUNDS, participantsOfRound, updatesOf } from './participant-store.ts'
import { type PreparedCampaign, prepareCampaign } from './prepare-campaign.ts'
import { pushRound } from './publish-campaign.ts'

/** Throws if the organisation has no such campaign. */
async function knownCampaign({ hub, organisationId }: Pick<KeyCall, 'hub' | 'organisationId'>, name: string) {
  const row = await findCampaign(hub.store.db, { organisationId, name })
  if (!row || row.survey !== null) throw problem('campaign_unknown')
  return row
}

export const campaignReadHandlers = {
  list: os.campaign.list.handler(async ({ context: { hub, organisationId }, input: { limit, after } }) => {
    const rows = await listCampaigns(hub.store.db, { organisationId, limit: limit + 1, after })
    return pageFrom(rows.map(campaignOf), limit, ({ spec }) => spec.name)
  }),
  get: os.campaign.get.handler(async ({ context, input: { name } }) => {
    const row = await knownCampaign(context, name)
    return { campaign: campaignOf(row), rounds: await roundsOf(context.hub.store.db, row.id) }
  }),
  participants: os.campaign.participants.handler(async ({ context, input: { name, round } }) => {
    const { hub, organisationId } = context
    const row = await knownCampaign(context, name)
    const shown = round ?? fromJson(row.course).round
    const rows = await participantsOfRound(hub.store.db, row.id, shown, CAMPAIGN_ROWS_SHOWN)
    const earlier = await earlierVersions(hub.store.db, { campaign: row.id, round: shown })
    const candidates = await candidatesOf(hub, organisationId, fromJson(row.spec))
    return {
      round: shown,
      participants: await shownParticipants(hub, organisationId, rows, earlier),
      candidates: candidates.slice(0, CAMPAIGN_ROWS_SHOWN).map(shownCandidate),
    }
  }),
}

export const campaignChangeHandlers = {
  create: os.campaign.create.handler(async ({ context, input: { spec: given, dryRun }, signal }) => {
    const { hub, organisationId } = context
    const prepared = await prepareCampaign(context, given, signal ?? hub.signal)
    const { spec, base, models } = prepared
    const candidates = await candidatesOf(hub, organisationId, spec)
    const eligible = candidates.filter(({ isEligible }) => isEligible).length
    const shown = {
      spec,
      baseVersion: base.version,
      parameters: models.weights.length,
      eligible,
      ...forecastOf(spec, eligible),
      candidates: candidates.slice(0, CAMPAIGN_ROWS_SHOWN).map(shownCandidate),
    }
    if (dryRun) {
      await context.change(async (_tx, note) => {
        note.object.id = spec.name
        note.detail = { dryRun: true, model: spec.model, version: base.version }
      })
      return shown
    }
    const row = await startCampaign(context, prepared)
    hub.bus.publish('campaign.changed', row.id)
    return { ...shown, campaign: campaignOf(row) }
  }),
  pause: os.campaign.pause.handler(({ context, input: { name, reason } }) =>
    steer(context, name, { kind: 'paused', reason, nowMs: context.hub.clock.nowMs() }),
  ),
  resume: os.campaign.resume.handler(({ context, input: { name } }) =>
    steer(context, name, { kind: 'resumed', nowMs: context.hub.clock.nowMs() }),
  ),
  stop: os.campaign.stop.handler(({ context, input: { name, reason } }) =>
    steer(context, name, { kind: 'stopped', reason, nowMs: context.hub.clock.nowMs() }),
  ),
  publish: os.campaign.publish.handler(async ({ context, input: { name, round }, signal }) => {
    const { hub } = context
    const row = await knownCampaign(context, name)
    const weights = (await findRound(hub.store.db, row.id, round))?.weights_digest
    if (!weights)
      throw problem(
        'campaign_refused',
        `the hub does not have the weights of round ${round} (any more); see its rounds`,
      )
    const change: Change = (work) =>
      context.change(async (tx, note) => {
        const done = await work(tx, note)
        note.detail = { ...note.detail, version: note.object.id, round }
        note.object.id = name
        return done
      })
    const version = await pushRound({ ...context, change }, row, { round, weights }, signal ?? hub.signal)
    return { model: fromJson(row.spec).model, version }
  }),
}

/** The privacy that the whole campaign would spend, if its devices stay the same. */
function forecastOf(spec: CampaignSpec, eligible: number): { epsilon?: number } {
  const noise = spec.privacy?.noise
  if (!noise || eligible < spec.participants.minimum) return {}
  return { epsilon: epsilonOf(noise, [{ sampleRate: sampleRateOf(spec, eligible), rounds: spec.rounds }]) }
}

/** The bytes become blobs before the record exists. Blobs that a crash leaves behind are collected. */
async function startCampaign(context: KeyCall, { spec, base, models }: PreparedCampaign): Promise<CampaignTable> {
  const { hub, organisationId, caller } = context
  const held = (bytes: Uint8Array) => storeBlob(hub, { organisationId, bytes }, async (_tx, blob) => blob)
  const training = await held(models.training)
  const evaluation = await held(models.evaluation)
  const weights = await held(bytesOfWeights(models.weights))
  const personal = models.personal && (await held(bytesOfWeights(models.personal.weights)))
  const blobs = [training, evaluation, weights, ...(personal ? [personal] : [])]
  using _pins = hub.blobGuard.pin(blobs.map(({ digest }) => digest))
  const nowMs = hub.clock.nowMs()
  const course = beginCourse(spec, weights.digest, nowMs)
  const row: CampaignTable = {
    id: hub.ids.campaign(),
    organisation_id: organisationId,
    name: spec.name,
    spec: toJson(spec),
    base_version_id: base.id,
    base_version: base.version,
    course: toJson(course),
    phase: course.phase,
    weights_digest: weights.digest,
    training_digest: training.digest,
    training_bytes: training.sizeBytes,
    evaluation_digest: evaluation.digest,
    evaluation_bytes: evaluation.sizeBytes,
    parameters: toJson(models.parameters),
    elements: models.weights.length,
    moments_digest: null,
    personal_digest: personal?.digest ?? null,
    personal_parameters: models.personal ? toJson(models.personal.parameters) : null,
    survey: null,
    survey_result: null,
    created_at_ms: nowMs,
    created_by: caller.name,
    ended_at_ms: null,
  }
  await context.change(async (tx, note) => {
    if (await findCampaign(tx, { organisationId, name: spec.name })) throw problem('campaign_exists')
    note.object.id = spec.name
    const { model, rounds, strategy, aggregate } = spec
    note.detail = { model, version: base.version, rounds, strategy: strategy.kind, ...(aggregate && { aggregate }) }
    await insertCampaign(tx, row)
  })
  return row
}

async function steer(context: KeyCall, name: string, event: CampaignEvent) {
  const { hub } = context
  const row = await knownCampaign(context, name)
  const updates = event.kind === 'stopped' ? await updatesOf(hub.store.db, row.id, fromJson(row.course).round) : []
  const { round } = fromJson(row.course)
  // With a buffer, devices train for rounds before, too.
  const buffer = await bufferOf(hub.store.db, { campaign: row.id, from: round - OLDER_ROUNDS, to: round })
  await context.change(async (tx, note) => {
    const advanced = await advanceCampaign(tx, row.id, event)
    if (!advanced) throw problem('campaign_unknown')
    if (isCampaignOver(advanced.before.phase)) throw problem('campaign_over')
    note.object.id = name
    note.detail = { round: advanced.before.round, ...('reason' in event && { reason: event.reason }) }
  })
  await dropUpdates(hub, row.organisation_id, updates)
  hub.bus.publish('campaign.changed', row.id)
  await wakeParticipants(context, row)
  for (const { device_id } of buffer) hub.bus.publish('campaign.ordered', device_id)
  return campaignOf(await knownCampaign(context, name))
}

/** Devices that train learn that nobody waits for them, or that they are asked again. */
async function wakeParticipants({ hub }: KeyCall, row: CampaignTable): Promise<void> {
  const { round } = fromJson(row.course)
  for (const { device_id } of await participantsOfRound(hub.store.db, row.id, round, CAMPAIGN_ROWS_SHOWN))
    hub.bus.publish('campaign.ordered', device_id)
}
