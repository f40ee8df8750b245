import { expect, test } from 'vitest'
import { isFetched } from './judge-feed.ts'

test('a model is fetched at first, when its place has another revision, and when the feed has changed', () => {
  const imported = { revision: 'a', atMs: 100 }
  expect(isFetched({ revision: 'a', imported: undefined, changedAtMs: 50 })).toBe(true)
  expect(isFetched({ revision: 'b', imported, changedAtMs: 50 })).toBe(true)
  expect(isFetched({ revision: 'a', imported, changedAtMs: 101 })).toBe(true)
  expect(isFetched({ revision: 'a', imported, changedAtMs: 100 })).toBe(false)
})

test('a place without a revision is fetched each time, and the push finds the same bytes', () => {
  const imported = { atMs: 100 }
  expect(isFetched({ revision: undefined, imported, changedAtMs: 50 })).toBe(true)
  expect(isFetched({ revision: 'a', imported, changedAtMs: 50 })).toBe(true)
})
