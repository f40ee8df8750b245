/** Losses: the mean over a batch, its gradient with respect to the logits, and the number of labels that it meets. */
import type { Datatype } from '@skerry/contract/models/tensor'
import { CORRECT, MEAN_ERROR, MEAN_LOSS, type TrainingLoss, type TrainingPlan, type TrainingRefusal } from '../plan.ts'
import { elementsOf } from '../rules/rule.ts'
import type { Writer } from './writer.ts'

export type LossInput = {
  loss: TrainingLoss
  /** The name of the output of the model, and its shape with the batch first. */
  logits: string
  shape: readonly number[]
  /** The name of the labels of the batch. */
  labels: string
  /** A factor of the gradient, the learning rate; undefined for none. */
  factor: string | undefined
}

export type LossKind = { labels: { datatype: Datatype; shape(output: readonly number[]): number[] }; classes?: number }

/** Labels of a loss for an output of this shape, or why the loss does not fit it. */
export function lossKind(
  { loss, batchSize }: Pick<TrainingPlan, 'loss' | 'batchSize'>,
  output: readonly number[],
): LossKind | TrainingRefusal {
  if (output[0] !== batchSize) {
    const why = `the output has the shape [${output.join(', ')}] for ${batchSize} rows, and a loss takes an output for each row`
    return { refused: 'loss_mismatch', message: why }
  }
  if (loss !== 'cross-entropy') return { labels: { datatype: 'FP32', shape: (shape) => [...shape] } }
  const [, classes = 0] = output
  if (output.length === 2 && classes > 1)
    return { classes, labels: { datatype: 'INT64', shape: ([rows = -1]) => [rows] } }
  const why = `the output has the shape [${output.join(', ')}], and a cross-entropy takes one row of classes for each label`
  return { refused: 'loss_mismatch', message: why }
}

/** A written loss: the gradient of the logits is written when it is called for. */
export type WrittenLoss = { gradient(): string }

/** Writes the loss as the value `loss`. */
export function writeLoss(t: Writer, input: LossInput): WrittenLoss {
  const { gradient, count } = input.loss === 'cross-entropy' ? crossEntropy(t, input) : byElement(t, input)
  return {
    gradient() {
      const mean = t.emit('Mul', [gradient(), t.pool.float(1 / count)])
      return input.factor === undefined ? mean : t.emit('Mul', [mean, input.factor])
    },
  }
}

type Raw = { gradient(): string; count: number }

/** The gradient of logits is exp(log softmax) - one hot: a Softmax of its own would lose precision. */
function crossEntropy(t: Writer, { logits, shape: [rows = 1, classes = 0], labels }: LossInput): Raw {
  const logs = t.emit('LogSoftmax', [logits], { axis: { int: 1 } })
  const target = t.emit('OneHot', [labels, t.pool.int(classes), t.pool.floats([2], Float32Array.of(0, 1))])
  // The mean is over rows times classes, and one class of each row counts.
  writeMean(t, t.emit('Mul', [logs, target]), -classes)
  return { gradient: () => t.emit('Sub', [t.emit('Exp', [logs]), target]), count: rows }
}

function byElement(t: Writer, { loss, logits, shape, labels }: LossInput): Raw {
  const count = elementsOf(shape)
  if (loss === 'binary') return binary(t, { logits, labels, count })
  const difference = t.emit('Sub', [logits, labels])
  if (loss === 'mse') {
    writeMean(t, t.emit('Mul', [difference, difference]), 1)
    return { gradient: () => t.emit('Mul', [difference, t.pool.float(2)]), count }
  }
  const cut = t.emit('Clip', [difference, t.pool.float(-1), t.pool.float(1)])
  const rest = t.emit('Sub', [difference, t.emit('Mul', [cut, t.pool.float(0.5)])])
  writeMean(t, t.emit('Mul', [cut, rest]), 1)
  return { gradient: () => cut, count }
}

/** softplus(x) - x y, whose gradient is sigmoid(x) - y. */
function binary(t: Writer, { logits, labels, count }: { logits: string; labels: string; count: number }): Raw {
  const loss = t.emit('Sub', [t.emit('Softplus', [logits]), t.emit('Mul', [logits, labels])])
  writeMean(t, loss, 1)
  return { gradient: () => t.emit('Sub', [t.emit('Sigmoid', [logits]), labels]), count }
}

/** Without axes, the operator has one form in all operator sets. */
function writeMean(t: Writer, values: string, factor: number) {
  const mean = t.emit('ReduceMean', [values], { keepdims: { int: 0 } })
  t.emit('Mul', [mean, t.pool.float(factor)], {}, MEAN_LOSS)
}

/**
 * Writes the number of labels that the output meets as the value `correct`; false for a loss without right and wrong.
 */
export function writeCorrect(
  t: Writer,
  { loss, logits, labels }: Pick<LossInput, 'loss' | 'logits' | 'labels'>,
): boolean {
  if (loss !== 'cross-entropy' && loss !== 'binary') return false
  const answers =
    loss === 'binary'
      ? [t.emit('Greater', [logits, t.pool.float(0)]), t.emit('Greater', [labels, t.pool.float(0.5)])]
      : [t.emit('ArgMax', [logits], { axis: { int: 1 }, keepdims: { int: 0 } }), labels]
  const isMet = t.emit('Cast', [t.emit('Equal', answers)], { to: { int: INT64 } })
  t.emit('ReduceSum', [isMet], { keepdims: { int: 0 } }, CORRECT)
  return true
}

/** Writes the mean distance of the output from the labels as the value `error`, for a loss without right and wrong. */
export function writeError(t: Writer, { loss, logits, labels }: Pick<LossInput, 'loss' | 'logits' | 'labels'>): void {
  if (loss !== 'mse' && loss !== 'huber') return
  const distance = t.emit('Abs', [t.emit('Sub', [logits, labels])])
  t.emit('ReduceMean', [distance], { keepdims: { int: 0 } }, MEAN_ERROR)
}

/** [onnx.proto, TensorProto.DataType] */
const INT64 = 7
