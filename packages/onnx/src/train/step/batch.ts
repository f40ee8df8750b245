/** The batch of a step: the rows that `perm` names, scaled, in the type that the model takes. */
import type { Datatype } from '@skerry/contract/models/tensor'
import { elementTypeNumber } from '../../element-type.ts'
import { DATA, LABELS, type TrainingPlan } from '../plan.ts'
import type { Writer } from './writer.ts'

/** The types of `data`, by their name in a plan. */
export const DATA_TYPES = { uint8: 'UINT8', float32: 'FP32' } as const satisfies Record<string, Datatype>

export type BatchInput = {
  plan: TrainingPlan
  /** The name and type of the input of the model. */
  input: string
  datatype: Datatype
  /** The name of the row numbers; undefined takes all rows. */
  rows: string | undefined
}

/** Returns the name of the labels of the batch. */
export function writeBatch(t: Writer, { plan, input, datatype, rows }: BatchInput): string {
  const picked = rows === undefined ? DATA : t.emit('Gather', [DATA, rows])
  const { dataType, scale = 1, offset = 0 } = plan.input
  const isCast = DATA_TYPES[dataType] !== datatype
  const typed = isCast ? t.emit('Cast', [picked], { to: { int: elementTypeNumber(datatype) } }) : picked
  const scaled = scale === 1 ? typed : t.emit('Mul', [typed, t.pool.float(scale)])
  const moved = offset === 0 ? scaled : t.emit('Add', [scaled, t.pool.float(offset)])
  t.emit('Identity', [moved], {}, input)
  return rows === undefined ? LABELS : t.emit('Gather', [LABELS, rows])
}
