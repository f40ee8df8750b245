/** Size text: a number of bytes as people read it, as disks and memory are sold. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** A size in bytes, such as `9.94 kB`. */
export function sizeText(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3))
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${UNITS[power]}`
}
