import { expect, test } from 'vitest'
import { GOLDEN_BASE64_CHARACTERS_MAX, GOLDEN_CASES_MAX, GOLDEN_TENSORS_MAX, Golden, GoldenInputs } from './golden.ts'

const tensor = (characters = 4) => ({ datatype: 'UINT8' as const, shape: [3], data: 'A'.repeat(characters) })
const inputs = (characters?: number) => ({ inputs: { x: tensor(characters) } })
const tolerance = { absolute: 1e-4, relative: 0 }

test('golden inputs may have a tolerance, and golden cases have expected outputs', () => {
  expect(GoldenInputs.safeParse({ cases: [inputs()] }).success).toBe(true)
  expect(GoldenInputs.safeParse({ tolerance, cases: [inputs()] }).success).toBe(true)
  expect(GoldenInputs.safeParse({ cases: [{ ...inputs(), outputs: { y: tensor() } }, inputs()] }).success).toBe(true)
  expect(Golden.safeParse({ tolerance, cases: [{ ...inputs(), outputs: { y: tensor() } }] }).success).toBe(true)
})

test.each([
  ['no case', { cases: [] }],
  ['too many cases', { cases: Array.from({ length: GOLDEN_CASES_MAX + 1 }, () => inputs()) }],
  [
    'too many tensors',
    {
      cases: [
        { inputs: Object.fromEntries(Array.from({ length: GOLDEN_TENSORS_MAX + 1 }, (_, at) => [`x${at}`, tensor()])) },
      ],
    },
  ],
  [
    'too much in all',
    { cases: [inputs(GOLDEN_BASE64_CHARACTERS_MAX / 2), inputs(GOLDEN_BASE64_CHARACTERS_MAX / 2 + 4)] },
  ],
  ['a negative tolerance', { tolerance: { absolute: -1, relative: 0 }, cases: [inputs()] }],
  [
    'too much in inputs and outputs together',
    {
      cases: [
        { ...inputs(GOLDEN_BASE64_CHARACTERS_MAX / 2), outputs: { y: tensor(GOLDEN_BASE64_CHARACTERS_MAX / 2 + 4) } },
      ],
    },
  ],
  ['outputs without a name', { cases: [{ ...inputs(), outputs: {} }] }],
  ['data that are not base64', { cases: [{ inputs: { x: { ...tensor(), data: '*' } } }] }],
])('golden inputs are rejected with %s', (_, golden) => {
  expect(GoldenInputs.safeParse(golden).success).toBe(false)
})
