import { CampaignSpec } from '@skerry/contract/campaigns/campaign'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compressedBytes, compressStep, compressWay, expandStep, expandWeights } from './compression.ts'
import { campaignTrouble } from './contradictions.ts'
import { isFiniteWeights } from './weights.ts'

const values = fc.float32Array({ minLength: 1, maxLength: 700, noNaN: true, min: -100, max: 100 })

test('a step goes through a quarter of its bytes, and each value by half a step of its block at most', () => {
  expect(compressedBytes(199_210) / (4 * 199_210)).toBeLessThan(0.255)
  fc.assert(
    fc.property(values, (step) => {
      const bytes = compressStep(step)
      expect(bytes.byteLength).toBe(compressedBytes(step.length))
      const odd = new Uint8Array([0, ...bytes]).subarray(1)
      const back = expandStep(odd, step.length) ?? new Float32Array()
      for (const [at, value] of step.entries()) {
        const start = 256 * Math.floor(at / 256)
        const largest = Math.max(...step.subarray(start, start + 256).map(Math.abs))
        expect(Math.abs((back[at] ?? Number.NaN) - value)).toBeLessThanOrEqual((largest / 127) * 0.5001 + 1e-30)
      }
    }),
  )
  expect(expandStep(new Uint8Array(5), 4)).toBeUndefined()
})

test('what rounding takes from a round, the next rounds give back', () => {
  const way = Float32Array.of(1, 0.0017, -0.0011)
  const start = new Float32Array(3)
  let residual: Float32Array = new Float32Array(3)
  const sum = new Float64Array(3)
  const rounds = 400
  for (let round = 0; round < rounds; round += 1) {
    const sent = compressWay(start, way, residual)
    residual = sent.residual
    for (const [at, value] of (expandWeights(start, sent.bytes) ?? []).entries()) sum[at] = (sum[at] ?? 0) + value
  }
  // Without the residual, both small values would be rounded to zero in each round.
  expect(expandStep(compressStep(way), 3)?.[1]).toBe(0)
  for (const [at, value] of way.entries()) expect((sum[at] ?? 0) / rounds).toBeCloseTo(value, 4)
})

test('a step that is not finite does not become finite', () => {
  const bytes = compressStep(Float32Array.of(1, Number.POSITIVE_INFINITY))
  expect(isFiniteWeights(expandStep(bytes, 2) ?? new Float32Array())).toBe(false)
  const poisoned = compressStep(Float32Array.of(1, 2))
  new DataView(poisoned.buffer).setFloat32(0, Number.NaN, true)
  expect(isFiniteWeights(expandStep(poisoned, 2) ?? new Float32Array())).toBe(false)
})

test('compression is refused with masks, and with strategies that need the exact way or another start', () => {
  const trouble = (parts: object) =>
    campaignTrouble(
      CampaignSpec.parse({
        name: 'ward',
        model: 'digits',
        data: { name: 'digits', shape: [4], classes: 3 },
        rounds: 3,
        participants: { minimum: 3 },
        compression: 'int8',
        ...parts,
      }),
    )
  expect(trouble({})).toBeUndefined()
  expect(trouble({ strategy: { kind: 'median' } })).toBeUndefined()
  expect(trouble({ privacy: { masks: {} } })).toContain('masked words cannot be compressed')
  expect(trouble({ strategy: { kind: 'scaffold' } })).toContain('leave compression out')
  expect(trouble({ strategy: { kind: 'fedbuff' } })).toContain('leave compression out')
})
