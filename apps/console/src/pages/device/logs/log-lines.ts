/** Log lines as the card shows, filters, copies and saves them. Pure. */
import { LogLevel, type LogLine } from '@skerry/contract/devices/log-line'

export const LEVELS = LogLevel.options
export type LevelFilter = (typeof LEVELS)[number]

/** Its place among all that were fetched: lines have no other name, and times may repeat. */
export type NumberedLine = LogLine & { number: number }

/** The lines of the level and above that hold all the words, in any order. */
export function filterLines(lines: readonly LogLine[], level: LevelFilter, filter: string): NumberedLine[] {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const least = LEVELS.indexOf(level)
  return lines
    .map((line, number) => ({ ...line, number }))
    .filter((line) => {
      if (LEVELS.indexOf(line.level) < least) return false
      const text = `${line.event} ${line.program} ${saidText(line)}`.toLowerCase()
      return words.every((word) => text.includes(word))
    })
}

/** Everything but the number of the process, which tells nobody anything. */
export function saidText({ fields }: LogLine): string {
  return Object.entries(fields)
    .filter(([name]) => name !== 'pid')
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('  ')
}

/** JSON lines, as the agent wrote them. */
export const textOfLines = (lines: readonly LogLine[]): string =>
  lines
    .map(({ atMs, level, program, event, fields }) =>
      JSON.stringify({ level, time: new Date(atMs).toISOString(), name: program, ...fields, event }),
    )
    .map((line) => `${line}\n`)
    .join('')
