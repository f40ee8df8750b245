/** Constants that rules write. Equal ones share a name, and they stand outside of the step, so no step copies them. */
import { float32Tensor, type NamedTensor } from '../build.ts'
import { tensorOfNumbers } from './fold.ts'
import type { Fact } from './rules/rule.ts'

export type ConstantPool = {
  ints(values: readonly number[]): string
  int(value: number): string
  float(value: number): string
  floats(shape: readonly number[], values: Float32Array): string
  fact(name: string): Fact | undefined
  tensors(): ReadonlyMap<string, NamedTensor>
}

export function constantPool(): ConstantPool {
  const tensors = new Map<string, NamedTensor>()
  const facts = new Map<string, Fact>()
  const keep = (name: string, datatype: 'INT64' | 'FP32', shape: number[], numbers: readonly number[]) => {
    const tensor = tensorOfNumbers(datatype, shape, numbers)
    if (tensor && !tensors.has(name)) tensors.set(name, { name, ...tensor })
    facts.set(name, { datatype, shape, numbers })
    return name
  }
  return {
    ints: (values) => keep(`k/i/${values.join(',')}`, 'INT64', [values.length], values),
    int: (value) => keep(`k/n/${value}`, 'INT64', [], [value]),
    float: (value) => keep(`k/f/${Math.fround(value)}`, 'FP32', [], [Math.fround(value)]),
    floats(shape, values) {
      const name = `k/t/${tensors.size}`
      tensors.set(name, float32Tensor(name, shape, values))
      facts.set(name, { datatype: 'FP32', shape })
      return name
    },
    fact: (name) => facts.get(name),
    tensors: () => tensors,
  }
}
