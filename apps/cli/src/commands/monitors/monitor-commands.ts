/** The commands on monitors, in the order of the help. */
import type { Command } from '../../program/command.ts'
import { applyMonitors } from './apply.ts'
import { makeBaseline } from './baseline.ts'
import { explainVerdict } from './explain.ts'
import { listMonitors } from './ls.ts'
import { muteMonitor, unmuteMonitor } from './mute.ts'
import { releaseFlow } from './release.ts'
import { removeMonitor } from './rm.ts'
import { setMonitor } from './set.ts'
import { showMonitor } from './show.ts'

export const monitorCommands: readonly Command[] = [
  setMonitor,
  applyMonitors,
  listMonitors,
  showMonitor,
  explainVerdict,
  makeBaseline,
  muteMonitor,
  unmuteMonitor,
  releaseFlow,
  removeMonitor,
]
