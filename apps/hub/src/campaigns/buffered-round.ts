/**
 * Buffered round: the work of a campaign whose devices do not wait for each other. A device that has reported begins
 * again with the newest weights. Updates stay in the buffer over the rounds until a step takes them.
 */
import type { Digest } from '@skerry/contract/values/digest'
import { staleFactor, staleMaxOf } from '@skerry/core/campaigns/buffered'
import { chooseParticipants, wantedCount } from '@skerry/core/campaigns/choose'
import { type CampaignCourse, isFinalRound } from '@skerry/core/campaigns/course'
import { evaluatedFigures, joinEvaluations } from '@skerry/core/campaigns/metric'
import { createMixer, isMeanStrategy } from '@skerry/core/campaigns/strategy'
import { bytesOfWeights } from '@skerry/core/campaigns/weights'
import { lastErasure } from '../captures/capture-store.ts'
import type { Hub } from '../hub.ts'
import { fromJson } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import type { CampaignParticipantTable } from '../store/tables/learning/campaign-tables.ts'
import { bufferOf, markExpired, type RoundSpan } from './buffer-store.ts'
import { dropUpdates, readWeights, storeBlob } from './campaign-blobs.ts'
import { advanceCampaign, changeRound, findRound, forgetWeights } from './campaign-store.ts'
import { candidatesOf } from './candidates.ts'
import { changedDevices } from './data/data-store.ts'
import { closeRound, insertParticipants, saveReport, usedUpdate } from './participant-store.ts'
import type { RunningCampaign } from './run-round.ts'

/** The rounds whose updates still count. */
const spanOf = ({ row, spec, course }: RunningCampaign): RoundSpan => ({
  campaign: row.id,
  from: course.round - (staleMaxOf(spec) ?? 0),
  to: course.round,
})

/** Gives work to the devices that are free. */
export async function refillBuffer(hub: Hub, it: RunningCampaign): Promise<void> {
  const { row, spec, course } = it
  const { db } = hub.store
  const busy = new Set((await bufferOf(db, spanOf(it))).flatMap((one) => (one.state === 'asked' ? one.device_id : [])))
  const erasure = await lastErasure(db, row.organisation_id)
  const candidates = await candidatesOf(hub, row.organisation_id, spec)
  const free = candidates.filter((one) => one.isEligible && one.isConnected && !busy.has(one.id))
  const nowMs = hub.clock.nowMs()
  const eligible = busy.size + free.length
  if (eligible < spec.participants.minimum) {
    await hub.store.transaction((tx) => advanceCampaign(tx, row.id, { kind: 'lacking', eligible, nowMs }, course))
    return
  }
  const { round, attempt } = course
  const names = new Map(free.map(({ id, device }) => [id, device]))
  const wanted = Math.max(0, wantedCount(spec) - busy.size)
  const devices = chooseParticipants([...names.keys()], wanted, { seed: spec.seed ?? 0, round, attempt })
  const isBegun = await hub.store.transaction(async (tx) => {
    if ((await lastErasure(tx, row.organisation_id)) !== erasure) return false
    const advanced = await advanceCampaign(tx, row.id, { kind: 'selected', devices, nowMs }, course)
    if (!advanced || advanced.before.phase === advanced.course.phase) return false
    const chosen = devices.map((id) => ({ id, name: names.get(id) ?? id }))
    await insertParticipants(tx, row, { round, attempt, devices: chosen, nowMs })
    await changeRound(tx, row, { round, figures: { attempts: attempt, selected: devices.length }, nowMs })
    return true
  })
  if (!isBegun) return
  hub.bus.publish('campaign.changed', row.id)
  for (const device of devices) hub.bus.publish('campaign.ordered', device)
}

/** Makes a step as soon as the buffer is full. */
export async function watchBuffer(hub: Hub, it: RunningCampaign): Promise<void> {
  const { row, spec } = it
  const nowMs = hub.clock.nowMs()
  const isMoved = await hub.store.transaction(async (tx) => {
    await markExpired(tx, spanOf(it), nowMs - spec.deadlineSeconds * 1_000, nowMs)
    const buffer = await bufferOf(tx, spanOf(it))
    const asked = buffer.filter(({ state }) => state === 'asked').length
    const tally = { asked, reported: buffer.length - asked, ended: 0 }
    const advanced = await advanceCampaign(tx, row.id, { kind: 'tallied', tally, nowMs })
    return advanced !== undefined && advanced.before.phase !== advanced.course.phase
  })
  if (isMoved) hub.bus.publish('campaign.changed', row.id)
}

