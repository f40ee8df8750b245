/**
 * Sink commands: the tags that a sink lets somebody on the other side write. What is wanted goes through the door of the tag's own source, one after the other
 * for each source; what the source reads of these tags goes out through the sink, which is how anybody learns what became of a command.
 */
import { overrunBy, type SinkCommand } from '@skerry/connectors/sink'
import { takeTurns } from '@skerry/connectors/turns'
import type { SparkplugSink } from '@skerry/contract/sinks/sink'
import type { SinkValue } from '@skerry/contract/sinks/sink-value'
import type { TagValue } from '@skerry/contract/sources/tag'
import type { SourceBoard } from './source-board.ts'
import type { TagDoor } from './tag-writes.ts'
import { tagsIn } from './told-tags.ts'

/** A control room switches some at once; what piles up beyond it would be written when nobody wants it any more. */
const UNDER_WAY_MAX = 100

export type CommandMeans = { board: Pick<SourceBoard, 'subscribe' | 'newest'>; door: TagDoor }

export type SinkCommands = Disposable & {
  hear(command: SinkCommand): void
  /** Tells how all of its tags are: whoever is there now knows nothing yet. */
  tellAll(): void
}

/** Tells on change, until disposed; `tell` has the values leave through the sink. */
export function serveCommands(
  { name, connection }: SparkplugSink,
  { board, door }: CommandMeans,
  tell: (values: readonly SinkValue[]) => void,
): SinkCommands {
  const stack = new DisposableStack()
  const { host, port, commands } = connection
  const writer = { sink: name, broker: port === undefined ? host : `${host}:${port}` }
  const told = new Map<string, string>()
  const pass = (source: string, values: readonly TagValue[]) => {
    for (const value of values) told.set(keyOf(source, value), wordsOf(value))
    if (values.length > 0) tell(values.map((value) => leavingValue(source, value)))
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
    // Who wanted what it was already, or was refused, hears how it is.
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

/** As a host would see it: times alone are no news. */
const wordsOf = (value: TagValue) =>
  JSON.stringify([value.quality, value.quality === 'good' ? '' : value.cause.code, 'value' in value ? value.value : ''])

function leavingValue(source: string, value: TagValue): SinkValue {
  const { tag, sourceTimeMs, receivedTimeMs, quality } = value
  const at = { signal: keyOf(source, value), source, tag, eventTimeMs: Math.floor(sourceTimeMs ?? receivedTimeMs) }
  if (quality === 'bad') return { ...at, quality, cause: value.cause.code }
  return quality === 'good'
    ? { ...at, quality, value: value.value }
    : { ...at, quality, value: value.value, cause: value.cause.code }
}
