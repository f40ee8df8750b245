/** [ONNX operators, LayerNormalization] Standardised over all axes from `axis` on, then scaled and shifted. */
import { axisOf, floatOf, intOf } from '../../operation.ts'
import { elementsOf, type Rule, sameShape, unsupported } from '../rule.ts'
import { standardise } from './standardise.ts'

export const layerNormalization: Rule = {
  operator: 'LayerNormalization',
  limits: 'one output',
  infer(inference) {
    if (inference.operation.outputs.slice(1).some(Boolean)) return unsupported('gives statistics as outputs')
    return sameShape(inference)
  },
  lower(t) {
    const [x] = t.inputs
    const [name = '', scale = '', bias] = t.operation.inputs
    if (!x) return unsupported('has no input')
    const first = axisOf(intOf(t.operation, 'axis', -1), x.shape.length)
    const axes = x.shape.map((_, axis) => axis).filter((axis) => axis >= first)
    const { value } = standardise(
      t,
      name,
      axes,
      elementsOf(x.shape.slice(first)),
      floatOf(t.operation, 'epsilon', 1e-5),
    )
    if (bias) t.finish('Add', [t.emit('Mul', [value, scale]), bias])
    else t.finish('Mul', [value, scale])
    return true
  },
}
