/** The commands on monitors, in the order of the help. */
import type { Command } from '../../program/command.ts'
import { makeBaseline } from './baseline.ts'
import { listMonitors } from './ls.ts'
import { removeMonitor } from './rm.ts'
import { setMonitor } from './set.ts'
import { showMonitor } from './show.ts'

export const monitorCommands: readonly Command[] = [setMonitor, listMonitors, showMonitor, makeBaseline, removeMonitor]
