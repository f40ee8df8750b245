/** Fresh lines: the lines of a fetched log that a person who follows it has not seen yet. */
import type { AppLogLine } from '@skerry/contract/apps/app-log'

/** The newest instant so far, and the lines of exactly this instant. */
export type ShownLines = { newestMs: number | undefined; atNewest: readonly string[] }

export const NOTHING_SHOWN: ShownLines = { newestMs: undefined, atNewest: [] }

/** The newest instant is fetched again, because more lines of it may have come. Each line is fresh once. */
export function freshLines(
  { newestMs, atNewest }: ShownLines,
  lines: readonly AppLogLine[],
): { fresh: AppLogLine[]; next: ShownLines } {
  const fresh = lines.filter(
    (line) =>
      newestMs === undefined || line.atMs > newestMs || (line.atMs === newestMs && !atNewest.includes(wordOf(line))),
  )
  const last = lines.at(-1)?.atMs ?? newestMs
  const words = lines.filter(({ atMs }) => atMs === last).map(wordOf)
  return { fresh, next: { newestMs: last, atNewest: last === newestMs ? [...atNewest, ...words] : words } }
}

const wordOf = ({ service, stream, text }: AppLogLine) => `${service} ${stream} ${text}`
