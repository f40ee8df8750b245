/**
 * Cache store: the files that this device keeps for its neighbours. It fetches each file once, however many neighbours
 * want it, and one after the other, so that the first file is complete early. Files of this device itself count, too.
 */
import type { CacheOrder } from '@skerry/contract/chunks/site-cache'
import type { Digest } from '@skerry/contract/values/digest'
import type { Download, DownloadResult } from '@skerry/platform/blobs/blob-download'
import type { BlobFolder } from '@skerry/platform/blobs/blob-folder'
import type { FileHandle } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { SeedFiles } from '../hub/delta-seeds.ts'
import { type CacheRoom, openCacheRoom } from './cache-room.ts'

export type WantedFile = { digest: Digest; sizeBytes: number }

export type CacheStore = {
  /** Makes the cache fetch the file, unless it is here. */
  order(file: WantedFile): Promise<CacheOrder>
  /** Undefined if the file is missing. */
  open(digest: Digest): Promise<FileHandle | undefined>
  /** These bytes have arrived, for neighbours or for this device itself. */
  arrived(bytes: number): void
  /** Removes files for neighbours if the files of this device itself need their room on the disk. */
  freeDisk: CacheRoom['freeDisk']
  /** The room that it could give. */
  keptBytes: CacheRoom['keptBytes']
}

/** The folders of a download: where the file goes, and the files that may share bytes with it. */
export type DownloadFolder = Download['folder'] &
  SeedFiles & {
    /** The hub has answered with the file, or with its chunks: they need their room now. */
    onAnswer?(): Promise<void>
  }

export type CacheStoreDeps = {
  /** The files of this device itself. */
  own: SeedFiles
  /** The files for neighbours. */
  kept: Download['folder'] & SeedFiles & Pick<BlobFolder, 'remove' | 'listParts' | 'removePart'>
  bytesMax: number
  /** Fetches from the hub into the folder. */
  fetch(folder: DownloadFolder, file: WantedFile, signal: AbortSignal): Promise<DownloadResult>
  clock: Pick<Clock, 'monotonicMs'>
  log: Log
  signal: AbortSignal
}

/** A deployment has some tens of files. Neighbours that want more fetch from the hub. */
const QUEUE_MAX = 256

/** A neighbour that asks again within this time is sent to the hub. Later, the cache tries again. */
const FAILED_MS = 30_000

type Keeping = CacheStoreDeps & {
  queue: Map<Digest, number>
  failed: Map<Digest, { atMs: number; message: string }>
  room: CacheRoom
  arrivedBytes: number
  arriving: Digest | undefined
  working: boolean
}

export function openCacheStore(deps: CacheStoreDeps): CacheStore {
  const it: Keeping = {
    ...deps,
    queue: new Map(),
    failed: new Map(),
    room: openCacheRoom({ ...deps, arriving: () => it.arriving, monotonicMs: () => deps.clock.monotonicMs() }),
    arrivedBytes: 0,
    arriving: undefined,
    working: false,
  }
  return {
    open: (digest) => openFile(it, digest),
    freeDisk: it.room.freeDisk,
    keptBytes: it.room.keptBytes,
    arrived(bytes) {
      it.arrivedBytes += bytes
    },
    async order(file) {
      await using found = await openFile(it, file.digest)
      const told = (order: Omit<CacheOrder, 'arrivedBytes'>) => ({ ...order, arrivedBytes: it.arrivedBytes })
      if (found) return told({ state: 'here' })
      const failed = it.failed.get(file.digest)
      if (failed && it.clock.monotonicMs() - failed.atMs < FAILED_MS) {
        return told({ state: 'refused', message: failed.message })
      }
      if (file.sizeBytes > it.bytesMax) return told({ state: 'refused', message: 'the file is larger than the cache' })
      if (!it.queue.has(file.digest) && it.queue.size >= QUEUE_MAX) {
        return told({ state: 'refused', message: 'too many files wait for the cache' })
      }
      it.queue.set(file.digest, file.sizeBytes)
      void work(it)
      return told({ state: 'coming' })
    },
  }
}

async function openFile(it: Keeping, digest: Digest): Promise<FileHandle | undefined> {
  const own = await it.own.open(digest)
  if (own) return own
  try {
    const kept = await it.kept.open(digest)
    if (kept) it.room.use(digest)
    return kept
  } catch (error) {
    // Sealed under a key that was replaced, or damaged: the cache fetches it again.
    it.log.warn('site_cache_file_lost', { digest, error })
    await it.kept.remove(digest)
    return undefined
  }
}

/** One file after the other, until none is left. */
async function work(it: Keeping): Promise<void> {
  if (it.working) return
  it.working = true
  try {
    for (;;) {
      const [next] = it.queue
      if (!next || it.signal.aborted) return
      const [digest, sizeBytes] = next
      it.arriving = digest
      const problem = await fetchFile(it, { digest, sizeBytes })
      it.failed.delete(digest)
      if (problem !== undefined) it.failed.set(digest, { atMs: it.clock.monotonicMs(), message: problem })
      it.arriving = undefined
      it.queue.delete(digest)
    }
  } finally {
    it.working = false
  }
}

/** The reason why the file could not be fetched; undefined if it is here. */
async function fetchFile(it: Keeping, file: WantedFile): Promise<string | undefined> {
  try {
    let fitted: Promise<void> | undefined
    // A file that the hub does not give removes no other one.
    const onAnswer = () => (fitted ??= it.room.fit(file))
    const result = await it.fetch({ ...withSeeds(it), onAnswer }, file, it.signal)
    if (!result.ok) return result.message.slice(0, 500)
    await onAnswer()
    it.room.use(file.digest)
    it.log.info('site_cache_filled', { ...file, receivedBytes: result.receivedBytes })
    return undefined
  } catch (error) {
    if (!it.signal.aborted) it.log.warn('site_cache_fetch_failed', { digest: file.digest, error })
    return 'the cache could not fetch the file'
  }
}

/** A new version shares bytes with the files of this device, and with the ones that it keeps for others. */
const withSeeds = ({ own, kept, room }: Keeping): DownloadFolder => ({
  has: kept.has,
  openPart: kept.openPart,
  hasRoomFor: async (sizeBytes) => kept.hasRoomFor(sizeBytes - (await room.keptBytes())),
  async *list() {
    yield* kept.list()
    yield* own.list()
  },
  open: async (digest) => (await kept.open(digest)) ?? own.open(digest),
})
