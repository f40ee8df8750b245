/** Handlers of the procedures on learnings. */
import { isLearningOver, type LearningSpec } from '@skerry/contract/learning/learning'
import { alarmFlowName } from '@skerry/core/learning/alarm-flow'
import { LIVE_LEARNINGS_MAX } from '@skerry/core/learning/fleet'
import { findDevice } from '../devices/device-store.ts'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem } from '../http/problem.ts'
import { findModel } from '../models/version-store.ts'
import { advanceTogether } from './fleet/together/advance-together.ts'
import {
  endLearning,
  findLearning,
  insertLearning,
  knownLearning,
  learningOf,
  listLearnings,
  liveLearningsOf,
} from './learning-store.ts'
import { leaveOutTimes, markedLearning } from './mark-handlers.ts'
import { learningRow, refuseRecipe } from './new-learning.ts'

export const learningReadHandlers = {
  list: os.learning.list.handler(async ({ context: { hub, organisationId }, input: { limit, after } }) => {
    const rows = await listLearnings(hub.store.db, { organisationId, limit: limit + 1, after })
    return pageFrom(rows.map(learningOf), limit, ({ id }) => id)
  }),
  get: os.learning.get.handler(async ({ context, input: { name } }) => {
    const { hub, organisationId } = context
    return markedLearning(context, await knownLearning(hub.store.db, { organisationId, name }))
  }),
}

export const learningChangeHandlers = {
  start: os.learning.start.handler(async ({ context, input: { spec, leaveOut = [] } }) => {
    const { hub, organisationId } = context
    const device = await findDevice(hub.store.db, organisationId, spec.device)
    if (!device) throw problem('device_unknown')
    await refuseSpec(context, spec, device)
    const row = learningRow(context, spec, device)
    await context.change(async (tx, note) => {
      const current = await findLearning(tx, { organisationId, name: spec.name })
      if (current && !isLearningOver(current.phase)) throw problem('learning_exists')
      note.object.id = spec.name
      note.detail = { device: device.name, source: spec.source, tags: spec.tags, result: spec.result }
      await insertLearning(tx, row)
      await leaveOutTimes(tx, context, row, leaveOut)
    })
    hub.bus.publish('learning.ordered', device.id)
    hub.bus.publish('learning.changed', organisationId)
    return learningOf(row)
  }),
  cancel: os.learning.cancel.handler(async ({ context, input: { name, reason } }) => {
    const { hub, organisationId } = context
    const row = await knownLearning(hub.store.db, { organisationId, name })
    await context.change(async (tx, note) => {
      note.object.id = name
      note.detail = { reason }
      const isEnded = await endLearning(tx, row.id, { phase: 'cancelled', reason, nowMs: hub.clock.nowMs() })
      if (!isEnded) throw problem('learning_over')
    })
    hub.bus.publish('learning.ordered', row.device_id)
    hub.bus.publish('learning.changed', row.organisation_id)
    // The other devices of a federated order do not wait for it any more.
    if (row.fleet_id) await advanceTogether(hub, row.fleet_id)
    return learningOf(await knownLearning(hub.store.db, { organisationId, name }))
  }),
}

type Device = NonNullable<Awaited<ReturnType<typeof findDevice>>>

/** Throws with the reason why the learning cannot run. */
async function refuseSpec(call: KeyCall, spec: LearningSpec, device: Device): Promise<void> {
  const refuse = (message: string) => problem('learning_refused', message)
  if (device.status !== 'active') throw refuse(`the device ${device.name} is ${device.status}`)
  if ((await liveLearningsOf(call.hub.store.db, device.id)).length >= LIVE_LEARNINGS_MAX)
    throw refuse(`the device ${device.name} has ${LIVE_LEARNINGS_MAX} learnings under way; wait, or cancel one of them`)
  await refuseNames(call, spec.name)
  await refuseRecipe(call, spec)
}

/** A name of another kind would fail at the end of a week of learning. */
async function refuseNames({ hub, organisationId }: KeyCall, name: string): Promise<void> {
  const taken = async (one: string, kind: 'model' | 'flow') => {
    const owner = await findModel(hub.store.db, { organisationId, name: one })
    if (owner && owner.kind !== kind)
      throw problem('learning_refused', `the name ${one} belongs to a ${owner.kind}; choose another name`)
  }
  await taken(name, 'model')
  await taken(alarmFlowName(name), 'flow')
}
