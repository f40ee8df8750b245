import fc from 'fast-check'
import { expect, test } from 'vitest'
import { conclude, type NumberAnswer, numbersIn, saidByException } from './discovery.ts'

const answered = (...numbers: number[]) => numbers.map((number): NumberAnswer => ({ number, said: 'answered' }))
const nobody: NumberAnswer = { number: 9, said: 'nobody' }

test('who answers as every number does not look at it; of two that is not known', () => {
  expect(conclude([nobody], 1)).toEqual({ kind: 'nobody' })
  expect(conclude([], 1)).toEqual({ kind: 'nobody' })
  expect(conclude(answered(1, 2), 1)).toEqual({ kind: 'some', answers: answered(1, 2) })
  expect(conclude(answered(3, 4, 5), 4)).toEqual({ kind: 'same', number: 4 })
  expect(conclude(answered(3, 4, 5), 1)).toEqual({ kind: 'same', number: 3 })
  expect(conclude([...answered(3, 4, 5), nobody], 4)).toEqual({ kind: 'some', answers: answered(3, 4, 5) })
})

test('nothing is found that did not speak, and nothing that spoke is left out', () => {
  const said = fc.constantFrom('answered' as const, 'refused' as const, 'nobody' as const)
  fc.assert(
    fc.property(fc.array(said, { maxLength: 20 }), (all) => {
      const answers = all.map((each, number) => ({ number, said: each }))
      const there = answers.filter((each) => each.said !== 'nobody')
      const found = conclude(answers, 1)
      expect(found.kind === 'nobody').toBe(there.length === 0)
      if (found.kind === 'some') expect(found.answers).toEqual(there)
      if (found.kind === 'same') expect(there.map(({ number }) => number)).toContain(found.number)
    }),
  )
})

test('a unit without such a register is there, and one that a gateway does not reach is not', () => {
  expect([2, 1, 6, 10, 11, 'silent'].map(saidByException)).toEqual([
    'refused',
    'refused',
    'refused',
    'nobody',
    'nobody',
    'nobody',
  ])
})

test.each([
  ['3', [3]],
  ['1-3', [1, 2, 3]],
  ['3-1', undefined],
  ['0-3', undefined],
  ['200-300', undefined],
  ['1,3', undefined],
  ['', undefined],
])('%s is %j', (text, numbers) => {
  expect(numbersIn(text, { min: 1, max: 247 })).toEqual(numbers)
})
