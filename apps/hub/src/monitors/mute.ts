/** Mute: whether a monitor is silent now, because a person wants so or a quiet time is open. */
import type { MonitorSpec, Mute } from '@skerry/contract/monitors/monitor'
import { windowAt } from '@skerry/core/device/update-hold'
import { windowStart } from '@skerry/platform/process/window-starts'
import { fromJson } from '../store/json-column.ts'
import type { MonitorTable } from '../store/tables/monitor-tables.ts'
import { specIn } from './monitor-store.ts'

type Row = Pick<MonitorTable, 'spec' | 'mute'>

/** The mute of a person; undefined if there is none, or if it has ended. */
export function muteOf({ mute }: Pick<Row, 'mute'>, nowMs: number): Mute | undefined {
  const found = mute === null ? undefined : fromJson(mute)
  return found && found.untilMs > nowMs ? found : undefined
}

/** It judges nevertheless. */
export const isMuted = (row: Row, nowMs: number): boolean =>
  muteOf(row, nowMs) !== undefined || isQuietTime(specIn(row.spec), nowMs)

const isQuietTime = ({ quietTimes }: MonitorSpec, timeMs: number) =>
  quietTimes.some((window) => windowAt(window, { timeMs, windowStart }).kind === 'open')
