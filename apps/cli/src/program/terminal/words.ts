/** Words: sizes, times and lists as people read them. */

const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** `10.3 MiB`. */
export function sizeText(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(SIZES.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** power
  return `${power === 0 ? value : value.toFixed(1)} ${SIZES[power]}`
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

/** `3 min`: the largest unit that is not zero. */
export function durationText(ms: number): string {
  const [unit, unitMs] = UNITS.find(([, size]) => ms >= size) ?? ['s', 1_000]
  return `${Math.floor(ms / unitMs)} ${unit}`
}

/** `3 min ago`; what is not past yet is `now`, since clocks differ. */
export function agoText(atMs: number | undefined, nowMs: number): string | undefined {
  if (atMs === undefined) return undefined
  return nowMs - atMs < 1_000 ? 'now' : `${durationText(nowMs - atMs)} ago`
}

/** `2026-11-24 10:30:05Z`. */
export function instantText(atMs: number | undefined): string | undefined {
  return atMs === undefined ? undefined : `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')}Z`
}

/** `line=4, team=ot`. */
export function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ')
}

/** `1 device`, `3 devices`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** `sha256:0123456789ab`: enough to tell digests apart by eye. */
export function digestText(digest: string): string {
  return digest.slice(0, 'sha256:'.length + 12)
}
