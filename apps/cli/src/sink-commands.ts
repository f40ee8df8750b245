/** Sink commands, in the order of the help. */
import type { Command } from './command.ts'
import { listSinks } from './commands/list-sinks.ts'
import { removeSink } from './commands/remove-sink.ts'
import { setSink } from './commands/set-sink.ts'
import { showSink } from './commands/show-sink.ts'

export const sinkCommands: readonly Command[] = [setSink, listSinks, showSink, removeSink]
