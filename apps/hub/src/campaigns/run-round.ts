/** Run round: the work of each phase of a campaign. Each ends with an event, which is stored with all that it says. */
import { type CampaignSpec, isCampaignOver, PARTICIPANTS_MAX } from '@skerry/contract/campaigns/campaign'
import type { DeviceId } from '@skerry/contract/values/ids'
import { drawRound, type RoundChoice } from '@skerry/core/campaigns/budget'
import { chooseParticipants, wantedCount } from '@skerry/core/campaigns/choose'
import { type CampaignCourse, type CampaignEvent, isFinalRound, isRoundOver } from '@skerry/core/campaigns/course'
import { evaluatedFigures, joinEvaluations } from '@skerry/core/campaigns/metric'
import { bytesOfWeights } from '@skerry/core/campaigns/weights'
import { lastErasure } from '../captures/capture-store.ts'
import type { Hub } from '../hub.ts'
import { fromJson } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import type {
  CampaignParticipantTable,
  CampaignTable,
  ParticipantOutcome,
} from '../store/tables/learning/campaign-tables.ts'
import { type Aggregate, aggregateMasked, aggregateUpdates, momentsLine, type UpdateStep } from './aggregate.ts'
import { dropUpdates, storeBlob } from './campaign-blobs.ts'
import { advanceCampaign, changeRound, forgetWeights, saveMoments } from './campaign-store.ts'
import { candidatesOf } from './candidates.ts'
import { changedDevices, noteJoined } from './data/data-store.ts'
import { dropMessages, markLate } from './mask-store.ts'
import { maskedTally } from './masked-round.ts'
import {
  closeRound,
  insertParticipants,
  participantsOf,
  saveReport,
  tallyOf,
  updatesOf,
  usedUpdate,
} from './participant-store.ts'
import { updatesIn } from './site-sums/joined-updates.ts'
import { hasOpenOffers } from './site-sums/open-offers.ts'

/** A campaign with its parsed parts. */
export type RunningCampaign = { row: CampaignTable; spec: CampaignSpec; course: CampaignCourse }

type Tallied = Extract<CampaignEvent, { kind: 'tallied' }>

const placeOf = ({ row, course: { round, attempt } }: RunningCampaign) => ({ campaign: row.id, round, attempt })

/** Chooses the participants of the round. */
export async function selectParticipants(hub: Hub, it: RunningCampaign): Promise<void> {
  const { row, spec, course } = it
  const erasure = await lastErasure(hub.store.db, row.organisation_id)
  const candidates = await candidatesOf(hub, row.organisation_id, spec, row.survey !== null)
  const ready = new Map(
    candidates.flatMap((one) => (one.isEligible && one.isConnected ? [[one.id, one] as const] : [])),
  )
  const needed = isFinalRound(course) ? 1 : spec.participants.minimum
  const nowMs = hub.clock.nowMs()
  if (ready.size < needed) {
    const event = { kind: 'lacking', eligible: ready.size, nowMs } as const
    await hub.store.transaction((tx) => advanceCampaign(tx, row.id, event, course))
    return
  }
  const { round, attempt } = course
  const { devices, ...odds } = choiceOf(it, [...ready.keys()])
  const rowsMax = Math.max(1, ...devices.map((id) => ready.get(id)?.rows ?? 1))
  const isBegun = await hub.store.transaction(async (tx) => {
    // The devices have not confirmed a newer erasure. The next look chooses again.
    if ((await lastErasure(tx, row.organisation_id)) !== erasure) return false
    const event = { kind: 'selected', devices, rowsMax, ...odds, nowMs } as const
    const advanced = await advanceCampaign(tx, row.id, event, course)
    if (!advanced || advanced.before.phase === advanced.course.phase) return false
    if (isCampaignOver(advanced.course.phase)) return true
    const chosen = devices.map((id) => ({ id, name: ready.get(id)?.device ?? id }))
    await insertParticipants(tx, row, { round, attempt, devices: chosen, nowMs })
    const figures = { attempts: attempt, selected: devices.length }
    if (!isFinalRound(advanced.course)) await changeRound(tx, row, { round, figures, nowMs })
    return true
  })
  if (!isBegun) return
  hub.bus.publish('campaign.changed', row.id)
  for (const device of devices) hub.bus.publish('campaign.ordered', device)
}

