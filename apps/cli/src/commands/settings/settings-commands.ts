/** The commands on the settings of devices, in the order of the help. */
import type { Command } from '../../program/command.ts'
import { deviceSettings } from './device.ts'
import { listSettings } from './ls.ts'
import { removeSettings } from './rm.ts'
import { setSettings } from './set.ts'
import { showSettings } from './show.ts'

export const settingsCommands: readonly Command[] = [
  setSettings,
  listSettings,
  showSettings,
  deviceSettings,
  removeSettings,
]
