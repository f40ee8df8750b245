import fc from 'fast-check'
import { expect, test } from 'vitest'
import { benchGroups, isLook, restMs } from './bench-plan.ts'

const MB = 1_000_000
const sized = (sizeBytes: number) => ({ sizeBytes })

test('all builds run beside the version if the memory allows it', () => {
  expect(benchGroups({ version: sized(10 * MB), builds: [sized(5 * MB), sized(3 * MB)] }, 4_000 * MB)).toEqual([
    [sized(5 * MB), sized(3 * MB)],
  ])
  expect(benchGroups({ version: sized(10 * MB), builds: [] }, 200 * MB)).toEqual([[]])
})

test('with less memory they run in groups, and without enough for one of them not at all', () => {
  const builds = [sized(10 * MB), sized(10 * MB), sized(10 * MB)]
  expect(benchGroups({ version: sized(10 * MB), builds }, 460 * MB)?.map(({ length }) => length)).toEqual([2, 1])
  expect(benchGroups({ version: sized(10 * MB), builds }, 299 * MB)).toBeUndefined()
  expect(benchGroups({ version: sized(10 * MB), builds: [] }, 100 * MB)).toBeUndefined()
})

test('each build is in exactly one group, in its order', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 500 * MB }), { maxLength: 7 })
  fc.assert(
    fc.property(sizes, fc.integer({ min: 0, max: 8_000 * MB }), (bytes, memory) => {
      const builds = bytes.map(sized)
      const groups = benchGroups({ version: sized(MB), builds }, memory)
      if (groups) expect(groups.flat()).toEqual(builds)
    }),
  )
})

test('the looks are 5, 10, 20 and 40 sittings', () => {
  expect(Array.from({ length: 40 }, (_, place) => place + 1).filter(isLook)).toEqual([5, 10, 20, 40])
})

test('a quarter of the processor means three times the rest', () => {
  expect(restMs(20, 25)).toBe(60)
  expect(restMs(20, 100)).toBe(0)
})
