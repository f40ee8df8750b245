/** Batch blob: the values of a batch as they lie on the disk: column by column, what they have in common once, and a checksum before it. */
import { crc32 } from 'node:zlib'
import type { SinkValue } from '@skerry/contract/sinks/sink-value'

type Origin = Pick<SinkValue, 'signal' | 'source' | 'tag' | 'flow' | 'unit'>

/** `place`: of its origin. `more`: quality and cause of what is not good, by its index. Times are kept as what has passed since the one before. */
type Columns = {
  origins: Origin[]
  place: number[]
  passedMs: number[]
  value: unknown[]
  more: Record<number, { quality: SinkValue['quality']; cause: string }>
}

const CHECKSUM_BYTES = 4

export function encodeBatch(values: readonly SinkValue[]): Uint8Array {
  const columns: Columns = { origins: [], place: [], passedMs: [], value: [], more: {} }
  const places = new Map<string, number>()
  let beforeMs = 0
  for (const [index, value] of values.entries()) {
    columns.place.push(placeOf(columns, places, value))
    columns.passedMs.push(value.eventTimeMs - beforeMs)
    beforeMs = value.eventTimeMs
    columns.value.push(value.quality === 'bad' ? null : value.value)
    if (value.quality !== 'good') columns.more[index] = { quality: value.quality, cause: value.cause }
  }
  const text = Buffer.from(JSON.stringify(columns))
  const blob = Buffer.allocUnsafe(CHECKSUM_BYTES + text.length)
  blob.writeUInt32LE(crc32(text))
  text.copy(blob, CHECKSUM_BYTES)
  return blob
}

function placeOf({ origins }: Columns, places: Map<string, number>, value: SinkValue): number {
  const { signal, source, tag, flow, unit } = value
  const key = `${signal}\n${source ?? ''}\n${tag ?? ''}\n${flow ?? ''}\n${unit ?? ''}`
  const known = places.get(key)
  if (known !== undefined) return known
  origins.push({
    signal,
    ...(source === undefined ? {} : { source }),
    ...(tag === undefined ? {} : { tag }),
    ...(flow === undefined ? {} : { flow }),
    ...(unit === undefined ? {} : { unit }),
  })
  places.set(key, origins.length - 1)
  return origins.length - 1
}

/** Undefined where the disk no longer has what was written. */
export function decodeBatch(bytes: Uint8Array): SinkValue[] | undefined {
  const blob = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const text = blob.subarray(CHECKSUM_BYTES)
  if (blob.length < CHECKSUM_BYTES || crc32(text) !== blob.readUInt32LE()) return undefined
  // What has its checksum is what `encodeBatch` wrote.
  const { origins, place, passedMs, value, more }: Columns = JSON.parse(text.toString())
  let eventTimeMs = 0
  return place.map((at, index): SinkValue => {
    eventTimeMs += passedMs[index] ?? 0
    const origin = { signal: '', ...origins[at], eventTimeMs }
    const content = { value: value[index] as Extract<SinkValue, { quality: 'good' }>['value'] }
    const other = more[index]
    if (!other) return { ...origin, ...content, quality: 'good' }
    if (other.quality === 'uncertain') return { ...origin, ...content, quality: 'uncertain', cause: other.cause }
    return { ...origin, quality: 'bad', cause: other.cause }
  })
}
