/**
 * Proxy keeper: the way to the hub. A new way counts after the hub has answered over it; otherwise the last good one
 * stays. The last good one is on the disk, because an agent that starts cannot ask the hub for it.
 */
import { join } from 'node:path'
import { ProxySetting } from '@skerry/contract/settings/device-settings'
import type { SystemReading } from '@skerry/contract/settings/system-settings'
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import * as z from 'zod'

export type ProxyKeeper = {
  /** The newest result; undefined if no settings name a way. */
  reading(): SystemReading | undefined
  /** Tries the way of the settings, and keeps it if the hub answers. Rejects only by the signal. */
  apply(wanted: ProxySetting | undefined, signal: AbortSignal): Promise<void>
}

export type ProxyKeeperDeps = {
  fileSystem: FileSystem
  data: string
  clock: Pick<Clock, 'nowMs' | 'monotonicMs' | 'sleep'>
  log: Log
  /** The way of the command line. */
  proxy: string | undefined
  /** Lets new connections of the agent use this way. */
  setProxy(address: string | undefined): void
  /** Whether the hub answers a new request now, with its certificate. */
  isHubReached(signal: AbortSignal): Promise<boolean>
  /** Called when the reading has changed. */
  onChange(): void
  confirmSeconds?: number
}

/** The hub answers within some seconds, also over a satellite. Longer would delay the return of a wrong way. */
const CONFIRM_SECONDS = 30

/** The time between two requests to the hub over a new way. */
const AGAIN_MS = 2_000

const Kept = z.object({ v: z.literal(1), proxy: ProxySetting })

const pathIn = (data: string) => join(data, 'proxy.json')

/** The last good way of the settings, from the disk. */
export async function readKeptProxy(fileSystem: FileSystem, data: string): Promise<ProxySetting | undefined> {
  const bytes = await readIfPresent(fileSystem, pathIn(data))
  try {
    return bytes && Kept.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))).proxy
  } catch {
    // The way of the command line counts until the hub has sent the settings.
    return undefined
  }
}

/** The address of a way; undefined if it is direct. */
export const addressOfWay = (way: ProxySetting): string | undefined => (way === 'direct' ? undefined : way)

/** Begins with the last good way. */
export async function openProxyKeeper(deps: ProxyKeeperDeps): Promise<ProxyKeeper> {
  const usual: ProxySetting = deps.proxy ?? 'direct'
  const kept = await readKeptProxy(deps.fileSystem, deps.data)
  let current = kept ?? usual
  // The way of the command line needs no proof: nobody else has set another one.
  let isProved = kept === undefined
  let reading: SystemReading | undefined
  deps.setProxy(addressOfWay(current))
  const say = (next: Pick<SystemReading, 'state' | 'problem'> | undefined) => {
    reading = next && { setting: 'proxy', ...next, atMs: Math.floor(deps.clock.nowMs()) }
    deps.onChange()
  }
  const keep = async (way: ProxySetting, isOfSettings: boolean) => {
    current = way
    isProved = true
    if (isOfSettings) await writeAtomic(deps.fileSystem, pathIn(deps.data), JSON.stringify({ v: 1, proxy: way }))
    else await deps.fileSystem.removeFile(pathIn(deps.data))
  }
  return {
    reading: () => reading,
    async apply(wanted, signal) {
      const target = wanted ?? usual
      if (target === current && isProved) {
        await keep(target, wanted !== undefined)
        return say(wanted === undefined ? undefined : { state: 'applied' })
      }
      if (wanted !== undefined) say({ state: 'trying' })
      const ways = [...new Set([target, current, usual])]
      const found = await firstGoodWay(ways, deps, signal).catch((error: unknown) => {
        deps.setProxy(addressOfWay(current))
        throw error
      })
      if (found === undefined) deps.setProxy(addressOfWay(current))
      else await keep(found, found !== usual || wanted === found)
      say(outcomeOf(target, found, wanted))
      if (found !== target) deps.log.warn('proxy_returned', { wanted: target, way: found ?? current })
    },
  }
}

/** Without settings, nobody waits for a result. */
function outcomeOf(target: ProxySetting, found: ProxySetting | undefined, wanted: ProxySetting | undefined) {
  if (wanted === undefined) return undefined
  if (found === target) return { state: 'applied' } as const
  const problem = `the hub did not answer through ${target}`
  if (found === undefined) return { state: 'failed', problem: `${problem}, nor over another known way` } as const
  return { state: 'returned', problem: `${problem}; the device uses ${found}` } as const
}

/** Leaves the first way in use over which the hub answers. */
async function firstGoodWay(
  ways: readonly ProxySetting[],
  deps: ProxyKeeperDeps,
  signal: AbortSignal,
): Promise<ProxySetting | undefined> {
  const { clock, confirmSeconds = CONFIRM_SECONDS } = deps
  for (const way of ways) {
    deps.setProxy(addressOfWay(way))
    const overMs = clock.monotonicMs() + confirmSeconds * 1_000
    for (;;) {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(confirmSeconds * 1_000)])
      const isReached = await deps.isHubReached(limited).catch(() => false)
      signal.throwIfAborted()
      if (isReached) return way
      if (clock.monotonicMs() >= overMs) break
      await clock.sleep(AGAIN_MS, signal)
    }
  }
  return undefined
}
