import type { Tensor } from '@skerry/contract/models/tensor'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { diffOutputs, pairCases, planComparison } from './output-diff.ts'

const tolerance = { absolute: 0.1, relative: 0 }
const outputs = (named: Record<string, number[]>) =>
  new Map(
    Object.entries(named).map(([name, values]) => [
      name,
      { datatype: 'FP32' as const, shape: [values.length], data: new Uint8Array(Float32Array.from(values).buffer) },
    ]),
  )

test('the numbers of all cases and of each output are combined', () => {
  const diff = diffOutputs(
    [
      { number: 1, from: outputs({ y: [1, 2] }), to: outputs({ y: [1, 2.5] }) },
      { number: 2, from: outputs({ y: [1], z: [3] }), to: outputs({ y: [1.0625], z: [3] }) },
    ],
    tolerance,
  )
  expect(diff.totals).toEqual({
    values: 4,
    differing: 2,
    outside: 1,
    largest: 0.5,
    mean: (0.5 + 0.0625) / 4,
    incomparable: 0,
  })
  expect(diff.outputs).toMatchObject([
    { name: 'y', totals: { values: 3, outside: 1 } },
    { name: 'z', totals: { values: 1, outside: 0 } },
  ])
  expect(diff.cases.map(({ number, totals }) => [number, totals.outside])).toEqual([
    [1, 1],
    [2, 0],
  ])
  expect(diff.isWithin).toBe(false)
})

test('an output that one version lacks is counted, and is not within the tolerance', () => {
  const diff = diffOutputs([{ number: 1, from: outputs({ y: [1] }), to: outputs({ z: [1] }) }], tolerance)
  expect(diff.totals).toMatchObject({ values: 0, incomparable: 2 })
  expect(diff.isWithin).toBe(false)
})

const tensor = (data: string): Tensor => ({ datatype: 'FP32', shape: [1], data })
const caseOf = (data: string) => ({ inputs: { x: tensor(data) } })

test('cases with the same inputs are partners, whatever their order', () => {
  expect(pairCases(['a', 'b', 'c', 'a'].map(caseOf), ['c', 'd', 'a', 'a', 'a'].map(caseOf))).toEqual({
    pairs: [
      { from: 2, to: 0 },
      { from: 0, to: 2 },
      { from: 3, to: 3 },
    ],
    onlyFrom: [1],
    onlyTo: [1, 4],
  })
  const swapped = { inputs: { b: tensor('b'), a: tensor('a') } }
  expect(pairCases([swapped], [{ inputs: { a: tensor('a'), b: tensor('b') } }]).pairs).toHaveLength(1)
})

test('each case is either in a pair or alone', () => {
  const cases = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 6 }).map((names) => names.map(caseOf))
  fc.assert(
    fc.property(cases, cases, (from, to) => {
      const { pairs, onlyFrom, onlyTo } = pairCases(from, to)
      expect([...pairs.map((pair) => pair.from), ...onlyFrom].sort()).toEqual([...from.keys()])
      expect([...pairs.map((pair) => pair.to), ...onlyTo].sort()).toEqual([...to.keys()])
    }),
  )
})

test('stored outputs are enough when the first version has all inputs of the second', () => {
  expect(planComparison([caseOf('a'), caseOf('b')], [caseOf('b')])).toMatchObject({
    inputsOf: 'to',
    isRunNeeded: false,
    onlyFrom: [0],
  })
  expect(planComparison([caseOf('a')], [caseOf('a'), caseOf('c')])).toMatchObject({ inputsOf: 'to', isRunNeeded: true })
})

test('the inputs of the first version count if the second has none', () => {
  expect(planComparison([caseOf('a')], undefined)).toMatchObject({ inputsOf: 'from', isRunNeeded: true })
  expect(planComparison(undefined, [caseOf('a')])).toMatchObject({ inputsOf: 'to', isRunNeeded: true })
  expect(planComparison(undefined, undefined)).toBeUndefined()
})
