/** The commands on learnings, in the order of the help. */
import type { Command } from '../../program/command.ts'
import { cancelLearning } from './cancel.ts'
import { cancelLearningFleet } from './fleet/cancel.ts'
import { listLearningFleets } from './fleet/ls.ts'
import { showLearningFleet } from './fleet/show.ts'
import { startLearningFleet } from './fleet/start.ts'
import { undoLearningFleet } from './fleet/undo.ts'
import { watchLearningFleet } from './fleet/watch.ts'
import { leaveOut } from './leave-out.ts'
import { listLearnings } from './ls.ts'
import { markNormal } from './normal.ts'
import { showLearning } from './show.ts'
import { startLearning } from './start.ts'
import { unmarkLearning } from './unmark.ts'
import { watchLearning } from './watch.ts'

export const learningCommands: readonly Command[] = [
  startLearning,
  listLearnings,
  showLearning,
  watchLearning,
  markNormal,
  leaveOut,
  unmarkLearning,
  cancelLearning,
  startLearningFleet,
  listLearningFleets,
  showLearningFleet,
  watchLearningFleet,
  cancelLearningFleet,
  undoLearningFleet,
]
