import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addedWrites, sumOfWrite, type TagWrite, type TagWriteSum, writeWords } from './tag-write-sum.ts'

const write = (value: boolean, code?: string): TagWrite => ({
  flow: 'guard',
  source: 'plc',
  tag: 'lamp',
  value,
  ...(code !== undefined && { refusal: { code, message: `${code}: not now` } }),
})

/** As a runner adds them, one after the other. */
function summed(writes: readonly TagWrite[], known?: string): TagWriteSum | undefined {
  let [sum, before]: [TagWriteSum | undefined, string | undefined] = [undefined, known]
  for (const each of writes) {
    sum = addedWrites(sum, sumOfWrite(each, before))
    before = writeWords(each)
  }
  return sum
}

test('the same again is counted and is no news; another value is, and so is another outcome', () => {
  expect(summed([write(true), write(true), write(true)])).toMatchObject({ written: 3, refused: 0, changes: 1 })
  expect(summed([write(true)], writeWords(write(true)))).toMatchObject({ written: 1, changes: 0 })
  // It ends as it began, and was switched all the same.
  expect(summed([write(true), write(false), write(true)], writeWords(write(true)))).toMatchObject({
    value: true,
    written: 3,
    changes: 2,
  })
  const refused = [write(true), write(true, 'tag_interlocked'), write(true, 'tag_interlocked')]
  expect(summed(refused)).toMatchObject({ written: 1, refused: 2, changes: 2, refusal: { code: 'tag_interlocked' } })
})

test('however the writes are split into sums, the counts are those of all of them and the last one is told', () => {
  const any = fc.record({ value: fc.boolean(), code: fc.constantFrom(undefined, 'a', 'b') })
  fc.assert(
    fc.property(fc.array(any, { minLength: 1 }), fc.nat(), (said, at) => {
      const writes = said.map(({ value, code }) => write(value, code))
      const middle = at % writes.length
      const first = writes.slice(0, middle)
      const second = writes.slice(middle)
      const before = first.at(-1)
      const rest = summed(second, before && writeWords(before))
      expect(rest && addedWrites(summed(first), rest)).toEqual(summed(writes))
    }),
  )
})
