/** Open site cache: the cache of this device for its site, if its operator wants one. */
import { join } from 'node:path'
import type { Digest } from '@skerry/contract/values/digest'
import type { BlobFolder } from '@skerry/platform/blobs/blob-folder'
import type { FileHandle, FileSystem } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { Conditions } from '../conditions.ts'
import type { SeedFiles } from '../hub/delta-seeds.ts'
import type { HubDownload } from '../hub/hub-download.ts'
import type { Identity } from '../joining/identity.ts'
import type { ModelBlobs } from '../sealing/model-blobs.ts'
import type { CacheSwitches } from './cache-options.ts'
import type { CacheStore } from './cache-store.ts'

export type SiteCacheDeps = {
  data: string
  fileSystem: FileSystem
  blobs: SeedFiles
  openBeside(folder: string): Promise<ModelBlobs>
  download(): Pick<HubDownload, 'downloadInto' | 'send'>
  random: () => number
  clock: Clock
  log: Log
  conditions: Conditions
  signal: AbortSignal
}

export type KeptFiles = {
  /** Opens a file that is kept for neighbours. */
  open(digest: Digest): Promise<FileHandle | undefined>
  /** Bytes have arrived: neighbours that wait for a file see that the cache makes progress. */
  arrived(bytes: number): void
}

export type SiteCache = {
  /** The part that downloads of the device itself use. Undefined if the device is no cache. */
  kept: KeptFiles | undefined
  /** The folder for files of this device itself: they may take the room of the files for neighbours. */
  withRoom<Folder extends HasRoom>(own: Folder): Folder
  /** The bytes of the files for neighbours. */
  keptBytes(): Promise<number>
  /** From now on, the device has this identity. */
  use(identity: Identity, privateKey: string): void
  /** The hub has just told its time. */
  hearTime(timeMs: number): void
  run(signal: AbortSignal): Promise<void>
}

type HasRoom = Pick<BlobFolder, 'hasRoomFor'>

const NO_CACHE: SiteCache = {
  kept: undefined,
  withRoom: (own) => own,
  keptBytes: async () => 0,
  use() {},
  hearTime() {},
  run: async () => {},
}

/** Nothing listens before `run`. Without switches it removes the files that were kept for neighbours. */
export async function openSiteCache(switches: CacheSwitches | undefined, deps: SiteCacheDeps): Promise<SiteCache> {
  const folder = join(deps.data, 'site-cache')
  if (!switches) {
    await deps.fileSystem.removeTree(folder).catch((error: unknown) => deps.log.warn('site_cache_stays', { error }))
    return NO_CACHE
  }
  const [{ openCacheStore }, { serveCache }, { openSiteSums }] = await Promise.all([
    import('./cache-store.ts'),
    import('./cache-server.ts'),
    import('../site-sums/open-site-sums.ts'),
  ])
  const { clock } = deps
  const kept = await deps.openBeside(folder)
  const store = openCacheStore({
    ...deps,
    own: deps.blobs,
    kept,
    bytesMax: switches.bytesMax,
    fetch: (...order) => deps.download().downloadInto(...order),
  })
  let own: { identity: Identity; privateKey: string } | undefined
  let aheadMs = 0
  const nowMs = () => clock.nowMs() + aheadMs
  const answerSum = openSiteSums({ ...deps, send: (...request) => deps.download().send(...request), nowMs })
  return {
    kept: { open: kept.open, arrived: store.arrived },
    withRoom: (own) => ({
      ...own,
      async hasRoomFor(sizeBytes) {
        await store.freeDisk(sizeBytes, own.hasRoomFor)
        return own.hasRoomFor(sizeBytes)
      },
    }),
    keptBytes: store.keptBytes,
    use(identity, privateKey) {
      own = { identity, privateKey }
    },
    hearTime(timeMs) {
      aheadMs = timeMs - clock.nowMs()
    },
    async run(signal) {
      const serving = { ...deps, store, answerSum, credentials: () => own, nowMs }
      await Promise.all([serveCache(switches, serving, signal), keepReserve({ ...deps, store, kept }, signal)])
    },
  }
}

/** The reserve of the disk is looked at in this interval: it is far wider than the bytes of a few seconds. */
const RESERVE_LOOK_MS = 10_000

type Reserve = Pick<SiteCacheDeps, 'clock' | 'log'> & { store: Pick<CacheStore, 'freeDisk'>; kept: HasRoom }

/** Other data of the device, such as its captures, must not stop because files for neighbours fill the disk. */
async function keepReserve({ clock, log, store, kept }: Reserve, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await store.freeDisk(0, kept.hasRoomFor).catch((error: unknown) => log.warn('site_cache_not_reduced', { error }))
    await clock.sleep(RESERVE_LOOK_MS, signal).catch(() => undefined)
  }
}
