/**
 * Tabular models against Debian's XGBoost and scikit-learn: random models answer as their framework does. The two scripts
 * beside this file make them.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { InferenceSession, Tensor } from '@skerry/inference/runtime/onnx-runtime'
import { isInstalled } from '@skerry/testkit/judges/judge'
import { law, rounds } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import { convertModel } from '../../src/tabular/convert.ts'
import { floatBelow } from '../../src/tabular/estimator.ts'

const PYTHON = '/usr/bin/python3'
const MODELS = rounds({ quick: 12, deep: 200 })
/** It is printed, so that a failure can be repeated. */
const SEED = Number(process.env.SKERRY_SEED ?? (MODELS > 100 ? Date.now() % 1_000_000 : 1))

/** `binary` is the same model of XGBoost in UBJSON, as base64. */
type Random = { name: string; model: string; binary?: string; rows: (number | null)[][]; answers: number[][] }

function randomModels(script: string): Random[] {
  const { stdout, stderr, status } = spawnSync(
    PYTHON,
    [join(import.meta.dirname, script), String(MODELS), String(SEED)],
    {
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
    },
  )
  expect(status, stderr).toBe(0)
  return JSON.parse(stdout)
}

async function answersOf(bytes: Uint8Array, rows: Random['rows']): Promise<Float32Array> {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 4, intraOpNumThreads: 1 })
  try {
    const values = Float32Array.from(rows.flat(), (value) => value ?? Number.NaN)
    const outputs = await session.run({ x: new Tensor('float32', values, [rows.length, rows[0]?.length ?? 0]) })
    const { data } = outputs.probabilities ?? outputs.y ?? {}
    if (!(data instanceof Float32Array)) throw new Error('the model has no answers of 32 bits')
    return data
  } finally {
    await session.release()
  }
}

test.each([
  ['XGBoost', 'random_xgboost.py', 'import xgboost'],
  ['scikit-learn', 'random_estimators.py', 'import sklearn'],
] as const)('random models of %s answer as their framework does', law, async (_, script, needed) => {
  if (!isInstalled(PYTHON, '-c', needed)) return
  for (const { name, model, binary, rows, answers } of randomModels(script)) {
    const converted = convertModel(Buffer.from(model))
    if (!converted.ok) throw new Error(`seed ${SEED}, ${name}: ${converted.message}`)
    if (binary !== undefined) expectSame(name, converted.value.bytes, Buffer.from(binary, 'base64'))
    const found = await answersOf(converted.value.bytes, rows)
    const expected = answers.flat()
    expect(found.length, name).toBe(expected.length)
    const worst = expected.reduce(
      (most, value, at) => Math.max(most, Math.abs((found[at] ?? 0) - value) / Math.max(1, Math.abs(value))),
      0,
    )
    expect(worst, `seed ${SEED}, ${name}`).toBeLessThan(1e-5)
  }
})

/** Both forms of a model hold the same numbers, so that their ONNX files have the same bytes. */
function expectSame(name: string, bytes: Uint8Array, binary: Buffer): void {
  const converted = convertModel(binary)
  if (!converted.ok) throw new Error(`seed ${SEED}, ${name}: ${converted.message}`)
  expect(Buffer.from(converted.value.bytes).equals(bytes), `seed ${SEED}, ${name}`).toBe(true)
}

test('a threshold in 64 bits is rounded so that no number of 32 bits changes its side', () => {
  for (const threshold of [0.1, -0.1, 1 / 3, -1 / 3, 1e-60, -1e-60, 0, 1.5, 16_777_217, 3e38]) {
    const below = floatBelow(threshold)
    expect(below, `${threshold}`).toBeLessThanOrEqual(threshold)
    const bits = new Int32Array(Float32Array.of(below).buffer)
    bits[0] = below >= 0 ? (bits[0] ?? 0) + 1 : (bits[0] ?? 0) - 1
    expect(new Float32Array(bits.buffer)[0], `${threshold}`).toBeGreaterThan(threshold)
  }
})
