import type { Golden } from '@skerry/contract/devices/golden'
import { expect, test } from 'vitest'
import { checkGolden } from './golden-check.ts'

const tensor = (...values: number[]) => ({
  datatype: 'FP32' as const,
  shape: [values.length],
  data: Buffer.from(new Float32Array(values).buffer).toString('base64'),
})
const golden: Golden = {
  tolerance: { absolute: 0.1, relative: 0 },
  cases: [1, 2].map((x) => ({ inputs: { x: tensor(x) }, outputs: { y: tensor(2 * x) } })),
}

test('gives the inputs to the model, and passes answers within the tolerance', async () => {
  const verdict = await checkGolden(golden, async (cases) => {
    expect(cases).toEqual(golden.cases.map(({ inputs }) => ({ inputs })))
    return { ok: true, outputs: [{ y: tensor(2.05) }, { y: tensor(4) }] }
  })
  expect(verdict).toEqual({ ok: true })
})

test('names the case that is wrong', async () => {
  const verdict = await checkGolden(golden, async () => ({ ok: true, outputs: [{ y: tensor(2) }, { y: tensor(5) }] }))
  expect(verdict).toMatchObject({
    code: 'golden_mismatch',
    message: expect.stringMatching(/^golden case 2 of 2 \(1 of 2 cases differ\): output y\[0\] is 5, expected 4/),
  })
  expect(await checkGolden(golden, async () => ({ ok: true, outputs: [] }))).toMatchObject({
    message: 'golden case 1 of 2 (2 of 2 cases differ): output y is missing',
  })
})

test("passes on the model's error if it cannot answer", async () => {
  const failure = { ok: false, code: 'golden_failed', message: 'golden case 1: no' } as const
  expect(await checkGolden(golden, async () => failure)).toEqual(failure)
})
