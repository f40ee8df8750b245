/** Engine work: transactions in which one device or one rollout that fails keeps no other waiting. */
import { setImmediate } from 'node:timers/promises'
import type { DeviceId, RolloutId } from '@skerry/contract/values/ids'
import type { Hub } from '../../hub.ts'
import type { Tx } from '../../store/store.ts'
import { publishRollouts } from '../publish-rollouts.ts'

/** What the engine is given. */
export type EngineHub = Pick<Hub, 'store' | 'bus' | 'clock' | 'log' | 'webhooks'>

/** Devices in one transaction, so that a person's request seldom waits for longer than some tens of milliseconds. */
export const DEVICES_PER_TRANSACTION = 200

/** So many failures in a row are not the devices' fault but the disk's: the others would only fail, too, each with a line in the log. */
const FAILURES_IN_A_ROW = 3

type DeviceWork = (tx: Tx, ids: readonly DeviceId[]) => Promise<RolloutId[]>

/** Does the work for the devices, many in a transaction, and publishes the rollouts that it changed. Gives the devices for which it failed. */
export async function forDevices(hub: EngineHub, ids: readonly DeviceId[], work: DeviceWork): Promise<DeviceId[]> {
  const failed: DeviceId[] = []
  for (let start = 0; start < ids.length; start += DEVICES_PER_TRANSACTION) {
    const chunk = ids.slice(start, start + DEVICES_PER_TRANSACTION)
    const { isDone } = await attempt(hub, (tx) => work(tx, chunk))
    if (!isDone) failed.push(...(await forEach(hub, chunk, work)))
    // SQLite answers without ever leaving the thread, so others get their turn only where it is given to them.
    if (start + DEVICES_PER_TRANSACTION < ids.length) await setImmediate()
  }
  return failed
}

async function forEach(hub: EngineHub, ids: readonly DeviceId[], work: DeviceWork): Promise<DeviceId[]> {
  const failed: DeviceId[] = []
  for (const [index, id] of ids.entries()) {
    if (index === FAILURES_IN_A_ROW && failed.length === FAILURES_IN_A_ROW) return [...ids]
    const { isDone, error } = await attempt(hub, (tx) => work(tx, [id]))
    if (isDone) continue
    failed.push(id)
    hub.log.error('rollout_work_failed', { deviceId: id, error })
  }
  return failed
}

/** Does the work for one rollout, and publishes it when it changed. A failure is logged; the next tick tries again. */
export async function forRollout(
  hub: EngineHub,
  rolloutId: RolloutId,
  work: (tx: Tx) => Promise<RolloutId[]>,
): Promise<void> {
  const { isDone, error } = await attempt(hub, work)
  if (!isDone) hub.log.error('rollout_work_failed', { rolloutId, error })
}

async function attempt(
  hub: EngineHub,
  work: (tx: Tx) => Promise<RolloutId[]>,
): Promise<{ isDone: boolean; error?: unknown }> {
  try {
    publishRollouts(hub, await hub.store.transaction(work))
    return { isDone: true }
  } catch (error) {
    return { isDone: false, error }
  }
}
