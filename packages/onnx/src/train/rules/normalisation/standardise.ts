/** Standardisation over some axes, in operations that have rules: (x - mean) / sqrt(variance + epsilon). */
import type { Lowering } from '../rule.ts'

export type Standardised = { value: string; mean: string; variance: string }

/** `count` is the number of values in each mean. */
export function standardise(
  t: Lowering,
  x: string,
  axes: readonly number[],
  count: number,
  epsilon: number,
): Standardised {
  const keep = { keepdims: { int: 1 } }
  const share = t.float(1 / count)
  const mean = t.emit('Mul', [t.emit('ReduceSum', [x, t.ints(axes)], keep), share])
  const centred = t.emit('Sub', [x, mean])
  const squares = t.emit('ReduceSum', [t.emit('Mul', [centred, centred]), t.ints(axes)], keep)
  const variance = t.emit('Mul', [squares, share])
  const deviation = t.emit('Sqrt', [t.emit('Add', [variance, t.float(epsilon)])])
  return { value: t.emit('Div', [centred, deviation]), mean, variance }
}

/** The shape in which a value for each channel stands beside [N, C, ...]. */
export const channelShape = (rank: number, channels: number): number[] =>
  Array.from({ length: rank }, (_, axis) => (axis === 1 ? channels : 1))
