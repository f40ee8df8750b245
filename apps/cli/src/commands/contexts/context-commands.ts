/** The commands on contexts, in the order of the help. */
import type { Command } from '../../program/command.ts'
import { addContext } from './add.ts'
import { listContexts } from './ls.ts'
import { removeContextCommand } from './rm.ts'
import { useContext } from './use.ts'

export const contextCommands: readonly Command[] = [addContext, listContexts, useContext, removeContextCommand]
