/** Opens the downloads from the hub and its caches, and the watch of the line over which they come. */
import { rateAt } from '@skerry/core/settings/download-limits'
import type { HubDownload } from '../hub/hub-download.ts'
import { type DownloadsDeps, openDownloads } from '../hub/open-downloads.ts'
import type { AgentOptions } from '../options.ts'
import type { SiteCache } from '../site-cache/open-site-cache.ts'
import { programRunner } from '../system/run-program.ts'
import { type LineWatch, startLineWatch } from './line-watch.ts'

type Parts = Omit<DownloadsDeps, 'arrived'> & {
  /** The origin of the hub; undefined before the device has joined one. */
  hub(): string | undefined
  /** The facts of the line have changed. */
  onChange(): void
  signal: AbortSignal
}

type Opened = { line: LineWatch; download: HubDownload; siteCache: SiteCache }

/** Watches until the signal fires. */
export async function openDownload(options: AgentOptions, parts: Parts): Promise<Opened> {
  const { settings, clock, signal } = parts
  const isSlowed = () => rateAt(settings.downloadLimits(), clock.nowMs()) !== undefined
  const line = await startLineWatch({ ...parts, options, run: programRunner(process.env), isSlowed }, signal)
  return { line, ...(await openDownloads(options, { ...parts, arrived: line.arrived })) }
}