/** A survey has all devices. With noise, each is drawn by itself. Devices that only evaluate are chosen as always. */
function choiceOf(
  { row, spec, course }: RunningCampaign,
  ready: readonly DeviceId[],
): Partial<RoundChoice> & Pick<RoundChoice, 'devices'> & { fleet?: number } {
  const chance = { seed: spec.seed ?? 0, round: course.round, attempt: course.attempt }
  if (row.survey !== null) return { devices: chooseParticipants(ready, PARTICIPANTS_MAX, chance) }
  if (spec.privacy?.noise && !isFinalRound(course)) return drawRound(spec, ready, chance)
  const devices = chooseParticipants(ready, wantedCount(spec), chance)
  return spec.strategy.kind === 'scaffold' ? { devices, fleet: ready.length } : { devices }
}

/** Counts the reports, and ends the training of the round when it is over. */
export async function collectReports(hub: Hub, it: RunningCampaign): Promise<void> {
  const { row, course } = it
  const nowMs = hub.clock.nowMs()
  const { stage } = course
  const { db } = hub.store
  const counts = stage === undefined ? await tallyOf(db, placeOf(it)) : await maskedTally(db, it, stage)
  const waiting = { organisationId: row.organisation_id, attempt: placeOf(it), nowMs }
  const waits = it.spec.aggregate !== undefined && (await hasOpenOffers(hub, waiting))
  const tally = { ...counts, isPatient: row.survey !== null || waits }
  if (course.phase === 'evaluate') return collectEvaluations(hub, it, { tally, nowMs })
  const ended = await hub.store.transaction(async (tx) => {
    const advanced = await advanceCampaign(tx, row.id, { kind: 'tallied', tally, nowMs }, course)
    // A repeated or failed round needs no more reports; the aggregation closes the others.
    const isGivenUp = advanced?.isChanged && advanced.course.phase !== 'train' && advanced.course.phase !== 'aggregate'
    if (isGivenUp) await closeAttempt(tx, it, nowMs)
    const isNextStage = advanced?.before.stage !== advanced?.course.stage
    if (stage !== undefined && isNextStage && !isGivenUp) await markLate(tx, placeOf(it), stage, nowMs)
    return advanced !== undefined && (isNextStage || advanced.before.phase !== advanced.course.phase)
  })
  if (ended) await announceEnd(hub, it)
}

/** The tally is stored, because the time of the slow devices begins when the minimum has answered. */
async function collectEvaluations(hub: Hub, it: RunningCampaign, counted: Omit<Tallied, 'kind'>): Promise<void> {
  const { row, course } = it
  const event = { kind: 'tallied', ...counted } as const
  const advanced = await hub.store.transaction((tx) => advanceCampaign(tx, row.id, event, course))
  if (advanced && isRoundOver(advanced.course, counted.tally, counted.nowMs)) await endEvaluation(hub, it)
}

async function closeAttempt(tx: Tx, it: RunningCampaign, nowMs: number): Promise<void> {
  const { row, course } = it
  const participants = await participantsOf(tx, placeOf(it))
  await changeRound(tx, row, { round: course.round, figures: dropsOf(participants), nowMs })
  await closeRound(tx, placeOf(it), nowMs)
  await dropMessages(tx, placeOf(it))
}

/** Devices that still train learn that their order is over. */
export async function announceEnd(hub: Hub, it: RunningCampaign): Promise<void> {
  hub.bus.publish('campaign.changed', it.row.id)
  const participants = await participantsOf(hub.store.db, placeOf(it))
  for (const { device_id } of participants) hub.bus.publish('campaign.ordered', device_id)
}

/** In a masked round, devices can be late in an earlier stage. */
const dropsOf = (participants: readonly CampaignParticipantTable[]) => ({
  rejected: participants.filter(({ state }) => state === 'rejected').length,
  dropped: participants.filter(({ state }) => state === 'failed' || state === 'asked' || state === 'late').length,
})

