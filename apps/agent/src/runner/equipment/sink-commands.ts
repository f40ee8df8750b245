/**
 * Sink commands: the tags that a sink lets a remote host write. Each command is a write through the tag's own source,
 * one after the other for each source. The source's readings of these tags leave through the sink. So the host learns
 * the outcome of its command.
 */
import { overrunBy, type SinkCommand } from '@skerry/connectors/sink'
import { takeTurns } from '@skerry/connectors/turns'
import type { SparkplugSink } from '@skerry/contract/sinks/sink'
import type { SinkValue } from '@skerry/contract/sinks/sink-value'
import type { Source } from '@skerry/contract/sources/source'
import type { TagValue } from '@skerry/contract/sources/tag'
import type { SourceBoard } from './source-board.ts'
import { tagUnit } from './tag-units.ts'
import type { TagDoor } from './tag-writes.ts'
import { tagsIn } from './told-tags.ts'

/** A control room switches a few tags at once. Further commands would be written when nobody wants them any more. */
const UNDER_WAY_MAX = 100

export type CommandMeans = {
  board: Pick<SourceBoard, 'subscribe' | 'newest'>
  door: TagDoor
  /** A source that runs here. It states the units of its tags. */
  sourceOf(name: string): Source | undefined
}

export type SinkCommands = Disposable & {
  hear(command: SinkCommand): void
  /** Sends the current values of all its tags, because a new host has none yet. */
  tellAll(): void
}

/** Sends changes, until it is disposed. `tell` sends the values through the sink. */
export function serveCommands(
  { name, connection }: SparkplugSink,
  { board, door, sourceOf }: CommandMeans,
  tell: (values: readonly SinkValue[]) => void,
): SinkCommands {
  const stack = new DisposableStack()
  const { host, port, commands } = connection
  const writer = { sink: name, broker: port === undefined ? host : `${host}:${port}` }
  const told = new Map<string, string>()
  const pass = (source: string, values: readonly TagValue[]) => {
    for (const value of values) told.set(keyOf(source, value), wordsOf(value))
    if (values.length > 0)
      tell(values.map((value) => leavingValue(source, value, tagUnit(sourceOf(source), value.tag))))
  }
  const tellNow = (source: string, tags: readonly string[]) =>
    pass(
      source,
      tags.flatMap((tag) => board.newest(source, tag) ?? []),
    )
  for (const { source, tags } of commands) {
    const read = tagsIn(new Set(tags))
    const onReading: Parameters<SourceBoard['subscribe']>[1] = (reading, group) =>
      pass(
        source,
        read(reading, group).filter((value) => told.get(keyOf(source, value)) !== wordsOf(value)),
      )
    stack.use(board.subscribe(source, onReading))
  }
  const turns = new Map(commands.map(({ source }) => [source, takeTurns()]))
  let underWay = 0
  const write = async ({ source, tag, value }: SinkCommand & { ok: true }) => {
    await door.write(writer, { source, tag, value })
    underWay -= 1
    // The host gets the current value even if it did not change, or if the write was rejected.
    tellNow(source, [tag])
  }
  return {
    hear(command) {
      if (!command.ok) {
        const { ok: _, code, message, ...at } = command
        return door.refused({ ...writer, ...at, refusal: { code, message } })
      }
      const { source, tag, value } = command
      if (underWay >= UNDER_WAY_MAX) {
        const refusal = overrunBy(underWay + 1, UNDER_WAY_MAX)
        return door.refused({ ...writer, source, tag, value, refusal })
      }
      underWay += 1
      void turns.get(source)?.(() => write(command))
    },
    tellAll() {
      for (const { source, tags } of commands) tellNow(source, tags)
    },
    [Symbol.dispose]: () => stack[Symbol.dispose](),
  }
}

const keyOf = (source: string, { tag }: TagValue) => `${source}/${tag}`

/** The value as a host sees it: a new time alone is no change. */
const wordsOf = (value: TagValue) =>
  JSON.stringify([value.quality, value.quality === 'good' ? '' : value.cause.code, 'value' in value ? value.value : ''])

function leavingValue(source: string, value: TagValue, unit: string | undefined): SinkValue {
  const { tag, sourceTimeMs, receivedTimeMs, quality } = value
  const eventTimeMs = Math.floor(sourceTimeMs ?? receivedTimeMs)
  const at = { signal: keyOf(source, value), source, tag, ...(unit !== undefined && { unit }), eventTimeMs }
  if (quality === 'bad') return { ...at, quality, cause: value.cause.code }
  return quality === 'good'
    ? { ...at, quality, value: value.value }
    : { ...at, quality, value: value.value, cause: value.cause.code }
}
