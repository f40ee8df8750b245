import { TagWriting } from '@skerry/contract/tag'
import { expect, test } from 'vitest'
import { judgeWrite } from './tag-writing.ts'

const writing = TagWriting.parse({ min: 0, max: 100, perMinute: 2 })
const quiet = { recentMs: [], nowMs: 100_000 }

test.each([
  ['a tag that is never written', undefined, 5, quiet, 'tag_read_only'],
  ['an array', writing, [1, 2], quiet, 'tag_type'],
  ['text where there are bounds', writing, 'on', quiet, 'tag_type'],
  ['no number', writing, Number.NaN, quiet, 'tag_type'],
  ['too much', writing, 100.1, quiet, 'tag_range'],
  ['too little', writing, -0.1, quiet, 'tag_range'],
  ['too often', writing, 5, { recentMs: [50_000, 90_000], nowMs: 100_000 }, 'tag_rate'],
])('refuses %s', (_, allowed, value, history, code) => {
  expect(judgeWrite(allowed, value, history)).toMatchObject({ ok: false, code })
})

test('allows what is within bounds and pace, and switches where there are no bounds', () => {
  expect(judgeWrite(writing, 100, quiet)).toEqual({ ok: true })
  expect(judgeWrite(writing, 0, { recentMs: [40_000, 90_000], nowMs: 100_000 })).toEqual({ ok: true })
  expect(judgeWrite(TagWriting.parse({}), true, quiet)).toEqual({ ok: true })
})
