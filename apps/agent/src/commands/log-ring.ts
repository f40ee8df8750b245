/** Log ring: the newest lines of the log, in memory, for requests of the hub. The oldest lines are dropped first. */
import { LOG_BYTES_MAX, LOG_LINES_MAX, LogLevel } from '@skerry/contract/devices/log-line'

export type LogRing = {
  /** Takes one line in the form of the log. */
  add(line: string): void
  /** The newest lines of this level and above, oldest first, and the number of omitted older ones. */
  newest(level: LogLevel, limit: number): { text: string; omittedCount: number }
  /** Calls the listener with each new line. Returns the function that ends it. */
  follow(listener: (line: string) => void): () => void
}

const RANKS = LogLevel.options

/**
 * [platform/log.ts] Every line of ours begins with its level. A line without one is from another program, and counts as
 * the worst level.
 */
const rankOf = (line: string) => {
  const rank = RANKS.findIndex((level) => line.startsWith(`{"level":"${level}"`))
  return rank === -1 ? RANKS.length - 1 : rank
}

export function createLogRing(linesMax = LOG_LINES_MAX, bytesMax = LOG_BYTES_MAX): LogRing {
  let lines: { rank: number; line: string; bytes: number }[] = []
  let first = 0
  let bytesHeld = 0
  const listeners = new Set<(line: string) => void>()
  const dropOldest = () => {
    bytesHeld -= lines[first]?.bytes ?? 0
    first++
    // Half of the array is empty then. So moving the rest costs one step for each line in total.
    if (first * 2 > lines.length) {
      lines = lines.slice(first)
      first = 0
    }
  }
  return {
    add(line) {
      const bytes = Buffer.byteLength(line)
      if (bytes > bytesMax || !line.startsWith('{')) return
      const ended = line.endsWith('\n') ? line : `${line}\n`
      lines.push({ rank: rankOf(line), line: ended, bytes })
      bytesHeld += bytes
      while (bytesHeld > bytesMax || lines.length - first > linesMax) dropOldest()
      for (const listener of listeners) listener(ended)
    },
    follow(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    newest(level, limit) {
      const least = RANKS.indexOf(level)
      const fitting = lines.slice(first).filter(({ rank }) => rank >= least)
      const sent = fitting.slice(-limit)
      return { text: sent.map(({ line }) => line).join(''), omittedCount: fitting.length - sent.length }
    },
  }
}
