/**
 * Recording: a terminal session in the form asciicast v2 [docs.asciinema.org, asciicast v2], which many players know: a
 * line of JSON for the head, then one for each event. The text of the lines is exact, so that its digest can be compared.
 */
import type { TerminalSize } from '@skerry/contract/access/access'

/** o: output. i: input. r: a new size of the terminal. m: a marker, such as the end of the recording. */
export type CastEvent = { atMs: number; kind: 'o' | 'i' | 'r' | 'm'; text: string }

/** The first line. */
export function castHead(
  { columns, rows }: TerminalSize,
  { startMs, title }: { startMs: number; title: string },
): string {
  return `${JSON.stringify({ version: 2, width: columns, height: rows, timestamp: Math.floor(startMs / 1_000), title })}\n`
}

/** One event; its time counts from the start, in seconds with six places. */
export function castLine({ atMs, kind, text }: CastEvent): string {
  const seconds = Math.max(0, Math.round(atMs * 1_000) / 1_000_000)
  return `${JSON.stringify([seconds, kind, text])}\n`
}

export type Cast = TerminalSize & { events: CastEvent[] }

/** Reads a recording. Lines that are no events are left out: a recording that was cut may end in the middle of one. */
export function readCast(text: string): Cast | undefined {
  const [first = '', ...lines] = text.split('\n')
  const head = parse(first) as { version?: unknown; width?: unknown; height?: unknown } | undefined
  if (head?.version !== 2 || typeof head.width !== 'number' || typeof head.height !== 'number') return undefined
  return { columns: head.width, rows: head.height, events: lines.flatMap(eventsIn) }
}

/** The events in a part of a recording. Its head and lines that are no events are left out. */
export const castEvents = (text: string): CastEvent[] => text.split('\n').flatMap(eventsIn)

function eventsIn(line: string): CastEvent[] {
  const event = parse(line)
  if (!Array.isArray(event)) return []
  const [seconds, kind, content] = event as unknown[]
  const isKnown = kind === 'o' || kind === 'i' || kind === 'r' || kind === 'm'
  if (!isKnown || typeof seconds !== 'number' || typeof content !== 'string') return []
  return [{ atMs: seconds * 1_000, kind, text: content }]
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
