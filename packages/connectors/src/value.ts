/** Value: how a connector says what became of a tag. */
import type { TagCause, TagContent, TagValue } from '@skerry/contract/tag'
import { type Scaling, scaled } from '@skerry/core/tag-scaling'

export const badValue = (tag: string, cause: TagCause, receivedTimeMs: number): TagValue => ({
  ...{ tag, quality: 'bad', cause, receivedTimeMs },
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

const INEXACT = { code: 'value_inexact', message: 'the number is beyond 2^53, so its last digits are lost' }
