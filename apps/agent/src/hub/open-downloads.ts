/** Open downloads: the way of files to this device, and the files that it keeps for its neighbours. */
import type { AgentOptions } from '../options.ts'
import { openSiteCache, type SiteCache, type SiteCacheDeps } from '../site-cache/open-site-cache.ts'
import { createHubDownload, type HubDownload, type HubDownloadDeps } from './hub-download.ts'

export type DownloadsDeps = Omit<HubDownloadDeps, 'options' | 'folder'> &
  Omit<SiteCacheDeps, 'data' | 'download' | 'blobs'> & {
    blobs: HubDownloadDeps['folder']
    /** Other copies on the disk check the room in the same way as a download. */
    takeRoom(folder: Pick<HubDownloadDeps['folder'], 'hasRoomFor'>): void
    stack: AsyncDisposableStack
  }

/** Both fetch from the hub in the same way, and count their bytes together. */
export async function openDownloads(
  options: AgentOptions,
  { blobs, stack, takeRoom, ...deps }: DownloadsDeps,
): Promise<{ download: HubDownload; siteCache: SiteCache }> {
  const { data } = options
  const siteCache = await openSiteCache(options.siteCache, { ...deps, data, blobs, download: () => download })
  const folder = siteCache.withRoom(blobs)
  takeRoom(folder)
  const download = stack.use(createHubDownload({ ...deps, options, folder, kept: siteCache.kept }))
  return { download, siteCache }
}
