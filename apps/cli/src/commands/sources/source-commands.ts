/** Source commands, in the order of the help. */
import type { Command } from '../../program/command.ts'
import { exportTags } from '../tags/export.ts'
import { importTags } from '../tags/import.ts'
import { addSource, setSource } from './add.ts'
import { browseSource } from './browse.ts'
import { checkSource } from './check.ts'
import { discoverSources } from './discover.ts'
import { listSources } from './ls.ts'
import { readSourceTags } from './read.ts'
import { restartSource } from './restart.ts'
import { removeSource } from './rm.ts'
import { showSource } from './show.ts'
import { testSource } from './test.ts'
import { writeTag } from './write.ts'

export const sourceCommands: readonly Command[] = [
  addSource,
  setSource,
  listSources,
  showSource,
  removeSource,
  checkSource,
  browseSource,
  discoverSources,
  readSourceTags,
  writeTag,
  testSource,
  restartSource,
  importTags,
  exportTags,
]
