/**
 * Advance together: the next step of a federated order. It is derived from the records, so that each result, each cancelled
 * learning and each sweep can call it, and a hub that was killed goes on.
 */

import { isLearningOver } from '@skerry/contract/learning/learning'
import type { LearningFleetSpec } from '@skerry/contract/learning/learning-fleet'
import type { LearningFleetId } from '@skerry/contract/values/ids'
import { lateReason, nextTogether } from '@skerry/core/learning/together'
import { assertNever } from '@skerry/core/values/assert-never'
import { joinParts, middleUnits, otherUnit } from '@skerry/onnx/learn/joint'
import type { Hub } from '../../../hub.ts'
import { fromJson } from '../../../store/json-column.ts'
import type { Tx } from '../../../store/store.ts'
import { finishLearning } from '../../finish-learning.ts'
import { partOfText, textOfPart } from './numbers.ts'
import { publishTogether } from './publish-together.ts'
import {
  dropParts,
  type FederatedFleet,
  type FederatedMember,
  federatedFleet,
  federatedMembers,
  isTogetherOver,
  liveFederatedFleets,
  saveTogether,
} from './together-store.ts'

/** Nothing happens for an order in which each device learns a detector of its own. */
export async function advanceTogether(hub: Hub, id: LearningFleetId): Promise<void> {
  const found = await federatedFleet(hub.store.db, { fleet_id: id })
  if (!found) return
  const members = await federatedMembers(hub.store.db, id)
  const step = nextTogether({ isJoined: found.state.joint !== undefined, isOver: isTogetherOver(found.state) }, members)
  switch (step.kind) {
    case 'wait':
      return
    case 'join':
      if ((await refuseOtherUnits(hub, fromJson(found.fleet.spec), members)) > 0) return advanceTogether(hub, id)
      return join(hub, id)
    case 'publish':
      return publishTogether(hub, found, members)
    case 'fail':
      return fail(hub, id, step.reason)
    default:
      assertNever(step)
  }
}

/** The middle is that of all machines, and a machine far from it has another unit. The others go on without it. */
async function refuseOtherUnits(
  hub: Hub,
  spec: LearningFleetSpec,
  members: readonly FederatedMember[],
): Promise<number> {
  const parts = liveParts(members)
  const middle = middleUnits(parts.map(({ part }) => part))
  let refused = 0
  for (const { row, part } of parts) {
    const other = otherUnit(part, middle)
    if (!other) continue
    const reason = `unit_changed: the spread of ${spec.tags[other.tag]} is ${Number(other.factor.toPrecision(2))} times the usual one of these machines: correct the scaling of the tag, and start the order again`
    await finishLearning(hub, row, { phase: 'refused', reason })
    refused += 1
  }
  return refused
}

const liveParts = (members: readonly FederatedMember[]) =>
  members.flatMap(({ phase, row, part }) =>
    part && !isLearningOver(phase) ? [{ row, part: partOfText(fromJson(part.part)) }] : [],
  )

/** The records are read again within the transaction: a second result may have come at the same moment. */
async function join(hub: Hub, id: LearningFleetId): Promise<void> {
  const joined = await hub.store.transaction(async (tx) => {
    const it = await stepNow(tx, id)
    if (it?.step.kind !== 'join') return []
    const live = liveParts(it.members)
    const joint = joinParts(live.map(({ part }) => part))
    const facts = { devices: live.length, rows: joint.rows }
    await saveTogether(tx, id, { ...it.state, joint: textOfPart(joint), ...facts })
    return live
  })
  for (const { row } of joined) hub.bus.publish('learning.ordered', row.device_id)
  for (const { row } of joined.slice(0, 1)) hub.bus.publish('learning.changed', row.organisation_id)
}

async function stepNow(tx: Tx, id: LearningFleetId) {
  const found = await federatedFleet(tx, { fleet_id: id })
  if (!found) return undefined
  const members = await federatedMembers(tx, id)
  const now = { isJoined: found.state.joint !== undefined, isOver: isTogetherOver(found.state) }
  return { ...found, members, step: nextTogether(now, members) }
}

/** The learnings that are under way end with the order. */
async function fail(hub: Hub, id: LearningFleetId, reason: string): Promise<void> {
  const members = await federatedMembers(hub.store.db, id)
  for (const { row, phase } of members)
    if (!isLearningOver(phase)) await finishLearning(hub, row, { phase: 'refused', reason })
  await hub.store.transaction(async (tx) => {
    const found = await federatedFleet(tx, { fleet_id: id })
    if (!found || isTogetherOver(found.state)) return
    const { joint: _, ...state } = found.state
    await saveTogether(tx, id, { ...state, reason })
    await dropParts(
      tx,
      members.map(({ row }) => row),
    )
  })
}

/** Devices that are late are left behind, and orders go on whose last event was lost. Returns the number of late devices. */
export async function sweepTogether(hub: Hub): Promise<number> {
  let late = 0
  for (const found of await liveFederatedFleets(hub.store.db)) {
    try {
      late += await sweepOrder(hub, found)
    } catch (error) {
      // The next sweep tries it again, and the other orders go on meanwhile.
      hub.log.error('learning_order_failed', { id: found.fleet.id, name: found.fleet.name, error })
    }
  }
  return late
}

async function sweepOrder(hub: Hub, { fleet, state }: FederatedFleet): Promise<number> {
  let late = 0
  const facts = {
    spec: fromJson(fleet.spec),
    startedAtMs: Number(fleet.created_at_ms),
    isJoined: state.joint !== undefined,
    nowMs: hub.clock.nowMs(),
  }
  for (const member of await federatedMembers(hub.store.db, fleet.id)) {
    const reason = lateReason(facts, member)
    if (reason === undefined) continue
    await finishLearning(hub, member.row, { phase: 'cancelled', reason })
    late += 1
  }
  await advanceTogether(hub, fleet.id)
  return late
}
