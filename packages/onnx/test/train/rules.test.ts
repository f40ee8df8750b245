/** Every rule against finite differences in float64: the runtime's float32 gradients agree to 1e-6. */
import { describe, expect, test } from 'vitest'
import { readParameters } from '../../src/train/parameters.ts'
import { rules } from '../../src/train/rules/rules.ts'
import type { RuleCase } from './cases/rule-case.ts'
import { planOf, ruleCases, type Staged, staged } from './cases/staged-case.ts'
import type { Double } from './doubles/double.ts'
import { interpret } from './doubles/interpreter.ts'
import { float32, maxDifference, sessionOf, trainable, trainLocally } from './train-stage.ts'

const asDouble = (shape: readonly number[], values: ArrayLike<number>): Double => ({
  shape,
  data: Float64Array.from(values),
})

/** Small enough that the third derivative is lost, large enough that rounding is. */
const STEP = 1e-5

function finiteDifferences(each: RuleCase, { nodes, weights, x, target }: Staged) {
  const given = new Map<string, Double>([['x', asDouble(each.input, x)]])
  for (const [name, values] of Object.entries({ ...each.ints, flat: [each.input[0] ?? 1, -1] }))
    given.set(name, asDouble([values.length], values))
  for (const [name, { shape, values }] of Object.entries(each.floats ?? {}))
    given.set(name, asDouble(shape, Float32Array.from(values)))
  for (const [name, { shape, values }] of weights) given.set(name, asDouble(shape, values))
  const loss = () => {
    const y = interpret(nodes, given, each.isBatch).get('y')
    if (!y) throw new Error('the case has no y')
    expect(y.shape).toEqual(each.output)
    return y.data.reduce((sum, value, index) => sum + (value - (target[index] ?? 0)) ** 2, 0) / y.data.length
  }
  const gradients = [...weights.keys()].map((name) => {
    const values = given.get(name)?.data ?? new Float64Array()
    const gradient = values.map((value, index) => {
      values[index] = value + STEP
      const above = loss()
      values[index] = value - STEP
      const below = loss()
      values[index] = value
      return (above - below) / (2 * STEP)
    })
    return [name, gradient] as const
  })
  return { loss: loss(), gradients: new Map(gradients) }
}

async function gradientsOf(each: RuleCase, { bytes, x, target }: Staged) {
  const [rows = 1] = each.input
  const plan = planOf(each)
  const model = trainable(bytes, plan)
  const start = readParameters(
    bytes,
    model.parameters.map(({ name }) => name),
  )
  const session = await sessionOf(model.bytes)
  const order = Array.from({ length: plan.batchSize }, (_, row) => row)
  const run = {
    data: float32([...each.input], x),
    labels: float32([rows, target.length / rows], target),
    rows: order,
    lr: 1,
  }
  const { weights, losses } = await trainLocally(session, model, start, run, plan.batchSize)
  await session.end()
  const gradients = [...weights].map(
    ([name, values]) =>
      [name, Float64Array.from(values, (value, index) => (start.get(name)?.[index] ?? 0) - value)] as const,
  )
  return { loss: losses[0] ?? Number.NaN, gradients: new Map(gradients), parameters: model.parameters }
}

describe('the gradient of', () => {
  test.each(ruleCases)('$name is that of finite differences', async (each) => {
    const stage = staged(each)
    const wanted = finiteDifferences(each, stage)
    const found = await gradientsOf(each, stage)
    expect(Math.abs(found.loss - wanted.loss)).toBeLessThan(1e-6 * Math.max(1, wanted.loss))
    for (const [name, gradient] of wanted.gradients) {
      const scale = Math.max(1, ...gradient.map(Math.abs))
      expect(Math.max(...gradient.map(Math.abs)), `${name} has no gradient`).toBeGreaterThan(0)
      expect(maxDifference(found.gradients.get(name) ?? [], gradient) / scale, name).toBeLessThan(1e-6)
    }
  })

  test('each rule has a case', () => {
    const tested = new Set(ruleCases.flatMap(({ nodes }) => nodes.map(({ operator }) => operator)))
    const differentiable = [...rules.values()].filter(({ gradient, lower }) => gradient ?? lower)
    expect(differentiable.map(({ operator }) => operator).filter((operator) => !tested.has(operator))).toEqual([])
  })
})
