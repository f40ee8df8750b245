/** Amounts: sizes and durations as people read them. */
import { language } from '../../texts/language.ts'

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const
const number = new Intl.NumberFormat(language, { maximumSignificantDigits: 3 })

/** A size in bytes, such as `3.4 KiB`. */
export function sizeText(bytes: number): string {
  const step = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10))
  return `${number.format(bytes / 1024 ** step)} ${UNITS[step]}`
}

/** A duration in microseconds as text, such as `7.8 ms`. */
export function durationText(us: number | undefined): string {
  if (us === undefined) return '–'
  if (us < 1_000) return `${number.format(us)} µs`
  return us < 1_000_000 ? `${number.format(us / 1_000)} ms` : `${number.format(us / 1_000_000)} s`
}

/** The remaining time in its largest unit: `40 s`, `3 min`, `2 h`. */
export function timeLeftText(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds))} s`
  return seconds < 3_600 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3_600)} h`
}
