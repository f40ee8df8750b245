/**
 * BatchNormalization. Frozen, it is a factor and a summand for each channel, from the statistics of the file. In
 * training it takes the statistics of the batch, and the running ones follow:
 * [ONNX operators, BatchNormalization] running = running momentum + batch (1 - momentum).
 */
import { floatOf, intOf, type Operation } from '../../operation.ts'
import { type Backward, elementsOf, type Lowering, type Rule, sameShape, unsupported } from '../rule.ts'
import { channelShape, standardise } from './standardise.ts'

const EPSILON = 1e-5
const MOMENTUM = 0.9

export const batchNormalization: Rule = {
  operator: 'BatchNormalization',
  limits: 'one output; statistics frozen by default',
  infer(inference) {
    const { operation } = inference
    if (operation.outputs.slice(1).some(Boolean)) return unsupported('gives statistics as outputs')
    if (intOf(operation, 'training_mode', 0) !== 0) return unsupported('was exported in training')
    return sameShape(inference)
  },
  lower(t) {
    if (!t.isTrainingStatistics) return false
    const facts = batchNormalization.infer(t)
    if ('unsupported' in facts) return facts
    const [x] = t.inputs
    if (!x) return unsupported('has no input')
    lowerTraining(t, x.shape)
    return true
  },
  gradient(t, operation, dy) {
    const [x = '', scale = '', bias] = operation.inputs
    const { shape, axes, inverse, standard } = frozenParts(t, operation)
    const sum = (gradient: string) => t.emit('ReduceSum', [gradient, t.ints(axes)], { keepdims: { int: 0 } })
    if (t.wants(x)) {
      const factor = t.emit('Mul', [t.emit('Reshape', [scale, t.ints(shape)]), inverse])
      t.add(x, t.emit('Mul', [dy, factor]))
    }
    if (t.wants(scale)) t.add(scale, sum(t.emit('Mul', [dy, standard()])))
    if (t.wants(bias)) t.add(bias, sum(dy))
    return undefined
  },
}

function frozenParts(t: Backward, operation: Operation) {
  const [x = '', , , mean = '', variance = ''] = operation.inputs
  const rank = t.shape(x).length
  const shape = channelShape(rank, elementsOf(t.shape(mean)))
  const wide = t.emit('Reshape', [variance, t.ints(shape)])
  const deviation = t.emit('Sqrt', [t.emit('Add', [wide, t.float(floatOf(operation, 'epsilon', EPSILON))])])
  const inverse = t.emit('Reciprocal', [deviation])
  const axes = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== 1)
  const standard = () => t.emit('Mul', [t.emit('Sub', [x, t.emit('Reshape', [mean, t.ints(shape)])]), inverse])
  return { shape, axes, inverse, standard }
}

function lowerTraining(t: Lowering, input: readonly number[]) {
  const { operation } = t
  const [x = '', scale = '', bias = '', mean = '', variance = ''] = operation.inputs
  const channels = input[1] ?? 1
  const axes = input.map((_, axis) => axis).filter((axis) => axis !== 1)
  const shape = t.ints(channelShape(input.length, channels))
  const count = elementsOf(input) / channels
  const standard = standardise(t, x, axes, count, floatOf(operation, 'epsilon', EPSILON))
  const momentum = floatOf(operation, 'momentum', MOMENTUM)
  const flat = t.ints([channels])
  for (const [running, batch] of [
    [mean, standard.mean],
    [variance, standard.variance],
  ] as const) {
    const kept = t.emit('Mul', [running, t.float(momentum)])
    const taken = t.emit('Mul', [t.emit('Reshape', [batch, flat]), t.float(1 - momentum)])
    t.follow(running, t.emit('Add', [kept, taken]))
  }
  const scaled = t.emit('Mul', [standard.value, t.emit('Reshape', [scale, shape])])
  t.finish('Add', [scaled, t.emit('Reshape', [bias, shape])])
}
