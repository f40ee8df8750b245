import { expect, test } from 'vitest'
import { type ComparedPair, comparedPair } from './compared-pair.ts'

test.each<[string, ComparedPair, number[], ComparedPair]>([
  ['the newest two, the older one first', {}, [1, 3, 2], { a: 2, b: 3 }],
  ['the newest one that is not chosen yet', { a: 3 }, [3, 2, 1], { a: 3, b: 2 }],
  ['the newest one that is not chosen as the other', { b: 3 }, [3, 2, 1], { a: 2, b: 3 }],
  ['the newest one beside an alias', { b: 'champion' }, [2, 1], { a: 2, b: 'champion' }],
  ['the chosen ones', { a: 1, b: 1 }, [3, 2, 1], { a: 1, b: 1 }],
  ['one version and no other', {}, [1], { a: undefined, b: 1 }],
  ['nothing before the list is there', {}, [], { a: undefined, b: undefined }],
])('a comparison shows %s', (_, chosen, versions, pair) => {
  expect(comparedPair(chosen, versions)).toEqual(pair)
})
