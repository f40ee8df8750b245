/** Page texts: times and sizes as people read them. */

const UNITS: readonly (readonly [ms: number, word: string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
]

/** A length of time in its largest unit, such as `3 min`. */
export function lengthText(ms: number): string {
  const [unitMs, word] = UNITS.find(([each]) => ms >= each) ?? [1_000, 's']
  return `${Math.max(0, Math.floor(ms / unitMs))} ${word}`
}

/** The length of time since then. The clock of a device may jump back. */
export const sinceText = (atMs: number, nowMs: number): string => lengthText(Math.max(0, nowMs - atMs))

/** Bytes in GB or MB. */
export const sizeText = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`

/** A time in the zone of the device. */
export const timeText = (atMs: number): string => new Date(atMs).toLocaleString('en-GB', { hour12: false })
