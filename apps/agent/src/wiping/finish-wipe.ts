/** Finish wipe: runs after all resources are released, when nobody works in the folder any more. */
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { lockFolder } from '@skerry/platform/files/folder-lock'
import { createLog } from '@skerry/platform/process/log'
import type { AgentOptions } from '../options.ts'
import { clearSecretFiles } from '../secrets/secret-files.ts'
import { openWipe } from './wipe.ts'

/** Resolves with the exit code: 1 if something remains, which the next start deletes. */
export async function finishWipe({ data, secrets, logLevel }: AgentOptions): Promise<number> {
  const log = createLog({ name: 'agent', level: logLevel })
  const locked = lockFolder(data, 'agent')
  // Another agent has started meanwhile: it reads the begun wipe, and continues it.
  if (!locked.ok) return 0
  using _ = locked.lock
  try {
    await openWipe(nodeFileSystem, data).finish(async () => {
      if (secrets !== undefined) await clearSecretFiles(nodeFileSystem, secrets)
    })
    log.warn('wipe_done', { data })
    return 0
  } catch (error) {
    log.error('wipe_unfinished', { data, error })
    return 1
  }
}
