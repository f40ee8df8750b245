/** Relabel one: adds or removes one label of a device, whatever else its labels are. */
import { problemOf } from '@skerry/client/problem'
import type { Device } from '@skerry/contract/devices/device'
import type { Labels } from '@skerry/contract/values/names'
import { hub } from '../../hub/hub-client.ts'

/** One label: with a value it is set, without it is taken away. */
export type LabelEdit = { key: string; value: string | undefined }

/** More people than that do not change one device at the same moment. */
const TRIES_MAX = 3

/** The labels after the edit. */
export function withEdit(labels: Labels, { key, value }: LabelEdit): Labels {
  const { [key]: _, ...others } = labels
  return value === undefined ? others : { ...others, [key]: value }
}

/** Whether the edit changes anything. */
export const isEdit = (labels: Labels, { key, value }: LabelEdit): boolean => labels[key] !== value

/** Edits against the revision that was read; where somebody was quicker, it looks again: one label does not touch theirs. */
export async function relabelOne(device: Device, edit: LabelEdit, signal: AbortSignal): Promise<void> {
  let current: Pick<Device, 'labels' | 'revision'> = device
  for (let tries = 1; isEdit(current.labels, edit); tries += 1) {
    try {
      const change = { device: device.id, labels: withEdit(current.labels, edit), ifRevision: current.revision }
      await hub.device.relabel(change, { signal })
      return
    } catch (thrown) {
      if (problemOf(thrown).code !== 'revision_stale' || tries === TRIES_MAX) throw thrown
      current = await hub.device.get({ device: device.id }, { signal })
    }
  }
}
