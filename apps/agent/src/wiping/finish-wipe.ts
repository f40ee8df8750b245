/** Finish wipe: once everything is put away and nobody works in the folder any more. */
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { lockFolder } from '@skerry/platform/files/folder-lock'
import { createLog } from '@skerry/platform/process/log'
import type { AgentOptions } from '../options.ts'
import { clearSecretFiles } from '../secrets/secret-files.ts'
import { openWipe } from './wipe.ts'

/** Gives the exit code: 1 where something is left, which the next start deletes. */
export async function finishWipe({ data, secrets, logLevel }: AgentOptions): Promise<number> {
  const log = createLog({ name: 'agent', level: logLevel })
  const locked = lockFolder(data, 'agent')
  // Another agent has been started meanwhile: it reads what has begun, and does the same.
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
