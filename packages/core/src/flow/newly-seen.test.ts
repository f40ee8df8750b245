import type { FlowPartLook, SeenValue } from '@skerry/contract/flows/flow-look'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newlySeen } from './newly-seen.ts'

const seen = (timeMs: number): SeenValue => ({ timeMs, quality: 'good', value: timeMs })

function part(
  name: string,
  last: number,
  recent: readonly number[],
  kind: FlowPartLook['part'] = 'step',
): FlowPartLook {
  return {
    part: kind,
    name,
    in: 0,
    out: 0,
    dropped: 0,
    late: 0,
    bad: 0,
    queued: 0,
    inPerSecond: 0,
    outPerSecond: 0,
    lostPerSecond: 0,
    last,
    recent: recent.map(seen),
  }
}
const look = (parts: FlowPartLook[], countedFromMs = 1) => ({ countedFromMs, parts })

test('of the first look everything is new, in the order of time', () => {
  const { values, omitted } = newlySeen(undefined, look([part('a', 9, [10, 30]), part('b', 1, [20])]))
  expect(values.map(({ name, number }) => `${name}${number}`)).toEqual(['a8', 'b1', 'a9'])
  expect(omitted).toEqual([])
})

test.each([
  ['nothing has been said', 5, 5, [4, 5], [], 0],
  ['some of it is known', 5, 7, [5, 6, 7], [6, 7], 0],
  ['some of it was left out', 5, 9, [8, 9], [8, 9], 2],
] as const)('where %s, that is what is told', (_, before, last, recent, told, count) => {
  const { values, omitted } = newlySeen(look([part('a', before, [before])]), look([part('a', last, recent)]))
  expect(values.map(({ number }) => number)).toEqual(told)
  expect(omitted).toEqual(count === 0 ? [] : [{ part: 'step', name: 'a', count }])
})

test('a flow whose numbers count anew is looked at for the first time, and a sink is not the step of its name', () => {
  const { values, omitted } = newlySeen(look([part('a', 50, [1])], 1), look([part('a', 2, [1, 2])], 2))
  expect(values.map(({ number }) => number)).toEqual([1, 2])
  expect(omitted).toEqual([])
  const two = newlySeen(look([part('a', 5, [5])]), look([part('a', 5, [5]), part('a', 1, [6], 'sink')]))
  expect(two.values).toMatchObject([{ part: 'sink', number: 1 }])
})

test('over any looks each value is told once or counted as left out', () => {
  const steps = fc.array(fc.record({ said: fc.nat(12), kept: fc.nat(5) }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(steps, (looks) => {
      let last = 1
      let told = 1
      let left = 0
      let before = look([part('a', 1, [1])])
      for (const { said, kept } of looks) {
        last += said
        const from = Math.max(1, last - kept)
        const now = look([
          part(
            'a',
            last,
            Array.from({ length: last - from + 1 }, (_, at) => from + at),
          ),
        ])
        const { values, omitted } = newlySeen(before, now)
        told += values.length
        left += omitted.reduce((sum, { count }) => sum + count, 0)
        before = now
      }
      expect(told + left).toBe(last)
    }),
  )
})
