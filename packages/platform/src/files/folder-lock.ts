/**
 * Folder lock: lets one process at a time work on a data folder. The lock is the operating system's (SQLite takes it
 * for us on a file of its own). So it ends with the process, however that ends, and nothing stale can be left behind.
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Log } from '../process/log.ts'
import { systemCode } from './file-system.ts'
import { makePrivateFolder } from './private-folder.ts'

export type LockResult = { ok: true; lock: Disposable } | { ok: false; code: 'folder_in_use'; message: string }

/** Things that two programs on one machine cannot share, with the options. */
const OWN = {
  hub: 'folder and port with --data and --listen',
  agent: 'folder and ports with --data, --listen and --grpc',
}

/** [sqlite.org/rescode.html#busy] */
const SQLITE_BUSY = 5

type ClaimResult = LockResult | { ok: false; code: 'folder_unusable'; message: string }

/** Makes the data folder private, and takes its lock; or reports why this process cannot work on it. */
export async function claimFolder(path: string, who: 'hub' | 'agent', log: Pick<Log, 'warn'>): Promise<ClaimResult> {
  try {
    await makePrivateFolder(path, log)
    return lockFolder(path, who)
  } catch (error) {
    if (!(error instanceof Error) || systemCode(error) === undefined) throw error
    const next = `use a folder that this user may write, with --data`
    return { ok: false, code: 'folder_unusable', message: `cannot use ${path} (${error.message}); ${next}` }
  }
}

/** Takes the lock for a hub or an agent, or reports that another process has it. */
export function lockFolder(path: string, who: 'hub' | 'agent'): LockResult {
  const database = new DatabaseSync(join(path, 'lock.sqlite'), { timeout: 0 })
  try {
    database.exec('begin exclusive')
    return { ok: true, lock: { [Symbol.dispose]: () => database.close() } }
  } catch (error) {
    database.close()
    if (!isBusy(error)) throw new Error(`locking ${path}`, { cause: error })
    const message = `another ${who} runs with ${path}; stop it first, or give this one its own ${OWN[who]}`
    return { ok: false, code: 'folder_in_use', message }
  }
}

const isBusy = (error: unknown) =>
  error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY
