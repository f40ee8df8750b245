/** Two versions of a model, compared in numbers by the command line: stored outputs, and outputs that the hub computes. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MODEL, pushBuild, pushBytes } from './stage/anomaly.ts'
import { openFleet } from './stage/fleet.ts'

const EXAMPLE = join(import.meta.dirname, '../../../examples/sensor-anomaly')

test('versions are compared on the same golden inputs, and run on others', async () => {
  await using fleet = await openFleet()
  await pushBuild(fleet, 'v1')
  await pushBuild(fleet, 'v2')
  const stored = await fleet.cli(['model', 'diff', MODEL, '1', '2', '--json'])
  const { outputValues, use } = JSON.parse(stored.out)
  expect(outputValues).toMatchObject({ how: 'stored', onlyFrom: 0, onlyTo: 0, isWithin: false })
  // The author's numbers, which a runtime of another maker has computed.
  const { v1, v2 } = JSON.parse(await readFile(join(EXAMPLE, 'golden.json'), 'utf8')) as Record<string, number[][]>
  const differences = (v1 ?? []).map(([a = 0], index) => Math.abs(a - (v2?.[index]?.[0] ?? 0)))
  const compared = differences.slice(0, outputValues.cases.length)
  expect(outputValues.totals.values).toBe(compared.length)
  expect(outputValues.totals.largest).toBeCloseTo(Math.max(...compared), 2)
  expect(outputValues.totals.mean).toBeCloseTo(compared.reduce((sum, one) => sum + one, 0) / compared.length, 2)
  expect(use).toMatchObject({ from: { deployments: [], running: { devices: 0 } } })

  // The same model with other golden inputs: the hub runs version 2 on them, and the answers are the same.
  const window = { datatype: 'FP32' as const, shape: [1, 8, 2], data: Buffer.alloc(64).toString('base64') }
  const bytes = await readFile(join(EXAMPLE, 'model-v2.onnx'))
  await pushBytes(fleet, { name: MODEL, bytes, golden: { cases: [{ inputs: { window } }] } })
  const ran = await fleet.cli(['model', 'diff', MODEL, '2', '3'])
  expect(ran.out).toContain('all outputs of 1 case are equal')
  expect(ran.out).toContain(`the hub ran ${MODEL}:2 on the golden inputs of ${MODEL}:3`)
  const kept = await fleet.cli(['model', 'diff', MODEL, '2', '3', '--stored'])
  expect(kept.out).toContain('no golden inputs were compared')
  expect(kept.out).toContain(`1 case of ${MODEL}:3 left out`)
})
