/**
 * CAN session: keeps the newest frame of each tag, and reports its value at the rate of its group. Frames come much
 * faster than values are needed.
 */
import { type Reading, readingOf } from '@skerry/connectors/reading'
import type { OpenSession, Session } from '@skerry/connectors/session'
import { badValue, tagValue } from '@skerry/connectors/value'
import type { CanTag } from '@skerry/contract/sources/protocols/source-can'
import type { CanSource } from '@skerry/contract/sources/source'
import type { TagValue } from '@skerry/contract/sources/tag'
import type { Clock } from '@skerry/platform/process/clock'
import { type CanFrame, idText } from './frame.ts'
import { type Listener, startListener } from './listener.ts'
import { bitsOf, numberOf } from './signal.ts'

/** The newest frame with this id. */
type Heard = { tag: CanTag; data: Uint8Array | undefined; receivedTimeMs: number; heardMs: number }

/** In milliseconds. candump ends at once if it cannot listen. It writes nothing if it can. */
const START_MS = 500

/** [ISO 11898-1] The highest number of a frame with 11 bits. */
const STANDARD_MAX = 0x7ff

const isExtended = ({ id, extended }: CanTag) => extended || id > STANDARD_MAX

/** Starts candump on the interface. */
export const openCan: OpenSession<CanSource> = async (source, { clock }, signal): Promise<Session> => {
  signal.throwIfAborted()
  const { interface: name, silenceMaxMs } = source.connection
  const all = source.groups.flatMap(({ tags }): Heard[] =>
    tags.map((tag) => ({ tag, data: undefined, receivedTimeMs: 0, heardMs: 0 })),
  )
  const byName = new Map(all.map((one) => [one.tag.name, one]))
  const byId = Map.groupBy(all, ({ tag }) => idText(tag.id, isExtended(tag)))
  const listener = startListener({ name, ids: [...byId.keys()] }, (frame) => hear(byId, frame, clock))
  const gone = listener.ended.then((trouble): never => {
    throw trouble
  })
  gone.catch(() => undefined)
  await whileNotGone(listener, gone, clock.sleep(START_MS, signal))
  return {
    async read({ tags }): Promise<Reading> {
      const values = tags.flatMap((tag) => {
        const heard = byName.get(tag.name)
        return heard ? [toldOf(heard, silenceMaxMs, clock)] : []
      })
      return Promise.race([gone, readingOf(values)])
    },
    write: async () => ({ ok: false, code: 'tag_read_only', message: 'a CAN source only listens; it cannot write' }),
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  }
}

async function whileNotGone(listener: Listener, gone: Promise<never>, started: Promise<void>): Promise<void> {
  try {
    await Promise.race([gone, started])
  } catch (error) {
    await listener[Symbol.asyncDispose]()
    throw error
  }
}

function hear(byId: ReadonlyMap<string, Heard[]>, { id, data }: CanFrame, clock: Clock): void {
  for (const heard of byId.get(id) ?? []) {
    const { multiplexor } = heard.tag
    if (multiplexor && bitsOf(data, multiplexor) !== BigInt(multiplexor.value)) continue
    heard.data = data
    heard.receivedTimeMs = clock.nowMs()
    heard.heardMs = clock.monotonicMs()
  }
}

function toldOf({ tag, data, receivedTimeMs, heardMs }: Heard, silenceMaxMs: number, clock: Clock): TagValue {
  if (!data) return badValue(tag.name, UNTOLD, clock.nowMs())
  const staleMs = tag.staleAfterMs ?? silenceMaxMs
  if (clock.monotonicMs() - heardMs > staleMs) {
    return badValue(
      tag.name,
      { code: 'value_stale', message: `no frame with this value arrived for ${staleMs} ms` },
      clock.nowMs(),
    )
  }
  const bits = bitsOf(data, tag)
  if (bits === undefined) return badValue(tag.name, shortOf(data), receivedTimeMs)
  const value = numberOf(bits, tag.length, tag.type)
  const isInexact = tag.type !== 'float' && !Number.isSafeInteger(value)
  return tagValue(tag, { value, isInexact }, receivedTimeMs)
}

const UNTOLD = {
  code: 'value_awaited',
  message: 'no frame with this value has arrived yet; check id, interface and bit rate of the bus',
}
const shortOf = (data: Uint8Array) => ({
  code: 'value_missing',
  message: `the frame has ${data.length} bytes, too few for this value`,
})
