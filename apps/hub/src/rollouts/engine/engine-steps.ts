/** Engine steps: what the engine does for rollouts and reports, each in transactions of its own. */
import type { DeviceId, RolloutId } from '@skerry/contract/values/ids'
import { dueAtMs } from '@skerry/core/rollouts/rollout-state'
import { queueDevices } from '../../desired/desired-queue.ts'
import { findDeviceById } from '../../devices/device-store.ts'
import type { Tx } from '../../store/store.ts'
import { sendEvents } from '../rollout-step.ts'
import { findRollout, type RolloutRecord, unendedRollouts } from '../rollout-store.ts'
import { type EngineHub, forDevices, forRollout } from './engine-work.ts'
import { judgeReports } from './report-judge.ts'

/** Judges what devices reported. Gives those for which that failed. */
export function judgeChanged(hub: EngineHub, ids: readonly DeviceId[]): Promise<DeviceId[]> {
  const nowMs = hub.clock.nowMs()
  return forDevices(hub, ids, (tx, deviceIds) => judgeReports(tx, { deviceIds }, nowMs))
}

/** Judges again the devices of which nothing decisive has been heard. */
export async function judgeUndecided(hub: EngineHub): Promise<void> {
  const nowMs = hub.clock.nowMs()
  for (const { id, state } of await unendedRollouts(hub.store.db)) {
    const isDecided = state.waves.every(({ counts }) => counts.offered + counts['timed-out'] === 0)
    if (!isDecided) await forRollout(hub, id, (tx) => judgeReports(tx, { rolloutId: id }, nowMs))
  }
}

/** Lets time pass for the rollouts for which that changes something. */
export async function tickDue(hub: EngineHub): Promise<void> {
  const nowMs = hub.clock.nowMs()
  for (const rollout of await unendedRollouts(hub.store.db)) {
    const due = dueAtMs(rollout.plan, rollout.state)
    if (due !== undefined && due <= nowMs) await forRollout(hub, rollout.id, (tx) => tickOne(tx, rollout, nowMs))
  }
}

/** Read again inside the transaction: it may have changed since it was found to be due. */
async function tickOne(tx: Tx, { id, organisation_id }: RolloutRecord, nowMs: number): Promise<RolloutId[]> {
  const rollout = await findRollout(tx, { organisationId: organisation_id, rolloutId: id })
  if (!rollout) return []
  const sent = await sendEvents(tx, rollout, [{ kind: 'tick' }], nowMs)
  return sent.ok && sent.isChanged ? [id] : []
}

/** A person asked that these devices try again what failed: their documents carry it. Gives those for which that failed. */
export function queueRetried(hub: EngineHub, ids: readonly DeviceId[]): Promise<DeviceId[]> {
  return forDevices(hub, ids, async (tx, deviceIds) => {
    for (const id of deviceIds) {
      const device = await findDeviceById(tx, id)
      if (device) await queueDevices(tx, device.organisation_id, [id])
    }
    return []
  })
}

/** Has every device's document derived again, which costs nothing where it stays the same. */
export async function queueEverybody({ store }: EngineHub): Promise<void> {
  await store.transaction(async (tx) => {
    await tx
      .insertInto('desired_queue')
      .columns(['device_id', 'organisation_id'])
      .expression((eb) =>
        eb.selectFrom('devices').select(['id as device_id', 'organisation_id']).where('status', '=', 'active'),
      )
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  })
}
