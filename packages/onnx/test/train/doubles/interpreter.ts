/** Computes a graph in float64, for finite differences. */
import type { NodePart } from '../../../src/build.ts'
import type { Double } from './double.ts'
import { layerOperators } from './layers.ts'
import { elementOperators, settingOf } from './operators.ts'

/** The values of all names after the nodes have run. `isBatch` is batch normalisation in training. */
export function interpret(
  nodes: readonly NodePart[],
  given: ReadonlyMap<string, Double>,
  isBatch = false,
): ReadonlyMap<string, Double> {
  const values = new Map(given)
  const layers = layerOperators(isBatch)
  for (const { operator, inputs, outputs, attributes } of nodes) {
    const compute = elementOperators.get(operator) ?? layers.get(operator)
    if (!compute) throw new Error(`the reference has no ${operator}`)
    const named = inputs.map((name) => values.get(name))
    const results = [compute({ inputs: named, setting: settingOf(attributes), outputs: outputs.length })].flat()
    for (const [index, name] of outputs.entries()) {
      const result = results[index]
      if (name !== '' && result) values.set(name, result)
    }
  }
  return values
}
