/** Source commands, in the order of the help. */
import type { Command } from './command.ts'
import { browseSource } from './commands/browse-source.ts'
import { checkSource } from './commands/check-source.ts'
import { discoverSources } from './commands/discover-sources.ts'
import { exportTags } from './commands/export-tags.ts'
import { importTags } from './commands/import-tags.ts'
import { listSources } from './commands/list-sources.ts'
import { readSourceTags } from './commands/read-source.ts'
import { removeSource } from './commands/remove-source.ts'
import { restartSource } from './commands/restart-source.ts'
import { addSource, setSource } from './commands/set-source.ts'
import { showSource } from './commands/show-source.ts'
import { testSource } from './commands/test-source.ts'
import { writeTag } from './commands/write-tag.ts'

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
