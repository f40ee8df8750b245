/** Log ring: the newest lines of the log, in memory, for whoever asks over the hub. The oldest go first. */
import { LOG_BYTES_MAX, LOG_LINES_MAX, LogLevel } from '@skerry/contract/devices/log-line'

export type LogRing = {
  /** Takes one line as the log wrote it. */
  add(line: string): void
  /** The newest lines of a level and above, oldest first, and how many older ones there are. */
  newest(level: LogLevel, limit: number): { text: string; omittedCount: number }
}

const RANKS = LogLevel.options

/** [platform/log.ts] Every line of ours begins with its level; what does not is somebody else's, and counts as the worst. */
const rankOf = (line: string) => {
  const rank = RANKS.findIndex((level) => line.startsWith(`{"level":"${level}"`))
  return rank === -1 ? RANKS.length - 1 : rank
}

/** An empty one. */
export function createLogRing(linesMax = LOG_LINES_MAX, bytesMax = LOG_BYTES_MAX): LogRing {
  let lines: { rank: number; line: string; bytes: number }[] = []
  let first = 0
  let bytesHeld = 0
  const dropOldest = () => {
    bytesHeld -= lines[first]?.bytes ?? 0
    first++
    // Half of the array is empty then: moving the rest costs each line one step in all.
    if (first * 2 > lines.length) {
      lines = lines.slice(first)
      first = 0
    }
  }
  return {
    add(line) {
      const bytes = Buffer.byteLength(line)
      if (bytes > bytesMax || !line.startsWith('{')) return
      lines.push({ rank: rankOf(line), line: line.endsWith('\n') ? line : `${line}\n`, bytes })
      bytesHeld += bytes
      while (bytesHeld > bytesMax || lines.length - first > linesMax) dropOldest()
    },
    newest(level, limit) {
      const least = RANKS.indexOf(level)
      const fitting = lines.slice(first).filter(({ rank }) => rank >= least)
      const sent = fitting.slice(-limit)
      return { text: sent.map(({ line }) => line).join(''), omittedCount: fitting.length - sent.length }
    },
  }
}
