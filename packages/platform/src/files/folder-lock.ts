/**
 * Folder lock: lets one process at a time work on a data folder. The lock is the operating system's (SQLite takes it for us on a file of its
 * own), so it ends with the process, however that ends, and nothing stale can be left behind.
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export type LockResult = { ok: true; lock: Disposable } | { ok: false; code: 'folder_in_use'; message: string }

/** [sqlite.org/rescode.html#busy] */
const SQLITE_BUSY = 5

/** Takes the lock for a hub or an agent, or says that another has it. */
export function lockFolder(path: string, who: 'hub' | 'agent'): LockResult {
  const database = new DatabaseSync(join(path, 'lock.sqlite'), { timeout: 0 })
  try {
    database.exec('begin exclusive')
    return { ok: true, lock: { [Symbol.dispose]: () => database.close() } }
  } catch (error) {
    database.close()
    if (!isBusy(error)) throw new Error(`locking ${path}`, { cause: error })
    const message = `another ${who} runs with ${path}; stop it first, or give this one its own folder with --data`
    return { ok: false, code: 'folder_in_use', message }
  }
}

const isBusy = (error: unknown) =>
  error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY
