/**
 * InstanceNormalization, and GroupNormalization from operator set 21 on, in which scale and bias stand for each
 * channel: standardised for each row and group of channels.
 */
import { floatOf, intOf } from '../../operation.ts'
import { elementsOf, type Lowering, type Rule, sameShape, type Unsupported, unsupported } from '../rule.ts'
import { channelShape, standardise } from './standardise.ts'

function lowerGroups(t: Lowering, groups: number, shape: readonly number[]): Unsupported | boolean {
  const [name = '', scale = '', bias = ''] = t.operation.inputs
  const [rows = 1, channels = 1] = shape
  if (elementsOf(t.inputs[1]?.shape ?? []) !== channels)
    return unsupported('has a scale that is not one for each channel')
  const width = elementsOf(shape) / rows / groups
  const grouped = t.emit('Reshape', [name, t.ints([rows, groups, width])])
  const { value } = standardise(t, grouped, [2], width, floatOf(t.operation, 'epsilon', 1e-5))
  const sides = t.ints(channelShape(shape.length, channels))
  const scaled = t.emit('Mul', [t.emit('Reshape', [value, t.ints(shape)]), t.emit('Reshape', [scale, sides])])
  t.finish('Add', [scaled, t.emit('Reshape', [bias, sides])])
  return true
}

export const instanceNormalization: Rule = {
  operator: 'InstanceNormalization',
  infer: sameShape,
  lower: (t) => lowerGroups(t, t.inputs[0]?.shape[1] ?? 1, t.inputs[0]?.shape ?? []),
}

export const groupNormalization: Rule = {
  operator: 'GroupNormalization',
  limits: 'operator set 21 or newer',
  infer: sameShape,
  lower: (t) => lowerGroups(t, intOf(t.operation, 'num_groups', 1), t.inputs[0]?.shape ?? []),
}
