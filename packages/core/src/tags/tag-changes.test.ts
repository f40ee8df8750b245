import { expect, test } from 'vitest'
import { tagChanges } from './tag-changes.ts'

type Tags = readonly Readonly<Record<string, unknown>>[]

const source = (tags: Tags, group: Readonly<Record<string, unknown>> = {}) => ({
  name: 'press-7',
  groups: [{ name: 'process', everyMs: 1_000, ...group, tags }],
})

test('what comes, changes and goes is told apart, and of a change what it was', () => {
  const before = source([{ name: 'pressure', scale: 0.1, unit: 'bar' }, { name: 'alarm' }, { name: 'level' }])
  const after = source([{ name: 'flow' }, { name: 'level' }, { name: 'pressure', scale: 0.01, offset: 4 }])
  expect(tagChanges(before, after)).toEqual([
    { change: 'added', tag: 'flow', group: 'process' },
    {
      change: 'changed',
      tag: 'pressure',
      group: 'process',
      fields: [
        { field: 'unit', before: 'bar' },
        { field: 'scale', before: 0.1, after: 0.01 },
        { field: 'offset', after: 4 },
      ],
    },
    { change: 'removed', tag: 'alarm', group: 'process' },
  ])
})

test('another rate, or another group, is a change of each tag in it', () => {
  const tags = [{ name: 'level' }]
  expect(tagChanges(source(tags), source(tags, { everyMs: 500, name: 'fast' }))).toMatchObject([
    { change: 'changed', fields: [{ field: 'group', before: 'process', after: 'fast' }, { field: 'everyMs' }] },
  ])
})

test('what is only written in another order is as before', () => {
  const before = source([{ name: 'a', expect: { min: 0, max: 4 }, row: [1, { x: 1, y: 2 }] }])
  expect(tagChanges(before, source([{ row: [1, { y: 2, x: 1 }], expect: { max: 4, min: 0 }, name: 'a' }]))).toEqual([])
  expect(tagChanges(before, source([{ name: 'a', expect: { min: 0 }, row: [1] }]))).toHaveLength(1)
  expect(tagChanges(source([{ name: 'a', row: [1] }]), source([{ name: 'a', row: { 0: 1 } }]))).toHaveLength(1)
})

test('a source that had no tags yet gets all of them', () => {
  expect(tagChanges({ name: 'x' }, source([{ name: 'a' }]))).toMatchObject([{ change: 'added' }])
})
