/** Echoes: who waits until a tag is heard to have the value that was written to it. */
import type { TagContent, TagValue } from '@skerry/contract/sources/tag'

export type Echoes = {
  /** Resolves when the tag is heard to have the value. */
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

/** Equipment that keeps a float32 says 21.299999 where 21.3 was written. */
const FLOAT32 = 1e-6

function isSame(heard: TagContent, written: TagContent): boolean {
  if (typeof heard !== 'number' || typeof written !== 'number') return heard === written
  return Math.abs(heard - written) <= FLOAT32 * Math.max(Math.abs(written), FLOAT32)
}
