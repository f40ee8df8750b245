/** Handlers of the procedures on learning fleets. */
import { isLearningOver } from '@skerry/contract/learning/learning'
import type { LearningFleetSpec } from '@skerry/contract/learning/learning-fleet'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { alarmFlowName } from '@skerry/core/learning/alarm-flow'
import { memberSpec } from '@skerry/core/learning/fleet'
import { devicesTrouble, TOGETHER_DEVICES_MIN } from '@skerry/core/learning/together'
import type { DeviceRow } from '../../devices/device-store.ts'
import type { KeyCall } from '../../http/call.ts'
import { os } from '../../http/implementer.ts'
import { pageFrom } from '../../http/page.ts'
import { problem } from '../../http/problem.ts'
import { findModel } from '../../models/version-store.ts'
import { toJson } from '../../store/json-column.ts'
import type { Db, Tx } from '../../store/store.ts'
import type { LearningFleetTable, LearningTable } from '../../store/tables/learning/learning-tables.ts'
import { endLearning, insertLearning } from '../learning-store.ts'
import { leaveOutTimes } from '../mark-handlers.ts'
import { deployTrouble, learningRow, refuseRecipe } from '../new-learning.ts'
import { fleetMembers, refuseBegun } from './fleet-members.ts'
import {
  findLearningFleet,
  insertLearningFleet,
  knownLearningFleet,
  learningFleetOf,
  learningFleetView,
  learningsOfFleet,
  listLearningFleets,
  phasesOf,
} from './fleet-store.ts'
import { cancelTogether, togetherIn } from './together/together-store.ts'
import { undoJoint, undoLearnings } from './undo-fleet.ts'

export const learningFleetHandlers = {
  listFleets: os.learning.listFleets.handler(async ({ context, input: { limit, after } }) => {
    const { db } = context.hub.store
    const rows = await listLearningFleets(db, { organisationId: context.organisationId, limit: limit + 1, after })
    const phases = await phasesOf(
      db,
      rows.map(({ id }) => id),
    )
    return pageFrom(
      rows.map((row) => learningFleetOf(row, phases.get(row.id))),
      limit,
      ({ id }) => id,
    )
  }),
  getFleet: os.learning.getFleet.handler(async ({ context: { hub, organisationId }, input: { name } }) => {
    const { db } = hub.store
    return learningFleetView(db, await knownLearningFleet(db, { organisationId, name }))
  }),
  startFleet: os.learning.startFleet.handler(async ({ context, input: { spec, leaveOut = [] } }) => {
    const { hub, organisationId, caller } = context
    await refuseRecipe(context, spec)
    await refuseLiveFleet(hub.store.db, organisationId, spec.name)
    const { devices, leftOut } = await fleetMembers(context, spec)
    if (spec.federated) await refuseTogether(context, spec, devices)
    const fleet: LearningFleetTable = {
      id: hub.ids.learningFleet(),
      organisation_id: organisationId,
      name: spec.name,
      spec: toJson(spec),
      left_out: toJson(leftOut),
      together: spec.federated ? toJson({ campaign: hub.ids.campaign() }) : null,
      created_at_ms: hub.clock.nowMs(),
      created_by: caller.name,
    }
    const rows = devices.map((device) => ({
      ...learningRow(context, memberSpec(spec, device.name), device),
      fleet_id: fleet.id,
    }))
    await context.change(async (tx, note) => {
      note.object.id = spec.name
      note.detail = {
        selector: spec.selector,
        source: spec.source,
        tags: spec.tags,
        result: spec.result,
        devices: devices.length,
        leftOut: leftOut.length,
        ...(spec.federated && { federated: true }),
      }
      await refuseLiveFleet(tx, organisationId, spec.name)
      await refuseBegun(
        tx,
        organisationId,
        rows.map(({ name }) => name),
      )
      await insertLearningFleet(tx, fleet)
      for (const row of rows) {
        await insertLearning(tx, row)
        await leaveOutTimes(tx, context, row, leaveOut)
      }
    })
    publishAll(context, rows)
    return learningFleetView(hub.store.db, fleet)
  }),
  cancelFleet: os.learning.cancelFleet.handler(async ({ context, input: { name, reason } }) => {
    const { hub, organisationId } = context
    const { db } = hub.store
    const fleet = await knownLearningFleet(db, { organisationId, name })
    const ended = await context.change(async (tx, note) => {
      note.object.id = name
      const cancelled = await cancelLive(tx, context, { fleet, reason })
      note.detail = { reason, devices: cancelled.length }
      if (cancelled.length === 0) throw problem('learning_over', `no learning of ${name} is under way`)
      return cancelled
    })
    publishAll(context, ended)
    return learningFleetView(db, await knownLearningFleet(db, { organisationId, name }))
  }),
  undoFleet: os.learning.undoFleet.handler(async ({ context, input: { name, reason } }) => {
    const { hub, organisationId } = context
    const fleet = await knownLearningFleet(hub.store.db, { organisationId, name })
    const trouble = await deployTrouble(context)
    if (trouble) throw problem('learning_refused', UNDO_TROUBLES[trouble])
    const ended = await context.change(async (tx, note) => {
      note.object.id = name
      const cancelled = await cancelLive(tx, context, { fleet, reason })
      note.detail = { reason, devices: cancelled.length }
      return cancelled
    })
    publishAll(context, ended)
    const learnings = await learningsOfFleet(hub.store.db, fleet.id)
    const state = togetherIn(await knownLearningFleet(hub.store.db, { organisationId, name }))
    const undone = state ? await undoJoint(hub, fleet, learnings, state) : await undoLearnings(hub, learnings)
    hub.bus.publish('learning.changed', organisationId)
    return undone
  }),
}

