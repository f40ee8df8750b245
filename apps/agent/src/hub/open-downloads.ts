/** Open downloads: the way of files to this device, and the files that it keeps for its neighbours. */
import type { AgentOptions } from '../options.ts'
import type { WantedFile } from '../site-cache/cache-store.ts'
import { openSiteCache, type SiteCache, type SiteCacheDeps } from '../site-cache/open-site-cache.ts'
import type { AgentSeat } from '../updates/agent-seat.ts'
import { openInstalledPart } from '../updates/installed-parts.ts'
import { createHubDownload, type HubDownload, type HubDownloadDeps } from './hub-download.ts'

export type DownloadsDeps = Omit<HubDownloadDeps, 'options' | 'folder' | 'installed'> &
  Omit<SiteCacheDeps, 'data' | 'download' | 'blobs'> & {
    blobs: HubDownloadDeps['folder']
    /** Other copies on the disk check the room in the same way as a download. */
    takeRoom(folder: Pick<HubDownloadDeps['folder'], 'hasRoomFor'>): void
    stack: AsyncDisposableStack
    /** Undefined if no launcher started the agent. */
    seat: Pick<AgentSeat, 'root'> | undefined
  }

/** Both fetch from the hub in the same way, and count their bytes together. */
export async function openDownloads(
  options: AgentOptions,
  { blobs, stack, takeRoom, seat, ...deps }: DownloadsDeps,
): Promise<{ download: HubDownload; siteCache: SiteCache }> {
  const { data } = options
  const siteCache = await openSiteCache(options.siteCache, { ...deps, data, blobs, download: () => download })
  const folder = siteCache.withRoom(blobs)
  takeRoom(folder)
  const { fileSystem } = deps
  const installed =
    seat &&
    ((file: WantedFile, signal: AbortSignal) => openInstalledPart({ root: seat.root, fileSystem }, file, signal))
  const download = stack.use(createHubDownload({ ...deps, options, folder, kept: siteCache.kept, installed }))
  return { download, siteCache }
}
