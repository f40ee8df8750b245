/** The commands on groups, in the order of the help. */
import type { Command } from '../../program/command.ts'
import { listGroups } from './ls.ts'
import { removeGroup } from './rm.ts'
import { setGroup } from './set.ts'
import { showGroup } from './show.ts'

export const groupCommands: readonly Command[] = [setGroup, listGroups, showGroup, removeGroup]
