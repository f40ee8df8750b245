/** Writes the operations of a part of the step under names of its own. */
import type { ConstantPool } from '../constant-pool.ts'
import type { Attributes, Operation } from '../operation.ts'

export type Writer = {
  /** Appends an operation, and returns the name of its output: a new one, unless it is given. */
  emit(operator: string, inputs: readonly string[], attributes?: Attributes, output?: string): string
  pool: ConstantPool
  operations: readonly Operation[]
}

export function stepWriter(prefix: string, pool: ConstantPool): Writer {
  const operations: Operation[] = []
  return {
    pool,
    operations,
    emit(operator, inputs, attributes = {}, output = `${prefix}/${operator}_${operations.length}`) {
      operations.push({ operator, inputs, outputs: [output], attributes, label: output })
      return output
    },
  }
}
