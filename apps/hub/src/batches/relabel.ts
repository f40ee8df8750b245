/** Relabel: the one command that the hub does itself, because labels are its own records. */
import type { BatchCommandOf } from '@skerry/contract/batches/batch-command'
import type { DeviceId } from '@skerry/contract/values/ids'
import { LABELS_MAX, type Labels } from '@skerry/contract/values/names'
import { labelChange } from '@skerry/core/devices/device-events'
import { findDevice, setLabels } from '../devices/device-store.ts'
import { appendEvents } from '../devices/event-store.ts'
import { fromJson } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import type { BatchTable } from '../store/tables/batch-tables.ts'
import { storedHand } from './batch-hand.ts'
import { setJobs } from './job-store.ts'

/** Gives those on which it failed. */
export async function relabelDevices(
  tx: Tx,
  row: BatchTable,
  ids: readonly DeviceId[],
  nowMs: number,
): Promise<DeviceId[]> {
  const command = fromJson(row.command) as BatchCommandOf<'relabel'>
  const failed: DeviceId[] = []
  for (const id of ids) {
    const problem = await relabel(tx, row, { id, command, nowMs })
    const times = { told_at_ms: nowMs, decided_at_ms: nowMs }
    if (!problem) {
      await setJobs(tx, row.id, [id], { outcome: 'succeeded', ...times })
      continue
    }
    failed.push(id)
    await setJobs(tx, row.id, [id], { outcome: 'failed', ...times, ...problem })
  }
  return failed
}

type One = { id: DeviceId; command: BatchCommandOf<'relabel'>; nowMs: number }

/** Says why not, where it cannot. */
async function relabel(tx: Tx, row: BatchTable, { id, command, nowMs }: One) {
  const device = await findDevice(tx, row.organisation_id, id)
  if (!device) return { code: 'device_unknown', message: 'the device has been removed' }
  const before = fromJson(device.labels)
  const labels: Labels = { ...before, ...command.set }
  for (const key of command.remove) delete labels[key]
  if (Object.keys(labels).length > LABELS_MAX) {
    return { code: 'labels_too_many', message: `the device would have more than ${LABELS_MAX} labels; remove some` }
  }
  const changes = labelChange(before, labels, storedHand(row.created_by).name)
  if (changes.length === 0) return undefined
  await setLabels(tx, device, labels)
  await appendEvents(tx, { device, atMs: nowMs, changes })
  return undefined
}
