/** Parameters: the float32 weights of a model as numbers, and the same model with other numbers. */
import { mapWeights } from '../edit.ts'
import { inlineAllWeights } from '../inline-weights.ts'
import { type Model, readModel } from '../read.ts'
import { quote } from '../refusal.ts'
import { writeModel } from '../write.ts'
import type { WeightFiles } from './source.ts'

/**
 * The weights of these names. Throws for a name that the model does not have: the names are those of its training
 * model.
 *
 * @param files the files beside the model, if it keeps weights there
 */
export function readParameters(
  model: Uint8Array,
  names: readonly string[],
  files: WeightFiles = new Map(),
): Map<string, Float32Array> {
  const wanted = new Set(names)
  const found = new Map<string, Float32Array>()
  mapWeights(modelOf(model, files), (values, name) => {
    if (wanted.has(name)) found.set(name, values)
    return undefined
  })
  const lacking = names.find((name) => !found.has(name))
  if (lacking !== undefined) throw new RangeError(`the model has no float32 weight ${quote(lacking)}`)
  return new Map(names.map((name) => [name, found.get(name) ?? new Float32Array()]))
}

/** The user's file with these weights; nothing else in it changes. Throws for a name that it does not have. */
export function writeParameters(
  model: Uint8Array,
  values: ReadonlyMap<string, Float32Array>,
  files: WeightFiles = new Map(),
): Uint8Array<ArrayBuffer> {
  const missing = new Set(values.keys())
  const changed = mapWeights(modelOf(model, files), (_, name) => {
    missing.delete(name)
    return values.get(name)
  })
  const [lacking] = missing
  if (lacking !== undefined) throw new RangeError(`the model has no float32 weight ${quote(lacking)}`)
  return writeModel(changed)
}

function modelOf(bytes: Uint8Array, files: WeightFiles): Model {
  const inlined = files.size > 0 ? inlineAllWeights(bytes, files) : undefined
  if (inlined && !inlined.ok) throw new Error(inlined.message)
  const read = readModel(inlined?.value ?? bytes)
  if (!read.ok) throw new Error(read.message)
  return read.value
}
