import { Flow } from '@skerry/contract/flows/flow'
import { LEARNED_TAGS_MAX } from '@skerry/contract/learning/learning'
import type { TagValue } from '@skerry/contract/sources/tag'
import { expect, test } from 'vitest'
import { alarmFlow } from './alarm-flow.ts'
import { nextRowMs, rowOf } from './row.ts'

const good = (tag: string, value: number | boolean | string, receivedTimeMs = 1_000): TagValue => ({
  tag,
  quality: 'good',
  value,
  receivedTimeMs,
})

test('a row has a number for each tag, and NaN for a bad, old, missing or textual one', () => {
  const bad: TagValue = { tag: 'b', quality: 'bad', receivedTimeMs: 1_000, cause: { code: 'x', message: 'y' } }
  const values = [good('a', 1.5), bad, good('c', true), good('d', 'text'), good('e', 2, -20_000)]
  const row = rowOf(['a', 'b', 'c', 'd', 'e', 'f'], values, { nowMs: 1_100, everyMs: 100 })
  expect(row).toEqual([1.5, Number.NaN, 1, Number.NaN, Number.NaN, Number.NaN])
})

test('a number that FP32 cannot hold is missing', () => {
  const row = rowOf(['a', 'b'], [good('a', 1e39), good('b', -1e38)], { nowMs: 1_100, everyMs: 100 })
  expect(row).toEqual([Number.NaN, -1e38])
})

test('rows stand on multiples of their step, as the rows of a flow do', () => {
  expect([nextRowMs(0, 200), nextRowMs(199, 200), nextRowMs(200, 200)]).toEqual([200, 200, 400])
})

test.each([1, 3, LEARNED_TAGS_MAX])('the alarm flow of %i tags with the longest names is a flow', (count) => {
  const tags = Array.from({ length: count }, (_, at) => `t${at}`.padEnd(128, 'x'))
  const flow = Flow.safeParse(alarmFlow({ name: 'pump', source: 'plc', tags, everyMs: 1_000, samples: 16 }))
  expect(flow.error?.issues).toBeUndefined()
  expect(flow.data?.name).toBe('pump-alarm')
})

test('an alarm writes a lamp only if a person has named one, and the flow shows the shares of the tags', () => {
  const parts = { name: 'pump', source: 'plc', tags: ['bar'], everyMs: 1_000, samples: 16 }
  const sinksOf = (more: object) => Flow.parse(alarmFlow({ ...parts, ...more })).sinks
  expect(sinksOf({}).map(({ name }) => name)).toEqual(['alarms', 'suspects', 'causes', 'scores'])
  const lamp = { source: 'panel', tag: 'horn', as: 'bool' as const }
  expect(sinksOf({ lamp })).toContainEqual(
    expect.objectContaining({ kind: 'tag', from: 'alarm', source: 'panel', tag: 'horn', as: 'bool', onChange: true }),
  )
})