const outcomesOf = (participants: readonly CampaignParticipantTable[]): ParticipantOutcome[] =>
  participants.map(({ outcome }) => fromJson(outcome))

const evaluationIn = (spec: CampaignSpec, participants: readonly CampaignParticipantTable[]) =>
  joinEvaluations(
    spec,
    outcomesOf(participants.filter(({ state }) => state !== 'rejected')).flatMap(({ evaluation }) => evaluation ?? []),
  )

async function endEvaluation(hub: Hub, it: RunningCampaign): Promise<void> {
  const { row, spec, course } = it
  const { round } = course
  const nowMs = hub.clock.nowMs()
  const evaluation = evaluationIn(spec, await participantsOf(hub.store.db, placeOf(it)))
  await hub.store.transaction(async (tx) => {
    const event = { kind: 'evaluated', round, evaluation: evaluation?.metric, nowMs } as const
    const advanced = await advanceCampaign(tx, row.id, event)
    if (!advanced?.isChanged) return
    if (evaluation) await changeRound(tx, row, { round: round - 1, figures: evaluatedFigures(evaluation), nowMs })
    await closeRound(tx, placeOf(it), nowMs)
  })
  await announceEnd(hub, it)
}

/** Makes the weights of the next round. A crash before the transaction repeats it with the same result. */
export async function aggregateRound(hub: Hub, it: RunningCampaign, signal: AbortSignal): Promise<void> {
  const { row, spec, course } = it
  const participants = await participantsOf(hub.store.db, placeOf(it))
  const updates = updatesIn(participants)
  const aggregation = {
    strategy: spec.strategy,
    noise: spec.privacy?.noise,
    elements: Number(row.elements),
    base: row.weights_digest,
    moments: row.moments_digest,
    local: { training: spec.training, fleet: course.fleet ?? updates.length },
    updates,
  }
  const mixed = await (spec.privacy?.masks
    ? aggregateMasked(hub, { ...aggregation, row, course }, signal)
    : aggregateUpdates(hub, aggregation, signal))
  if ('reason' in mixed) return repeatRound(hub, it, mixed.reason)
  await saveRound(hub, { ...it, participants, aggregate: mixed })
}

/** The sum stays masked. The devices begin the round again, with new keys. */
export async function repeatRound(hub: Hub, it: RunningCampaign, reason: string): Promise<void> {
  const { row, course } = it
  const nowMs = hub.clock.nowMs()
  const held = await updatesOf(hub.store.db, row.id, course.round)
  const isRepeated = await hub.store.transaction(async (tx) => {
    const advanced = await advanceCampaign(tx, row.id, { kind: 'unmaskable', round: course.round, reason, nowMs })
    if (advanced?.isChanged) await closeAttempt(tx, it, nowMs)
    return advanced?.isChanged
  })
  if (isRepeated) await dropUpdates(hub, row.organisation_id, held)
  await announceEnd(hub, it)
}

type Aggregated = Omit<Recorded, 'weights'>

async function saveRound(hub: Hub, it: Aggregated): Promise<void> {
  const { row, course, aggregate } = it
  const organisationId = row.organisation_id
  const held = await updatesOf(hub.store.db, row.id, course.round)
  const line = momentsLine(aggregate.moments)
  const moments = line
    ? await storeBlob(hub, { organisationId, bytes: bytesOfWeights(line) }, async (_tx, { digest }) => digest)
    : null
  const isRecorded = await storeBlob(
    hub,
    { organisationId, bytes: bytesOfWeights(aggregate.weights) },
    async (tx, { digest: weights }) => {
      if (!(await recordRound(tx, hub, { ...it, weights }))) return false
      await saveMoments(tx, row.id, moments)
      return true
    },
  )
  if (isRecorded) await dropUpdates(hub, organisationId, held)
  await announceEnd(hub, it)
}

type Recorded = RunningCampaign & {
  participants: readonly CampaignParticipantTable[]
  aggregate: Aggregate
  weights: CampaignCourse['weights']
}

