/** Durations: spans of time as people write them (`90s`, `5m`, `2h`, `1d`), in whole seconds. */

const UNITS = { '': 1, s: 1, m: 60, min: 60, h: 3_600, d: 86_400 } as const

/** `90`, `90s`, `5m`, `2h` or `1d`, in seconds; undefined where it is none of these. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,9})(s|m|min|h|d)?$/.exec(text.trim()) ?? []
  return count === undefined ? undefined : Number(count) * UNITS[(unit ?? '') as keyof typeof UNITS]
}

const STEPS = [
  ['d', 'day', 86_400],
  ['h', 'hour', 3_600],
  ['m', 'minute', 60],
  ['s', 'second', 1],
] as const

const stepOf = (seconds: number) => STEPS.find(([, , size]) => seconds > 0 && seconds % size === 0) ?? STEPS[3]

/** Exactly so long, in the largest unit that does not need a fraction: `90s`, `5m`. */
export function durationText(seconds: number): string {
  const [unit, , size] = stepOf(seconds)
  return `${seconds / size}${unit}`
}

/** The same in words: `90 seconds`, `5 minutes`, `1 day`. */
export function durationWords(seconds: number): string {
  const [, word, size] = stepOf(seconds)
  const count = seconds / size
  return `${count} ${word}${count === 1 ? '' : 's'}`
}
