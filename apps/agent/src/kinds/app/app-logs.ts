/** App logs: the newest lines that the containers of an app wrote, oldest first. */
import type { IncomingMessage } from 'node:http'
import { createLineReader } from '@skerry/platform/containers/log-lines'
import type { AppLogLine } from '../driver.ts'

/** One container may send less than this: 2,000 long lines, and a limit for the memory of the agent. */
const LOG_BYTES_MAX = 4 * 1024 * 1024

/** [hub, answer-json] The hub accepts 4 MiB of JSON, in which quotes and control characters take more room. */
const ANSWER_CHARACTERS_MAX = 512 * 1024

/** As many of the newest lines as fit into one answer. */
export function newestLines(lines: readonly AppLogLine[]): AppLogLine[] {
  let characters = 0
  const first = lines.findLastIndex(({ text }) => {
    characters += text.length
    return characters > ANSWER_CHARACTERS_MAX
  })
  return lines.slice(first + 1)
}

/** Reads the two streams of a container until they end, or the limit. */
export async function readLines(service: string, response: IncomingMessage): Promise<AppLogLine[]> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of response) {
    pieces.push(piece)
    bytes += piece.length
    if (bytes > LOG_BYTES_MAX) break
  }
  return linesOf(service, Buffer.concat(pieces))
}

/** The lines of the frames. */
export function linesOf(service: string, bytes: Buffer): AppLogLine[] {
  const reader = createLineReader(service)
  return [...reader.take(bytes), ...reader.end()]
}
