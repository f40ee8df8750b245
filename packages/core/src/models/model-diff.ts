/**
 * Model diff: what changes when one version takes the place of another: for those who call it, for the runtime that loads it, and in bytes.
 * Whoever calls a model cares for its signature only: `breaks` says in words what would stop working for them.
 */

import { GOLDEN_PATH } from '@skerry/contract/devices/golden'
import type { ModelFile, ModelVersionDetail } from '@skerry/contract/models/model'
import type { OperatorSet, OperatorUse } from '@skerry/contract/models/model-summary'
import type { TensorSpec } from '@skerry/contract/models/tensor'

/** What was there, and what is; a thing that was added has no `from`, one that was removed no `to`. */
export type Difference<Value> = { name: string; from?: Value; to?: Value }

export type ModelDiff = {
  /** What would break for a caller of the first version; empty where the second can take its place. */
  breaks: string[]
  inputs: Difference<TensorSpec>[]
  outputs: Difference<TensorSpec>[]
  opsets: Difference<OperatorSet>[]
  operators: Difference<OperatorUse>[]
  files: Difference<ModelFile>[]
  sizeBytes: { from: number; to: number }
  parameterCount: { from: number; to: number }
  irVersion: { from: number; to: number }
  producer: { from: string; to: string }
  golden: { from: number; to: number; isSame: boolean }
}

/** A version, as far as it is compared. */
export type Comparable = Pick<ModelVersionDetail, 'files' | 'sizeBytes' | 'goldenCases' | 'summary'>

/** What is different in `to`; all lists are empty where nothing is. */
export function diffVersions(from: Comparable, to: Comparable): ModelDiff {
  const before = from.summary
  const after = to.summary
  const inputs = differences(before.inputs, after.inputs, nameOf)
  const outputs = differences(before.outputs, after.outputs, nameOf)
  return {
    breaks: [...inputs.flatMap(inputBreak), ...outputs.flatMap(outputBreak)],
    inputs,
    outputs,
    opsets: differences(before.opsets, after.opsets, ({ domain }) => domain),
    operators: differences(before.operators, after.operators, operatorName),
    files: differences(from.files, to.files, ({ path }) => path),
    sizeBytes: { from: from.sizeBytes, to: to.sizeBytes },
    parameterCount: { from: before.parameterCount, to: after.parameterCount },
    irVersion: { from: before.irVersion, to: after.irVersion },
    producer: { from: before.producer, to: after.producer },
    golden: { from: from.goldenCases, to: to.goldenCases, isSame: goldenDigest(from) === goldenDigest(to) },
  }
}

/** Whether the two are the same in everything that is compared. */
export function isSame(diff: ModelDiff): boolean {
  const { inputs, outputs, opsets, operators, files, golden } = diff
  const lists = [inputs, outputs, opsets, operators, files]
  const pairs = [diff.sizeBytes, diff.parameterCount, diff.irVersion, diff.producer, golden]
  return lists.every(({ length }) => length === 0) && pairs.every(({ from, to }) => from === to) && golden.isSame
}

/** `Gemm`, or `com.microsoft.Gelu` of another domain. */
export const operatorName = ({ domain, name }: Pick<OperatorUse, 'domain' | 'name'>): string =>
  domain === 'ai.onnx' ? name : `${domain}.${name}`

const nameOf = ({ name }: TensorSpec) => name

const goldenDigest = ({ files }: Comparable) => files.find(({ path }) => path === GOLDEN_PATH)?.digest

/** What differs between two lists of things with unique names, by name. */
function differences<Value extends object>(
  from: readonly Value[],
  to: readonly Value[],
  keyOf: (value: Value) => string,
): Difference<Value>[] {
  const before = new Map(from.map((value) => [keyOf(value), value]))
  const after = new Map(to.map((value) => [keyOf(value), value]))
  const names = [...new Set([...before.keys(), ...after.keys()])].sort()
  return names.flatMap((name) => {
    const was = before.get(name)
    const is = after.get(name)
    if (was && is && isEqual(was, is)) return []
    return [{ name, ...(was && { from: was }), ...(is && { to: is }) }]
  })
}

/** Of plain records whose fields are values or lists of numbers. */
function isEqual<Value extends object>(a: Value, b: Value): boolean {
  const fieldsOf = (value: Value) =>
    Object.entries(value)
      .map(([key, field]) => `${key}=${String(field)}`)
      .sort()
      .join('\n')
  return fieldsOf(a) === fieldsOf(b)
}

/** A caller goes on giving what it gave: so what was taken must be taken still, and nothing more be asked for. */
function inputBreak({ name, from, to }: Difference<TensorSpec>): string[] {
  if (!from) return [`input ${name} is new, and callers do not give it`]
  if (!to) return [`input ${name} is gone, and callers give it`]
  if (from.datatype !== to.datatype) return [`input ${name} takes ${to.datatype}, and callers give ${from.datatype}`]
  if (accepts(to.shape, from.shape)) return []
  return [`input ${name} takes ${shapeText(to.shape)}, and callers may give ${shapeText(from.shape)}`]
}

/** A caller goes on reading what it read; what comes besides is no matter. */
function outputBreak({ name, from, to }: Difference<TensorSpec>): string[] {
  if (!from) return []
  if (!to) return [`output ${name} is gone, and callers read it`]
  if (from.datatype !== to.datatype) return [`output ${name} is ${to.datatype}, and callers read ${from.datatype}`]
  if (accepts(from.shape, to.shape)) return []
  return [`output ${name} may be ${shapeText(to.shape)}, and callers read ${shapeText(from.shape)}`]
}

/** Whether every tensor of the shape `given` is one of the shape `wanted`. */
const accepts = (wanted: readonly number[], given: readonly number[]) =>
  wanted.length === given.length && wanted.every((size, index) => size === -1 || size === given[index])

/** `[any, 8, 2]`. */
export const shapeText = (shape: readonly number[]): string =>
  `[${shape.map((size) => (size === -1 ? 'any' : size)).join(', ')}]`
