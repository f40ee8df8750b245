/** Sink commands, in the order of the help. */
import type { Command } from '../../program/command.ts'
import { checkSink } from './check.ts'
import { listSinks } from './ls.ts'
import { removeSink } from './rm.ts'
import { setSink } from './set.ts'
import { showSink } from './show.ts'

export const sinkCommands: readonly Command[] = [checkSink, setSink, listSinks, showSink, removeSink]
