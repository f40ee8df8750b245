import { expect, test } from 'vitest'
import { alarmSpans } from './alarm-spans.ts'

/** A bucket of ten seconds at each mark: `0` or `1` for values, `x` for both, and a space for none. */
const spansOf = (line: string) =>
  alarmSpans({
    bucketMs: 10,
    toMs: line.length * 10,
    buckets: Array.from(line).flatMap((mark, at) => {
      if (mark === ' ') return []
      return [{ atMs: at * 10, min: mark === '1' ? 1 : 0, max: mark === '0' ? 0 : 1 }]
    }),
  })

test('an alarm lasts from its 1 to the next 0, also without values between them', () => {
  expect(spansOf('0 1   0  ')).toEqual([{ fromMs: 20, toMs: 70 }])
  expect(spansOf('1 0 1 0')).toEqual([
    { fromMs: 0, toMs: 30 },
    { fromMs: 40, toMs: 70 },
  ])
})

test('an alarm within one bucket is one, and the newest alarm lasts until now', () => {
  expect(spansOf('0x 0')).toEqual([{ fromMs: 10, toMs: 20 }])
  expect(spansOf('0 1   ')).toEqual([{ fromMs: 20, toMs: 60 }])
  expect(spansOf('0 0')).toEqual([])
  expect(alarmSpans({ bucketMs: 10, toMs: 10, buckets: [{ atMs: 0 }] })).toEqual([])
})
