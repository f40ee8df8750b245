import type { TagContent, TagValue } from '@skerry/contract/sources/tag'
import { expect, test } from 'vitest'
import { isNews, type Reporting } from './tag-report.ts'

const good = (value: TagContent, receivedTimeMs = 0): TagValue => ({ tag: 't', quality: 'good', value, receivedTimeMs })
const bad = (code: string): TagValue => ({
  tag: 't',
  quality: 'bad',
  cause: { code, message: code },
  receivedTimeMs: 0,
})
const absolute: Reporting = { deadband: { absolute: 0.5 } }
const percent: Reporting = { deadband: { percent: 10 } }

test.each<[string, TagValue | undefined, TagValue, Reporting, boolean]>([
  ['the first', undefined, good(1), absolute, true],
  ['the same without a deadband', good(1), good(1), {}, true],
  ['within the deadband', good(1), good(1.5), absolute, false],
  ['beyond it', good(1), good(1.51), absolute, true],
  ['within the share', good(100), good(110), percent, false],
  ['beyond the share', good(100), good(111), percent, true],
  ['away from zero', good(0), good(0.1), percent, true],
  ['a switch', good(false), good(true), absolute, true],
  ['the same text', good('on'), good('on'), absolute, false],
  ['one of an array', good([1, 2]), good([1, 3]), absolute, true],
  ['none of an array', good([1, 2]), good([1, 2.1]), absolute, false],
  ['a longer array', good([1]), good([1, 1]), absolute, true],
  ['gone bad', good(1), bad('lost'), absolute, true],
  ['still bad', bad('lost'), bad('lost'), absolute, false],
  ['bad for another reason', bad('lost'), bad('busy'), absolute, true],
  ['good again', bad('lost'), good(1), absolute, true],
  ['after too long a silence', good(1, 0), good(1, 1_000), { ...absolute, silenceMaxMs: 1_000 }, true],
  ['before that', good(1, 0), good(1, 999), { ...absolute, silenceMaxMs: 1_000 }, false],
  ['after the clock was set back', good(1, 5_000), good(1, 0), absolute, true],
])('%s', (_, told, now, reporting, expected) => {
  expect(isNews(told, now, reporting)).toBe(expected)
})
