/** Log lines as an agent sends them: the JSON lines of its log, as they were written. */
import { LOG_LINES_MAX, LogLine } from '@skerry/contract/devices/log-line'
import * as z from 'zod'
import { isOfHonestSize } from './answer-json.ts'

const Written = z.looseObject({ time: z.iso.datetime(), level: z.string(), name: z.string(), event: z.string() })

/** The lines; undefined where they are none. */
export function readLogLines(bytes: Uint8Array): LogLine[] | undefined {
  if (!isOfHonestSize(bytes)) return undefined
  const texts = Buffer.from(bytes)
    .toString('utf8')
    .split('\n')
    .filter((text) => text !== '')
  if (texts.length > LOG_LINES_MAX) return undefined
  const lines = texts.map(readLine)
  return lines.every((line) => line !== undefined) ? lines : undefined
}

function readLine(text: string): LogLine | undefined {
  const written = Written.safeParse(parse(text))
  if (!written.success) return undefined
  const { time, level, name, event, ...fields } = written.data
  return LogLine.safeParse({ atMs: Math.max(0, Date.parse(time)), level, program: name, event, fields }).data
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
