/** Value: how a connector says what became of a tag. */
import type { TagCause, TagContent, TagValue } from '@skerry/contract/sources/tag'
import type { NumberReader } from '@skerry/core/equipment/register-codec'
import { isWithin, type Scaling, scaled } from '@skerry/core/tags/tag-scaling'

export const badValue = (tag: string, cause: TagCause, receivedTimeMs: number): TagValue => ({
  tag,
  quality: 'bad',
  cause,
  receivedTimeMs,
})

/** Numbers are scaled, each of an array; the worst of them says how good the array is. All else is as it came. */
export function tagValue(
  tag: { name: string } & Scaling,
  { value, isInexact }: { value: TagContent; isInexact: boolean },
  receivedTimeMs: number,
): TagValue {
  const parts = (Array.isArray(value) ? value : [value]).map((part) =>
    typeof part === 'number' ? scaled(part, tag) : { quality: 'good' as const, value: part },
  )
  const worst = parts.find(({ quality }) => quality === 'bad') ?? parts.find(({ quality }) => quality === 'uncertain')
  if (worst?.quality === 'bad') return badValue(tag.name, worst.cause, receivedTimeMs)
  const content = parts.flatMap((part) => ('value' in part ? [part.value] : []))
  const plain = { tag: tag.name, receivedTimeMs, value: Array.isArray(value) ? content : (content[0] ?? value) }
  if (worst?.quality === 'uncertain') return { ...plain, quality: 'uncertain', cause: worst.cause }
  return isInexact ? { ...plain, quality: 'uncertain', cause: INEXACT } : { ...plain, quality: 'good' }
}

/** What is made of a value, or of each element of a list, to be written; undefined where nothing can be made of one: half a list is none. */
export function writtenParts<Part>(
  value: TagContent,
  partOf: (one: number | boolean | string) => Part | undefined,
): Part[] | undefined {
  const given = Array.isArray(value) ? value : [value]
  const parts = given.map(partOf).filter((part) => part !== undefined)
  return parts.length === given.length ? parts : undefined
}

/**
 * Reads the value of a tag that is a single number, many times; NaN where it is not simply good. Tags that are told as they come share one, since there
 * may be 100,000 of them.
 */
export function quickNumber(read: NumberReader, tag: Scaling, isLong: boolean): NumberReader {
  const scale = numberScaler(tag)
  const shared = scale === asItIs ? sharedReaders.get(read) : undefined
  if (shared) return shared
  const reader: NumberReader = (view, at) => {
    const raw = read(view, at)
    return isLong && !Number.isSafeInteger(raw) ? Number.NaN : scale(raw)
  }
  if (scale === asItIs) sharedReaders.set(read, reader)
  return reader
}

const sharedReaders = new WeakMap<NumberReader, NumberReader>()

/** The value of a number that the equipment gives, many times; NaN where it is not simply good: then `tagValue` says what it is. */
export function numberScaler({
  mask,
  shift,
  scale,
  offset,
  clamp = ANY,
  expect = ANY,
}: Scaling): (raw: number) => number {
  if (mask !== undefined || shift !== undefined) return () => Number.NaN
  if (scale === 1 && offset === 0 && clamp === ANY && expect === ANY) return asItIs
  return (raw) => {
    const value = raw * scale + offset
    return Number.isFinite(value) && isWithin(value, clamp) && isWithin(value, expect) ? value : Number.NaN
  }
}

const ANY = {}

const asItIs = (raw: number) => (Number.isFinite(raw) ? raw : Number.NaN)

const INEXACT = { code: 'value_inexact', message: 'the number is over 2^53, so its last digits are lost' }
