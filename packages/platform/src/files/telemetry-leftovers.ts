/**
 * Telemetry leftovers: the device id and the queue of events that onnxruntime stored below the user's home, before Skerry turned
 * its telemetry off. Removes them where no doubt is left that they are ours. Other programs of the same user that load
 * onnxruntime lose the same queue, and nothing else.
 */
import type { Stats } from 'node:fs'
import { lstat, readdir, rmdir, unlink } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import type { Log } from '../process/log.ts'

/** Everything that onnxruntime 1.30 stores: an id, and a queue in SQLite with its companions. */
const STORED = /^(deviceid|onnxruntime\.db(-shm|-wal|-journal)?)$/

/** Logs the removal. A folder that stays is no reason not to start: nothing writes to it or reads it any more. */
export async function removeTelemetryLeftovers(environment: NodeJS.ProcessEnv, log: Log): Promise<void> {
  const folders = foldersOf(environment)
  const folder = folders.at(-1)
  if (folder === undefined || !(await isThere(folder))) return
  try {
    const files = (await readdir(folder)).map((name) => ({ name, path: join(folder, name) }))
    for (const each of folders) refuseUnless((await lstat(each)).isDirectory() && isOurs(await lstat(each)), each)
    for (const { name, path } of files) {
      const stats = await lstat(path)
      refuseUnless(STORED.test(name) && stats.isFile() && isOurs(stats), path)
    }
    for (const { path } of files) await unlink(path)
    await rmdir(folder)
    log.info('telemetry_leftovers_removed', { folder })
  } catch (error) {
    log.warn('telemetry_leftovers_kept', { folder, error })
  }
}

/** From the user's home, or the cache that is set instead, down to the runtime's folder. None of them may be a symbolic link. */
function foldersOf({ HOME, XDG_CACHE_HOME }: NodeJS.ProcessEnv): string[] {
  const tops = isFolderName(XDG_CACHE_HOME) ? [XDG_CACHE_HOME] : isFolderName(HOME) ? [HOME, join(HOME, '.cache')] : []
  const [cache] = tops.slice(-1)
  if (cache === undefined) return []
  const vendor = join(cache, 'Microsoft')
  const tools = join(vendor, 'DeveloperTools')
  return [...tops, vendor, tools, join(tools, '.onnxruntime')]
}

const isFolderName = (path: string | undefined): path is string => path !== undefined && isAbsolute(path)

const isThere = (path: string) =>
  lstat(path).then(
    () => true,
    () => false,
  )

/** Owned by this user, and closed to the changes of strangers, who could otherwise lead the removal elsewhere. */
const isOurs = ({ uid, mode }: Stats) => uid === process.geteuid?.() && (mode & 0o002) === 0

function refuseUnless(isSafe: boolean, path: string): void {
  if (!isSafe) throw new Error(`${path} is not a file or folder that only onnxruntime wrote for this user`)
}
