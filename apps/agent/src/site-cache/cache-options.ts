/** Cache options: the arguments of the command line that make the agent a cache of its site. */
import type { Address } from '../options.ts'

export type CacheSwitches = { listen: Address; bytesMax: number }

export const CACHE_FLAGS = {
  'site-cache': { type: 'string' },
  'site-cache-size': { type: 'string', default: '10GB' },
} as const

export const CACHE_HELP = `  --site-cache H:P    keep files for other devices of the site, and serve them there to devices that the hub names
  --site-cache-size S the space for these files, such as 500MB or 20GB (default: 10GB)`

type Flags = { 'site-cache'?: string | undefined; 'site-cache-size': string }
type Parse = (text: string) => Address | undefined

const UNITS: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9, TB: 1e12 }

/** A model of some size must fit. */
const BYTES_MIN = 100e6

function bytesIn(text: string): number | undefined {
  const [, count, unit = ''] = /^([1-9][0-9]{0,5})(MB|GB|TB)$/.exec(text) ?? []
  const bytes = count === undefined ? 0 : Number(count) * (UNITS[unit] ?? 0)
  return bytes >= BYTES_MIN ? bytes : undefined
}

/** The mistake in the arguments; undefined if there is none. */
export function cacheTrouble(flags: Flags, parse: Parse): string | undefined {
  const { 'site-cache': listen, 'site-cache-size': size } = flags
  if (listen !== undefined && !parse(listen)) {
    return `--site-cache must be HOST:PORT such as 0.0.0.0:8600, not ${JSON.stringify(listen.slice(0, 100))}`
  }
  if (bytesIn(size) !== undefined) return undefined
  return `--site-cache-size must be at least 100MB, such as 500MB or 20GB, not ${JSON.stringify(size.slice(0, 100))}`
}

/** Undefined if the agent is no cache. The arguments have no trouble. */
export function cacheOf(
  { 'site-cache': text = '', 'site-cache-size': size }: Flags,
  parse: Parse,
): CacheSwitches | undefined {
  const listen = parse(text)
  const bytesMax = bytesIn(size)
  return listen && bytesMax !== undefined ? { listen, bytesMax } : undefined
}
