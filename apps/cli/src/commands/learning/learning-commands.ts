/** The commands on learnings, in the order of the help. */
import type { Command } from '../../program/command.ts'
import { cancelLearning } from './cancel.ts'
import { listLearnings } from './ls.ts'
import { showLearning } from './show.ts'
import { startLearning } from './start.ts'
import { watchLearning } from './watch.ts'

export const learningCommands: readonly Command[] = [
  startLearning,
  listLearnings,
  showLearning,
  watchLearning,
  cancelLearning,
]
