/** Engine steps: the engine's work on rollouts and reports, each in transactions of its own. */
import type { DeviceId, RolloutId } from '@skerry/contract/values/ids'
import { dueAtMs } from '@skerry/core/rollouts/rollout-state'
import { queueDevices } from '../../desired/desired-queue.ts'
import { findDeviceById } from '../../devices/device-store.ts'
import type { Tx } from '../../store/store.ts'
import { movingDevices } from '../../systems/stage-store.ts'
import { sendEvents } from '../rollout-step.ts'
import { findRollout, type RolloutRecord, unendedRollouts } from '../rollout-store.ts'
import { type EngineHub, forDevices, forRollout } from './engine-work.ts'
import { judgeReports } from './report-judge.ts'

/** Judges the reports of devices. Returns the devices for which it failed. */
export function judgeChanged(hub: EngineHub, ids: readonly DeviceId[]): Promise<DeviceId[]> {
  const nowMs = hub.clock.nowMs()
  return forDevices(hub, ids, (tx, deviceIds) => judgeReports(tx, { deviceIds }, nowMs))
}

/** Judges the undecided devices again. */
export async function judgeUndecided(hub: EngineHub): Promise<void> {
  const nowMs = hub.clock.nowMs()
  for (const { id, state } of await unendedRollouts(hub.store.db)) {
    const isDecided = state.waves.every(({ counts }) => counts.offered + counts['timed-out'] === 0)
    if (!isDecided) await forRollout(hub, id, (tx) => judgeReports(tx, { rolloutId: id }, nowMs))
  }
}

/** Judges the devices again that are between two system releases: a device that only adopts a document wakes nobody. */
export async function judgeMoving(hub: EngineHub): Promise<void> {
  let after: DeviceId | undefined
  do {
    const ids = await movingDevices(hub.store.db, after)
    if (ids.length > 0) await judgeChanged(hub, ids)
    after = ids.at(-1)
  } while (after)
}

/** Applies the elapsed time to the rollouts that depend on it. */
export async function tickDue(hub: EngineHub): Promise<void> {
  const nowMs = hub.clock.nowMs()
  for (const rollout of await unendedRollouts(hub.store.db)) {
    const due = dueAtMs(rollout.plan, rollout.state)
    if (due !== undefined && due <= nowMs) await forRollout(hub, rollout.id, (tx) => tickOne(tx, rollout, nowMs))
  }
}

/** Read again inside the transaction, because it may have changed since it was found due. */
async function tickOne(tx: Tx, { id, organisation_id }: RolloutRecord, nowMs: number): Promise<RolloutId[]> {
  const rollout = await findRollout(tx, { organisationId: organisation_id, rolloutId: id })
  if (!rollout) return []
  const sent = await sendEvents(tx, rollout, [{ kind: 'tick' }], nowMs)
  return sent.ok && sent.isChanged ? [id] : []
}

/**
 * A person has requested a retry on these devices: their documents contain it. Returns the devices for which it failed.
 */
export function queueRetried(hub: EngineHub, ids: readonly DeviceId[]): Promise<DeviceId[]> {
  return forDevices(hub, ids, async (tx, deviceIds) => {
    for (const id of deviceIds) {
      const device = await findDeviceById(tx, id)
      if (device) await queueDevices(tx, device.organisation_id, [id])
    }
    return []
  })
}

/** Queues every device's document, which costs nothing if it stays the same. */
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