/** Adds the updates of the buffer up, each from the weights that it started with. */
export async function stepBuffer(hub: Hub, it: RunningCampaign, signal: AbortSignal): Promise<void> {
  const { row, spec, course } = it
  const { strategy } = spec
  if (!isMeanStrategy(strategy)) throw new Error(`${strategy.kind} has no buffer`)
  const elements = Number(row.elements)
  const base = await readWeights(hub, row.weights_digest, elements, signal)
  const mixer = createMixer(strategy, base, {})
  const used: Used[] = []
  const buffer = await bufferOf(hub.store.db, spanOf(it))
  for (const participant of buffer) {
    const { update_digest: digest, round } = participant
    const start = digest === null ? undefined : await startOf(hub, it, round)
    if (digest === null || start === undefined) continue
    const values = await readWeights(hub, digest, elements, signal)
    const age = course.round - round
    const from = age === 0 ? base : await readWeights(hub, start, elements, signal)
    const rows = fromJson(participant.outcome).rows ?? 1
    const { norm } = mixer.add(values, rows, { base: from, factor: staleFactor(age) })
    used.push({ participant, digest, age, norm })
  }
  const { weights } = mixer.mix()
  const organisationId = row.organisation_id
  const dropped = await storeBlob(hub, { organisationId, bytes: bytesOfWeights(weights) }, (tx, blob) =>
    recordStep(tx, hub, { ...it, used, weights: blob.digest }),
  )
  await dropUpdates(hub, organisationId, dropped)
  hub.bus.publish('campaign.changed', row.id)
  // Devices that are not awaited any more end their training.
  for (const { device_id } of buffer) hub.bus.publish('campaign.ordered', device_id)
}

/** `age`: the rounds since its training began. */
type Used = { participant: CampaignParticipantTable; digest: Digest; age: number; norm: number }

/** The weights from which the devices of a round started. */
async function startOf(hub: Hub, { row, course }: RunningCampaign, round: number): Promise<Digest | undefined> {
  if (round === course.round) return row.weights_digest
  return (await findRound(hub.store.db, row.id, round - 1))?.weights_digest ?? undefined
}

type Step = RunningCampaign & { used: readonly Used[]; weights: CampaignCourse['weights'] }

/** The updates that are no longer needed; none if the step is not recorded, such as after a pause. */
async function recordStep(tx: Tx, hub: Hub, it: Step): Promise<Digest[]> {
  const { row, spec, course, used, weights } = it
  const { round } = course
  const nowMs = hub.clock.nowMs()
  const outcomes = used.map(({ participant, age }) => ({ ...fromJson(participant.outcome), age }))
  // Old updates evaluated older weights.
  const fresh = outcomes.flatMap((one) => (one.age === 0 && one.evaluation ? one.evaluation : []))
  const evaluation = joinEvaluations(spec, fresh)
  const event = { kind: 'aggregated', round, weights, evaluation: evaluation?.metric, nowMs } as const
  const advanced = await advanceCampaign(tx, row.id, event)
  if (!advanced?.isChanged) return []
  if (evaluation) await changeRound(tx, row, { round: round - 1, figures: evaluatedFigures(evaluation), nowMs })
  for (const one of used) await nameUse(tx, it, one)
  const participants = used.map(({ participant }) => participant)
  const dataChanged = await changedDevices(tx, participants)
  const figures = {
    ...(dataChanged !== undefined && { dataChanged }),
    counted: used.length,
    rows: outcomes.reduce((sum, { rows = 0 }) => sum + rows, 0),
    bytesUp: used.reduce((sum, { participant }) => sum + Number(participant.update_bytes ?? 0), 0),
    endedAtMs: nowMs,
  }
  await changeRound(tx, row, { round, figures, weights, nowMs })
  const left = isFinalRound(advanced.course) ? await bufferOf(tx, spanOf(it)) : []
  // After the last step, no device is awaited. Before, those whose update would be too old are not.
  if (isFinalRound(advanced.course)) await closeRound(tx, { campaign: row.id, round }, nowMs)
  else await markExpired(tx, { campaign: row.id, from: spanOf(it).from - 1, to: spanOf(it).from }, nowMs + 1, nowMs)
  await forgetWeights(tx, row, advanced.course)
  return [...used.map(({ digest }) => digest), ...left.flatMap(({ update_digest }) => update_digest ?? [])]
}

/** People see how old an update was. */
async function nameUse(tx: Tx, { row, course }: RunningCampaign, { participant, age, norm }: Used): Promise<void> {
  const reason = age === 0 ? {} : { code: 'stale', message: `its training began ${age} rounds earlier` }
  const { round, attempt, device_id } = participant
  await saveReport(tx, { campaign: row.id, round, attempt }, device_id, {
    state: 'counted',
    outcome: { ...fromJson(participant.outcome), norm, ...reason },
    update: usedUpdate(participant),
    joinedRound: course.round,
    nowMs: participant.at_ms,
  })
}
