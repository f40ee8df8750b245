/** The commands on model feeds, in the order of the help. */
import type { Command } from '../../program/command.ts'
import { listModelFeeds } from './ls.ts'
import { pauseModelFeed } from './pause.ts'
import { resumeModelFeed } from './resume.ts'
import { removeModelFeed } from './rm.ts'
import { setModelFeed } from './set.ts'
import { showModelFeed } from './show.ts'
import { syncModelFeed } from './sync.ts'

export const modelFeedCommands: readonly Command[] = [
  setModelFeed,
  listModelFeeds,
  showModelFeed,
  syncModelFeed,
  pauseModelFeed,
  resumeModelFeed,
  removeModelFeed,
]
