/** Sends windows to the queue for the hub. The rows of a window that finds no room there are lost, and the next window says so. */
import type { MonitorWindow } from '@skerry/contract/monitors/profile'
import type { Priority, SinkValue } from '@skerry/contract/sinks/sink-value'
import type { MonitorBoard } from './monitor-board.ts'
import { windowValue } from './window-value.ts'

export type HubDoor = {
  /** Resolves when the value is on the disk, with the number of values that found no room. */
  offerToHub(value: SinkValue, priority: Priority): Promise<{ lost: number }>
}

/** Windows wait behind all other values. They are large, and nobody acts on a single one. */
export async function sendWindows(
  windows: readonly MonitorWindow[],
  sinks: HubDoor,
  monitors: Pick<MonitorBoard, 'lose'>,
): Promise<void> {
  const lost = await Promise.all(windows.map((window) => lostRows(window, sinks)))
  const told = windows.map(({ model, version }, at) => ({ model, version: String(version), rows: lost[at] ?? 0 }))
  monitors.lose(told.filter(({ rows }) => rows > 0))
}

/** The window may itself say how many rows were lost before it. */
async function lostRows(window: MonitorWindow, sinks: HubDoor): Promise<number> {
  const { lost } = await sinks.offerToHub(windowValue(window), 'bulk')
  return lost > 0 ? window.rows + (window.lost ?? 0) : 0
}
