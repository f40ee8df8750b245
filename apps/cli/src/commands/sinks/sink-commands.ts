/** Sink commands, in the order of the help. */
import type { Command } from '../../program/command.ts'
import { addSink } from './add.ts'
import { checkSink } from './check.ts'
import { listSinks } from './ls.ts'
import { removeSink } from './rm.ts'
import { setSink } from './set.ts'
import { showSink } from './show.ts'
import { testSink } from './test.ts'

export const sinkCommands: readonly Command[] = [checkSink, testSink, addSink, setSink, listSinks, showSink, removeSink]
