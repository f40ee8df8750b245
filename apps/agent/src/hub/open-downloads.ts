/** Open downloads: the way of files to this device, and the files that it keeps for its neighbours. */
import { type InstalledDeps, installedSeed } from '../kinds/agent/installed-archive.ts'
import type { AgentOptions } from '../options.ts'
import { openSiteCache, type SiteCache, type SiteCacheDeps } from '../site-cache/open-site-cache.ts'
import type { AgentSeat } from '../updates/agent-seat.ts'
import { openInstalledPart } from '../updates/installed-parts.ts'
import { createHubDownload, type HubDownload, type HubDownloadDeps, type InstalledFiles } from './hub-download.ts'

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
  const installed = seat && installedFiles({ root: seat.root, fileSystem, has: blobs.has })
  const download = stack.use(createHubDownload({ ...deps, options, folder, kept: siteCache.kept, installed }))
  return { download, siteCache }
}

const installedFiles = (deps: InstalledDeps): InstalledFiles => ({
  open: (file, signal) => openInstalledPart(deps, file, signal),
  seed: (kind) => installedSeed(deps, kind),
})
