/** Masked round: the stages of a round in which the hub receives masked updates, derived from the stored messages. */
import { MaskKeys, type MaskOrder, MaskReveal, MaskShares, type MaskStage } from '@skerry/contract/campaigns/masking'
import type { DeviceId } from '@skerry/contract/values/ids'
import type { CampaignCourse, RoundTally } from '@skerry/core/campaigns/course'
import { type MaskPlan, planMasks, sharedNeighbours } from '@skerry/core/campaigns/masked-round'
import { wordBits } from '@skerry/core/masking/quantise'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { CampaignTable } from '../store/tables/learning/campaign-tables.ts'
import { countSenders, type MaskMessage, messagesTo, sendersOf } from './mask-store.ts'
import { type Attempt, participantsOf, tallyOf } from './participant-store.ts'

type Masked = { row: CampaignTable; course: CampaignCourse }

const attemptOf = ({ row, course: { round, attempt } }: Masked): Attempt => ({ campaign: row.id, round, attempt })

/** The neighbours and the threshold, from the devices that sent keys. */
export async function maskPlanOf(db: Db, it: Masked): Promise<MaskPlan> {
  const { row, course } = it
  const chance = { seed: fromJson(row.spec).seed ?? 0, round: course.round, attempt: course.attempt }
  return planMasks(await sendersOf(db, attemptOf(it), 'keys'), chance)
}

/** The devices in the stage, counted. A device whose update has arrived answers to the last stage. */
export async function maskedTally(db: Db, it: Masked, stage: MaskStage): Promise<RoundTally> {
  const attempt = attemptOf(it)
  const tally = await tallyOf(db, attempt)
  if (stage === 'update') return tally
  const answered = await countSenders(db, attempt, stage)
  if (stage !== 'reveal') return { ...tally, asked: tally.asked - answered, reported: answered }
  const { threshold } = await maskPlanOf(db, it)
  return { ...tally, asked: tally.reported - answered, reported: answered, needed: threshold }
}

/** The part of the order that is about masks. Undefined if the device has nothing to do in the stage. */
export async function maskOrderOf(db: Db, it: Masked, device: DeviceId): Promise<MaskOrder | undefined> {
  const { stage } = it.course
  const attempt = attemptOf(it)
  if (stage === undefined) return undefined
  if (stage !== 'update' && (await sendersOf(db, attempt, stage)).includes(device)) return undefined
  switch (stage) {
    case 'keys':
      return { stage }
    case 'shares':
      return sharesOrder(db, it, device)
    case 'update':
      return updateOrder(db, it, device)
    case 'reveal':
      return revealOrder(db, it)
  }
}

async function sharesOrder(db: Db, it: Masked, device: DeviceId): Promise<MaskOrder> {
  const { neighbours, threshold } = await maskPlanOf(db, it)
  const keys = await messagesTo(db, attemptOf(it), 'keys')
  const near = (neighbours.get(device) ?? []).flatMap((id) => {
    const content = keys.get(id)
    if (content === undefined) return []
    const { channelKey, maskKey } = MaskKeys.parse(JSON.parse(content))
    return [{ device: id, channelKey, maskKey }]
  })
  return { stage: 'shares', threshold, neighbours: near }
}

async function updateOrder(db: Db, it: Masked, device: DeviceId): Promise<MaskOrder> {
  const attempt = attemptOf(it)
  const devices = await sendersOf(db, attempt, 'shares')
  const boxes = [...(await messagesTo(db, attempt, 'shares', device))].map(([from, box]) => ({ from, box }))
  const { strategy, privacy } = fromJson(it.row.spec)
  return {
    stage: 'update',
    devices,
    boxes,
    clip: privacy?.masks?.clip ?? 1,
    bits: wordBits(devices.length),
    // With noise, each device counts the same.
    rowsMax: privacy?.noise ? 1 : (it.course.rowsMax ?? 1),
    ...(strategy.kind === 'norm-bound' && { bound: strategy.bound }),
    ...(privacy?.noise && { bound: privacy.noise.bound }),
  }
}

async function revealOrder(db: Db, it: Masked): Promise<MaskOrder> {
  const { uploaded, vanished } = await maskedDevices(db, it)
  return { stage: 'reveal', uploaded, vanished }
}

export type MaskedDevices = { devices: DeviceId[]; uploaded: DeviceId[]; vanished: DeviceId[] }

/** The devices that sent shares, and whether the update of each is here. */
export async function maskedDevices(db: Db, it: Masked): Promise<MaskedDevices> {
  const attempt = attemptOf(it)
  const devices = await sendersOf(db, attempt, 'shares')
  const participants = await participantsOf(db, attempt)
  const here = new Set(
    participants.flatMap(({ device_id, update_digest }) => (update_digest === null ? [] : device_id)),
  )
  return {
    devices,
    uploaded: devices.filter((id) => here.has(id)),
    vanished: devices.filter((id) => !here.has(id)),
  }
}

/** The messages in the body of a report; undefined if the hub cannot read it, or it does not fit the round. */
export async function readMessages(
  db: Db,
  it: Masked,
  { device, stage, bytes }: { device: DeviceId; stage: MaskStage; bytes: Uint8Array },
): Promise<MaskMessage[] | undefined> {
  const body = parsedBody(bytes)
  if (stage === 'keys') return wholeMessage(MaskKeys.safeParse(body))
  if (stage === 'reveal') return wholeMessage(MaskReveal.safeParse(body))
  const shares = MaskShares.safeParse(body)
  if (stage !== 'shares' || !shares.success) return undefined
  const { boxes } = shares.data
  const near = new Set((await maskPlanOf(db, it)).neighbours.get(device))
  const receivers = new Set(boxes.map(({ to }) => to))
  const isForAll =
    receivers.size === near.size && boxes.length === near.size && [...near].every((id) => receivers.has(id))
  return isForAll ? boxes.map(({ to, box }) => ({ to, content: box })) : undefined
}

/** A device that reveals nothing. Others have shares of the same secrets. */
export const NOTHING_REVEALED: readonly MaskMessage[] = [{ content: JSON.stringify({ seeds: [], keys: [] }) }]

const wholeMessage = (read: { success: true; data: object } | { success: false }): MaskMessage[] | undefined =>
  read.success ? [{ content: JSON.stringify(read.data) }] : undefined

function parsedBody(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
}

/** The neighbours among the devices that sent shares. */
export const neighboursOfSum = (plan: MaskPlan, { devices }: MaskedDevices) => sharedNeighbours(plan, new Set(devices))