const UNDO_TROUBLES = {
  permission: 'an undo changes deployments and needs the permission deployment.write, which your role lacks',
  'two people':
    'your organisation asks for two people to change a deployment; cancel the order, and roll each deployment back',
}

/** A second order of the name would have the same detectors. */
async function refuseLiveFleet(db: Db, organisationId: OrganisationId, name: string): Promise<void> {
  const current = await findLearningFleet(db, { organisationId, name })
  const learnings = current ? await learningsOfFleet(db, current.id) : []
  if (learnings.some(({ phase }) => !isLearningOver(phase)))
    throw problem('learning_exists', `the order ${name} is under way; wait, or cancel it`)
}

/** A joint detector has the name of the order, and one deployment. */
async function refuseTogether(
  { hub, organisationId }: KeyCall,
  { name }: LearningFleetSpec,
  devices: readonly DeviceRow[],
): Promise<void> {
  const refuse = (message: string) => problem('learning_refused', message)
  if (devices.length < TOGETHER_DEVICES_MIN)
    throw refuse(`a joint detector needs at least ${TOGETHER_DEVICES_MIN} devices that can begin`)
  const trouble = devicesTrouble(devices.map((device) => device.name))
  if (trouble) throw refuse(trouble)
  for (const [one, kind] of [
    [name, 'model'],
    [alarmFlowName(name), 'flow'],
  ] as const) {
    const owner = await findModel(hub.store.db, { organisationId, name: one })
    if (owner && owner.kind !== kind)
      throw refuse(`the name ${one} belongs to a ${owner.kind}; choose another name for the order`)
  }
}

type Cancelling = { fleet: LearningFleetTable; reason: string }

/** Ends the order. Returns the learnings that were under way. */
async function cancelLive(tx: Tx, { hub }: KeyCall, { fleet, reason }: Cancelling): Promise<LearningTable[]> {
  const nowMs = hub.clock.nowMs()
  const ended: LearningTable[] = []
  for (const row of await learningsOfFleet(tx, fleet.id))
    if (await endLearning(tx, row.id, { phase: 'cancelled', reason, nowMs })) ended.push(row)
  await cancelTogether(tx, fleet.id, reason)
  return ended
}

function publishAll({ hub, organisationId }: KeyCall, rows: readonly LearningTable[]): void {
  for (const { device_id: deviceId } of rows) hub.bus.publish('learning.ordered', deviceId)
  hub.bus.publish('learning.changed', organisationId)
}
