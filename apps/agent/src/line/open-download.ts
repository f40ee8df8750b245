/** Opens the downloads from the hub, and the watch of the line over which they come. */
import { rateAt } from '@skerry/core/settings/download-limits'
import { createHubDownload, type HubDownload, type HubDownloadDeps } from '../hub/hub-download.ts'
import type { AgentOptions } from '../options.ts'
import { programRunner } from '../system/run-program.ts'
import { type LineWatch, startLineWatch } from './line-watch.ts'

type Parts = Omit<HubDownloadDeps, 'options' | 'arrived'> & {
  /** The origin of the hub; undefined before the device has joined one. */
  hub(): string | undefined
  /** The facts of the line have changed. */
  onChange(): void
  stack: AsyncDisposableStack
  signal: AbortSignal
}

/** Watches until the signal fires. */
export async function openDownload(
  options: AgentOptions,
  { stack, signal, ...parts }: Parts,
): Promise<{ line: LineWatch; download: HubDownload }> {
  const { settings, clock } = parts
  const isSlowed = () => rateAt(settings.downloadLimits(), clock.nowMs()) !== undefined
  const line = await startLineWatch({ ...parts, options, run: programRunner(process.env), isSlowed }, signal)
  const download = stack.use(createHubDownload({ ...parts, options, arrived: line.arrived }))
  return { line, download }
}