/** False if the round is no longer the one that runs, such as after a pause. */
async function recordRound(tx: Tx, hub: Hub, it: Recorded): Promise<boolean> {
  const { row, spec, course, participants, aggregate, weights } = it
  const { round } = course
  const nowMs = hub.clock.nowMs()
  const evaluation = evaluationIn(spec, participants)
  const event = { kind: 'aggregated', round, weights, evaluation: evaluation?.metric, nowMs } as const
  const advanced = await advanceCampaign(tx, row.id, event)
  if (!advanced?.isChanged) return false
  if (evaluation) await changeRound(tx, row, { round: round - 1, figures: evaluatedFigures(evaluation), nowMs })
  for (const participant of participants) {
    const step = aggregate.steps.get(participant.device_id)
    if (step) await nameStep(tx, it, { participant, step })
  }
  await noteJoined(tx, placeOf(it))
  const { epsilon } = advanced.course
  const drops = dropsOf(participants)
  const far = [...aggregate.steps.values()].filter(({ isFar }) => isFar).length
  const figures = {
    ...(await dataFigures(tx, participants, aggregate)),
    ...figuresOf(participants, aggregate),
    ...drops,
    rejected: drops.rejected + far,
    ...(epsilon !== undefined && { epsilon }),
    endedAtMs: nowMs,
  }
  await changeRound(tx, row, { round, figures, weights, nowMs })
  await closeRound(tx, placeOf(it), nowMs)
  await dropMessages(tx, placeOf(it))
  await forgetWeights(tx, row, advanced.course)
  return true
}

type Named = { participant: CampaignParticipantTable; step: UpdateStep }

/** People see which device sent a step that was too long, or too far from the others. */
async function nameStep(tx: Tx, it: RunningCampaign, { participant, step }: Named): Promise<void> {
  const outcome = fromJson(participant.outcome)
  const { state, ...reason } = verdictOn(step)
  await saveReport(tx, placeOf(it), participant.device_id, {
    state,
    outcome: { ...outcome, norm: step.norm, ...reason },
    update: usedUpdate(participant),
    nowMs: participant.at_ms,
  })
}

function verdictOn({ norm, isBounded, isFar }: UpdateStep) {
  if (isFar)
    return {
      state: 'rejected',
      code: 'krum_far',
      message: 'its update is among the farthest from the others, which Krum leaves out',
    } as const
  if (!isBounded) return { state: 'counted' } as const
  const message = `its step of ${norm.toPrecision(3)} was shortened`
  return { state: 'bounded', code: 'norm_bounded', message } as const
}

/** The participants whose updates are in the weights. */
const countedIn = (participants: readonly CampaignParticipantTable[], { steps }: Aggregate) =>
  participants.filter(({ update_digest, device_id }) => update_digest !== null && !steps.get(device_id)?.isFar)

async function dataFigures(tx: Tx, participants: readonly CampaignParticipantTable[], aggregate: Aggregate) {
  const dataChanged = await changedDevices(tx, countedIn(participants, aggregate))
  return dataChanged === undefined ? {} : { dataChanged }
}

function figuresOf(participants: readonly CampaignParticipantTable[], aggregate: Aggregate) {
  const { steps } = aggregate
  const sent = participants.filter(({ update_digest }) => update_digest !== null)
  const counted = countedIn(participants, aggregate)
  const outcomes = outcomesOf(counted)
  const rows = outcomes.reduce((sum, one) => sum + (one.rows ?? 0), 0)
  const summed = outcomes.filter(({ sum }) => sum !== undefined).length
  const losses = outcomes.filter((one) => one.trainLoss !== undefined)
  const lossRows = losses.reduce((sum, one) => sum + (one.rows ?? 0), 0)
  const lossSum = losses.reduce((sum, one) => sum + (one.trainLoss ?? 0) * (one.rows ?? 0), 0)
  return {
    counted: counted.length,
    bounded: [...steps.values()].filter(({ isBounded }) => isBounded).length,
    rows,
    bytesUp: sent.reduce((sum, one) => sum + Number(one.update_bytes ?? 0), 0),
    ...(summed > 0 && { summed }),
    ...(lossRows > 0 && { trainLoss: lossSum / lossRows }),
  }
}
