/**
 * Sample batch: samples for the inputs of one flow, in columns, as they pass from thread to thread. The same tag may be several inputs, with rules of
 * their own.
 */
import type { Flow, FlowInput } from '@skerry/contract/flows/flow'
import type { FlowSample } from '@skerry/contract/flows/flow-recording'
import type { TagCause, TagContent } from '@skerry/contract/sources/tag'
import type { Image } from '@skerry/core/equipment/image'
import { QUALITY, type Quality } from '@skerry/core/flow/signal'

export type SampleBatch = {
  count: number
  /** Place of the input in the flow. */
  places: Int32Array<ArrayBuffer>
  qualities: Uint8Array<ArrayBuffer>
  numbers: Float64Array<ArrayBuffer>
  eventsMs: Float64Array<ArrayBuffer>
  receivedMs: Float64Array<ArrayBuffer>
  /** Of samples that are more than a good number. */
  others: Map<number, { other: string | Float64Array | Image | undefined; cause: TagCause | undefined }>
  /** A picture is as large as a thousand readings. */
  hasImages: boolean
  /** Where a moment begins although it was received at the same time as what came before. */
  apart: Set<number>
}

export type BatchBuilder = {
  readonly count: number
  /** Whether the flow has an input for it. The sample of a camera comes with its picture. */
  add(sample: FlowSample, image?: Image): boolean
  /** A good number, without an object for it. */
  addNumber(places: readonly number[], value: number, receivedTimeMs: number): void
  placesOf(source: string, tag: string): readonly number[]
  /** What was added since, and begins anew. */
  take(): SampleBatch
}

const NOWHERE: readonly number[] = []

export function createBatchBuilder({ inputs }: Pick<Flow, 'inputs'>): BatchBuilder {
  const places = new Map<string, number[]>()
  for (const [place, { source, tag }] of inputs.entries()) {
    places.set(`${source}/${tag}`, [...(places.get(`${source}/${tag}`) ?? []), place])
  }
  let batch = emptyBatch(64)
  const placesOf = (source: string, tag: string) => places.get(`${source}/${tag}`) ?? NOWHERE
  const put = (place: number, number: number, eventMs: number, receivedMs: number) => {
    if (batch.count === batch.places.length) batch = grown(batch)
    const at = batch.count
    batch.places[at] = place
    batch.qualities[at] = QUALITY.good
    batch.numbers[at] = number
    batch.eventsMs[at] = eventMs
    batch.receivedMs[at] = receivedMs
    batch.count += 1
    return at
  }
  return {
    get count() {
      return batch.count
    },
    placesOf,
    addNumber(at, value, receivedTimeMs) {
      for (const place of at) put(place, value, receivedTimeMs, receivedTimeMs)
    },
    add(sample, image) {
      const found = placesOf(sample.source, sample.tag)
      batch.hasImages ||= image !== undefined && found.length > 0
      for (const place of found) {
        const input = inputs[place]
        if (!input) continue
        const { number, other, quality, cause } = readSample(input, sample, image)
        const at = put(place, number, eventTimeMs(input, sample), sample.receivedTimeMs)
        batch.qualities[at] = quality
        if (other !== undefined || cause !== undefined) batch.others.set(at, { other, cause })
        if (sample.apart && place === found[0]) batch.apart.add(at)
      }
      return found.length > 0
    },
    take() {
      const taken = batch
      batch = emptyBatch(64)
      return taken
    },
  }
}

function emptyBatch(room: number): SampleBatch {
  return {
    count: 0,
    places: new Int32Array(room),
    qualities: new Uint8Array(room),
    numbers: new Float64Array(room),
    eventsMs: new Float64Array(room),
    receivedMs: new Float64Array(room),
    others: new Map(),
    hasImages: false,
    apart: new Set(),
  }
}

function grown(batch: SampleBatch): SampleBatch {
  const larger = {
    ...emptyBatch(batch.places.length * 4),
    count: batch.count,
    others: batch.others,
    hasImages: batch.hasImages,
    apart: batch.apart,
  }
  larger.places.set(batch.places)
  larger.qualities.set(batch.qualities)
  larger.numbers.set(batch.numbers)
  larger.eventsMs.set(batch.eventsMs)
  larger.receivedMs.set(batch.receivedMs)
  return larger
}

/** Equipment cannot know what is to come: a clock that is ahead must not make everything else late. */
const eventTimeMs = ({ time }: FlowInput, { sourceTimeMs, receivedTimeMs }: FlowSample): number =>
  time === 'received' || sourceTimeMs === undefined ? receivedTimeMs : Math.min(sourceTimeMs, receivedTimeMs)

type Read = {
  number: number
  other: string | Float64Array | Image | undefined
  quality: Quality
  cause: TagCause | undefined
}

function readSample(input: FlowInput, sample: FlowSample, image: Image | undefined): Read {
  if (sample.quality === 'bad') return bad(sample.cause)
  const read = input.type === 'image' ? readImage(input, image) : readContent(input, sample.value)
  if (!read) {
    const wanted = input.length === undefined ? `a ${input.type}` : `an array of ${input.length} numbers`
    return bad({ code: 'value_type', message: `the value of the tag is not ${wanted}` })
  }
  const isGood = sample.quality === 'good'
  return { ...read, quality: QUALITY[sample.quality], cause: isGood ? undefined : sample.cause }
}

const bad = (cause: TagCause): Read => ({ number: Number.NaN, other: undefined, quality: QUALITY.bad, cause })

function readImage(
  { pixels = 'rgb' }: FlowInput,
  image: Image | undefined,
): Pick<Read, 'number' | 'other'> | undefined {
  const channels = pixels === 'rgb' ? 3 : 1
  return image?.channels === channels ? { number: Number.NaN, other: image } : undefined
}

function readContent({ type, length }: FlowInput, value: TagContent): Pick<Read, 'number' | 'other'> | undefined {
  if (length !== undefined) {
    const numbers = Array.isArray(value) ? value.map(Number) : []
    if (numbers.length !== length || !numbers.every(Number.isFinite)) return undefined
    return { number: numbers[0] ?? Number.NaN, other: length === 1 ? undefined : Float64Array.from(numbers) }
  }
  if (Array.isArray(value)) return undefined
  if (type === 'text') return { number: Number.NaN, other: String(value) }
  if (typeof value === 'string') return undefined
  return Number.isFinite(Number(value)) ? { number: Number(value), other: undefined } : undefined
}
