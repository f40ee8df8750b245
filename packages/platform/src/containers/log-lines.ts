/** Log lines: the lines of a container, from the frames in which its engine sends them, piece by piece. */
import type { AppLogLine } from '@skerry/contract/apps/app-log'

/** [contract, AppLogLine] The rest of a longer line is cut off. */
const LINE_CHARACTERS_MAX = 8_192

/** [Docker Engine API, ContainerAttach, stream format] */
const HEADER_BYTES = 8
const STDERR = 2

export type LineReader = {
  /** The lines that these bytes complete. A piece may end anywhere, and a frame inside of a line of its stream. */
  take(bytes: Buffer): AppLogLine[]
  /** The last lines, which have no end. */
  end(): AppLogLine[]
}

/** Reads both streams of the container of a service, with the time before each line. */
export function createLineReader(service: string): LineReader {
  const texts = { out: '', err: '' }
  let rest: Buffer = Buffer.alloc(0)
  return {
    take(bytes) {
      const lines: AppLogLine[] = []
      let at = 0
      rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes])
      while (at + HEADER_BYTES <= rest.length) {
        const end = at + HEADER_BYTES + rest.readUInt32BE(at + 4)
        if (end > rest.length) break
        const stream = rest[at] === STDERR ? 'err' : 'out'
        const whole = `${texts[stream]}${rest.toString('utf8', at + HEADER_BYTES, end)}`.split('\n')
        texts[stream] = whole.pop() ?? ''
        lines.push(...whole.flatMap((line) => lineOf(service, stream, line)))
        at = end
      }
      rest = rest.subarray(at)
      return lines
    },
    end: () => [...lineOf(service, 'out', texts.out), ...lineOf(service, 'err', texts.err)],
  }
}

/** The engine puts the time before each line: `2026-11-29T10:00:00.123456789Z text`. */
function lineOf(service: string, stream: 'out' | 'err', line: string): AppLogLine[] {
  const space = line.indexOf(' ')
  const atMs = Date.parse(space === -1 ? line : line.slice(0, space))
  if (!Number.isFinite(atMs)) return []
  const text = space === -1 ? '' : line.slice(space + 1).replace(/\r$/, '')
  return [{ atMs, service, stream, text: text.slice(0, LINE_CHARACTERS_MAX) }]
}
