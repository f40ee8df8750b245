/** The commands on Git sources, in the order of the help. */
import type { Command } from '../../program/command.ts'
import { listGitSources } from './ls.ts'
import { pauseGitSource } from './pause.ts'
import { resumeGitSource } from './resume.ts'
import { removeGitSource } from './rm.ts'
import { setGitSource } from './set.ts'
import { showGitSource } from './show.ts'
import { syncGitSource } from './sync.ts'
import { makeGitWebhook } from './webhook.ts'

export const gitSourceCommands: readonly Command[] = [
  setGitSource,
  listGitSources,
  showGitSource,
  syncGitSource,
  pauseGitSource,
  resumeGitSource,
  makeGitWebhook,
  removeGitSource,
]
