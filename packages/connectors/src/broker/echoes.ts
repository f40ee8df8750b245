/** Echoes: callers that wait until a tag reports the value that was written to it. */
import type { TagContent, TagValue } from '@skerry/contract/sources/tag'

export type Echoes = {
  /** `heard` resolves when the tag reports the value. */
  expect(tag: string, value: TagContent): { heard: Promise<void>; forget(): void }
  hear(value: TagValue): void
}

export function createEchoes(): Echoes {
  const waiting = new Set<{ tag: string; value: TagContent; resolve: () => void }>()
  return {
    expect(tag, value) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const one = { tag, value, resolve }
      waiting.add(one)
      return { heard: promise, forget: () => void waiting.delete(one) }
    },
    hear(value) {
      for (const one of waiting) {
        if (one.tag === value.tag && value.quality !== 'bad' && isSame(value.value, one.value)) one.resolve()
      }
    },
  }
}

/** Equipment that stores a float32 reports 21.299999 after a write of 21.3. */
const FLOAT32 = 1e-6

function isSame(heard: TagContent, written: TagContent): boolean {
  if (typeof heard !== 'number' || typeof written !== 'number') return heard === written
  return Math.abs(heard - written) <= FLOAT32 * Math.max(Math.abs(written), FLOAT32)
}
