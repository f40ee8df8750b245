/**
 * Data driver: the agent itself keeps the files of data, and selects the version that readers find. After a restart the
 * selected version is still there, and the device lays and selects it again without harm.
 */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { DATA_FOLDER, DATA_PATH } from '@skerry/contract/kinds/data'
import { systemCode } from '@skerry/platform/files/file-system'
import type { Loaded } from '../../runner/runner-slot.ts'
import type { Driver, DriverAnswer } from '../driver.ts'
import { type DriverDeps, lackOf } from '../runner-driver.ts'
import { openDataFolders } from './data-folders.ts'

const DONE: DriverAnswer = { ok: true }
const NOT_LOADED: DriverAnswer = { ok: false, code: 'runner_gone', message: 'the data are not loaded any more' }

/** Files answer no requests. */
const NO_STATS = { requests: 0, failures: 0 }

type DataDeps = Pick<DriverDeps, 'fileSystem' | 'folder' | 'clock' | 'files'>

export const openDataDriver = ({ fileSystem, folder, clock, files }: DataDeps): Driver => {
  const folders = openDataFolders(fileSystem, folder, (sizeBytes) => files.hasRoomFor(sizeBytes))
  const held = new Map<string, Loaded>()
  return {
    loaded: () => [...held.values()],
    async load(item) {
      const lack = lackOf(DATA_PATH, item)
      if (lack) return lack
      const refusal = await refusalOf(files.withFiles(item, (sources) => folders.lay(item, sources)))
      if (refusal) return refusal
      held.set(item.digest, { item, stats: NO_STATS, figures: figuresOf(item) })
      return DONE
    },
    async activate(item) {
      const loaded = held.get(item.digest)
      if (!loaded) return NOT_LOADED
      const refusal = await refusalOf(folders.select(item))
      if (refusal) return refusal
      for (const [digest, { servingSinceMs: _, ...other }] of held)
        if (other.item.name === item.name) held.set(digest, other)
      held.set(item.digest, { ...loaded, item, servingSinceMs: clock.monotonicMs() })
      return DONE
    },
    async unload(item) {
      const refusal = await refusalOf(folders.remove(item))
      // A version that is forgotten is never removed again.
      if (!refusal) held.delete(item.digest)
      return refusal ?? DONE
    },
    async deactivate(name) {
      const refusal = await refusalOf(folders.removeAll(name))
      if (refusal) return refusal
      for (const [digest, { item }] of held) if (item.name === name) held.delete(digest)
      return DONE
    },
    folderOf: folders.folderOf,
  }
}

const figuresOf = ({ files }: DesiredItem) => {
  const own = files.filter(({ path }) => path.startsWith(DATA_FOLDER))
  return { files: own.length, bytes: own.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) }
}

/** A full disk is no fault of the version. Other trouble of the machine is tried again. */
async function refusalOf(work: Promise<unknown>): Promise<DriverAnswer | undefined> {
  try {
    await work
    return undefined
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const isFull = ['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '')
    return {
      ok: false,
      code: isFull ? 'storage_full' : 'data_not_laid',
      message: `the files cannot be laid: ${message}`,
    }
  }
}
