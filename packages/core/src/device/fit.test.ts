import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import { expect, test } from 'vitest'
import { fitProblem } from './fit.ts'

const item = buildDesiredItem({ version: 1, sizeBytes: 1_000, serving: { instances: 2 } })
const room = { missingBytes: 1_000, freeBytes: 2_000, floorBytes: 1_000, memoryAvailableBytes: 2_000 }

test('takes what fits exactly', () => {
  expect(fitProblem(item, room)).toBeUndefined()
})

test.each([
  [
    'disk_insufficient',
    { freeBytes: 1_999 },
    'the version needs 1 kB, and 1 kB must stay free, but only 2 kB are free; make room and retry',
  ],
  ['memory_insufficient', { memoryAvailableBytes: 1_999 }, '2 instances need at least 2 kB of memory'],
])('refuses with %s, in numbers', (code, less, words) => {
  expect(fitProblem(item, { ...room, ...less })).toMatchObject({ code, message: expect.stringContaining(words) })
})

test('counts in the units that people read', () => {
  const message = (freeBytes: number) => fitProblem(item, { ...room, freeBytes })?.message
  expect(message(0)).toContain('only 0 B are free')
  expect(message(999)).toContain('only 999 B are free')
  expect(fitProblem(item, { ...room, missingBytes: 2.5e12 })?.message).toContain('the version needs 2.5 TB')
  expect(fitProblem(item, { ...room, missingBytes: 3e15 })?.message).toContain('the version needs 3000 TB')
})

test('refuses a version without a model', () => {
  const files = item.files.map((file) => ({ ...file, path: 'weights.bin' }))
  expect(fitProblem({ ...item, files }, room)).toMatchObject({ code: 'format_unsupported' })
})

test('golden inputs need disk, not memory', () => {
  const files = [...item.files, ...item.files.map((file) => ({ ...file, path: 'golden.json', sizeBytes: 900_000 }))]
  expect(fitProblem({ ...item, files }, room)).toBeUndefined()
})
