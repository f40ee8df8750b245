/** The commands on pairs, in the order of the help. */
import type { Command } from '../../program/command.ts'
import { createPair } from './create.ts'
import { listPairs } from './ls.ts'
import { removePair } from './rm.ts'
import { showPair } from './show.ts'
import { switchPair } from './switch.ts'

export const pairCommands: readonly Command[] = [createPair, listPairs, showPair, switchPair, removePair]
