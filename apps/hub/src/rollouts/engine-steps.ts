/** Engine steps: what the engine does for rollouts and reports, each in transactions of its own. */
import type { DeviceId } from '@skerry/contract/ids'
import { dueAtMs } from '@skerry/core/rollout-state'
import { queueDevices } from '../desired/desired-queue.ts'
import { findDeviceById } from '../devices/device-store.ts'
import type { Hub } from '../hub.ts'
import { publishRollouts } from './publish-rollouts.ts'
import { judgeReports } from './report-judge.ts'
import { sendEvents } from './rollout-step.ts'
import { findRollout, type RolloutRecord, unendedRollouts } from './rollout-store.ts'

type StepHub = Pick<Hub, 'store' | 'bus' | 'clock'>

/** Devices in one transaction, so that a person's request seldom waits for longer than some tens of milliseconds. */
export const DEVICES_PER_TRANSACTION = 200

/** The list in pieces that fit one transaction each. */
export function chunksOf<Item>(items: readonly Item[]): Item[][] {
  const count = Math.ceil(items.length / DEVICES_PER_TRANSACTION)
  return Array.from({ length: count }, (_, index) =>
    items.slice(index * DEVICES_PER_TRANSACTION, (index + 1) * DEVICES_PER_TRANSACTION),
  )
}

/** Judges what devices reported. */
export async function judgeChanged(hub: StepHub, ids: readonly DeviceId[]): Promise<void> {
  const nowMs = hub.clock.nowMs()
  for (const deviceIds of chunksOf(ids)) {
    publishRollouts(hub, await hub.store.transaction((tx) => judgeReports(tx, { deviceIds }, nowMs)))
  }
}

/** Judges again the devices of which nothing decisive has been heard. */
export async function judgeUndecided(hub: StepHub): Promise<void> {
  const nowMs = hub.clock.nowMs()
  for (const { id, state } of await unendedRollouts(hub.store.db)) {
    const isDecided = state.waves.every(({ counts }) => counts.offered + counts['timed-out'] === 0)
    if (isDecided) continue
    publishRollouts(hub, await hub.store.transaction((tx) => judgeReports(tx, { rolloutId: id }, nowMs)))
  }
}

/** Lets time pass for the rollouts for which that changes something. */
export async function tickDue(hub: StepHub): Promise<void> {
  const nowMs = hub.clock.nowMs()
  for (const rollout of await unendedRollouts(hub.store.db)) {
    const due = dueAtMs(rollout.plan, rollout.state)
    if (due === undefined || due > nowMs) continue
    if (await tickOne(hub, rollout, nowMs)) publishRollouts(hub, [rollout.id])
  }
}

/** Read again inside the transaction: it may have changed since it was found to be due. */
function tickOne({ store }: StepHub, { id, organisation_id }: RolloutRecord, nowMs: number): Promise<boolean> {
  return store.transaction(async (tx) => {
    const rollout = await findRollout(tx, { organisationId: organisation_id, rolloutId: id })
    if (!rollout) return false
    const sent = await sendEvents(tx, rollout, [{ kind: 'tick' }], nowMs)
    return sent.ok && sent.isChanged
  })
}

/** Has every device's document derived again, which costs nothing where it stays the same. */
export async function queueEverybody({ store }: StepHub): Promise<void> {
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

/** A person asked that these devices try again what failed: their documents carry it. */
export async function queueRetried({ store }: StepHub, ids: readonly DeviceId[]): Promise<void> {
  for (const deviceIds of chunksOf(ids)) {
    await store.transaction(async (tx) => {
      for (const id of deviceIds) {
        const device = await findDeviceById(tx, id)
        if (device) await queueDevices(tx, device.organisation_id, [id])
      }
    })
  }
}
