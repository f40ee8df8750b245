/** App logs: the newest lines that the containers of an app wrote, oldest first. */
import type { IncomingMessage } from 'node:http'
import type { AppLogLine } from '../driver.ts'

/** [contract, AppLogLine] The rest of a longer line is cut off. */
const LINE_CHARACTERS_MAX = 8_192

/** One container may send less than this: 2,000 long lines, and a limit for the memory of the agent. */
const LOG_BYTES_MAX = 4 * 1024 * 1024

/** [hub, answer-json] The hub accepts 4 MiB of JSON, in which quotes and control characters take more room. */
const ANSWER_CHARACTERS_MAX = 512 * 1024

/** [Docker Engine API, ContainerAttach, stream format] */
const HEADER_BYTES = 8
const STDERR = 2

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

/** The lines of the frames. A frame may end inside of a line of its stream. */
export function linesOf(service: string, bytes: Buffer): AppLogLine[] {
  const texts = { out: '', err: '' }
  const lines: AppLogLine[] = []
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const stream = bytes[at] === STDERR ? 'err' : 'out'
    const end = at + HEADER_BYTES + bytes.readUInt32BE(at + 4)
    const whole = `${texts[stream]}${bytes.toString('utf8', at + HEADER_BYTES, end)}`.split('\n')
    texts[stream] = whole.pop() ?? ''
    lines.push(...whole.flatMap((line) => lineOf(service, stream, line)))
    at = end
  }
  for (const stream of ['out', 'err'] as const) lines.push(...lineOf(service, stream, texts[stream]))
  return lines
}

/** The engine puts the time before each line: `2026-11-29T10:00:00.123456789Z text`. */
function lineOf(service: string, stream: 'out' | 'err', line: string): AppLogLine[] {
  const space = line.indexOf(' ')
  const atMs = Date.parse(space === -1 ? line : line.slice(0, space))
  if (!Number.isFinite(atMs)) return []
  const text = space === -1 ? '' : line.slice(space + 1).replace(/\r$/, '')
  return [{ atMs, service, stream, text: text.slice(0, LINE_CHARACTERS_MAX) }]
}
