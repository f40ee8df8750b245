/**
 * Weights that lie in files beside the model. [ONNX, docs/ExternalData.md] A tensor names a file, relative to the
 * model, and a range of bytes in it. A model is a stranger's file: the named files must be inside its own folder, and
 * whole.
 */
import { FilePath } from '@skerry/contract/models/model'
import { EXTERNAL_FILES_MAX, type ExternalFile } from '@skerry/contract/models/model-summary'
import { type StoredTensor, storedTensors } from './body.ts'
import { packedBytes } from './element-type.ts'
import type { Model } from './read.ts'
import { accept, quote, type Result, rejectModel } from './refusal.ts'
import { isExternal, tensorHeader } from './tensor.ts'

/** The place of the elements of a tensor. */
export type ExternalRange = { path: string; offset: number; length: number }

/** The files that the model needs; `files` are those at hand, by path, with their size in bytes. */
export function readExternalFiles(model: Model, files: ReadonlyMap<string, number>): Result<ExternalFile[]> {
  const needed = new Map<string, number>()
  for (const stored of storedTensors(model)) {
    if (!isExternal(stored.tensor)) continue
    const range = externalRange(stored)
    if (!range.ok) return range
    const { path, offset, length } = range.value
    const end = offset + length
    const size = files.get(path)
    if (size === undefined)
      return rejectModel('model_incomplete', `${stored.label} is in ${quote(path)}; push that file with the model`)
    if (end > size) {
      const what = `${stored.label} takes bytes ${offset} to ${end} of ${quote(path)}, which has ${size}`
      return rejectModel('model_incomplete', `${what}; push the whole file that was saved with the model`)
    }
    needed.set(path, Math.max(end, needed.get(path) ?? 0))
  }
  if (needed.size > EXTERNAL_FILES_MAX) {
    return rejectModel('model_too_complex', `the model spreads over ${needed.size} files; save its weights in one`)
  }
  return accept([...needed].sort(byPath).map(([path, sizeBytes]) => ({ path, sizeBytes })))
}

/** The paths of the files that the model keeps weights in, whether they are at hand or not. */
export function externalPaths(model: Model): Result<Set<string>> {
  const paths = new Set<string>()
  for (const stored of storedTensors(model)) {
    if (!isExternal(stored.tensor)) continue
    const range = externalRange(stored)
    if (!range.ok) return range
    paths.add(range.value.path)
  }
  return accept(paths)
}

/** The range that an external tensor names, checked against its own shape. */
export function externalRange({ tensor, label }: StoredTensor): Result<ExternalRange> {
  const header = tensorHeader(tensor, label)
  if (!header.ok) return header
  const { type, count } = header.value
  if (type.bits === 0)
    return rejectModel('model_not_onnx', `${label} keeps strings in another file, which ONNX does not allow`)
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]))
  // Two locations would let the checked file be another than the one that a runtime opens.
  if (entries.size < tensor.externalData.length)
    return rejectModel('model_not_onnx', `${label} repeats an entry of its external data`)
  const lack = lackOf(entries)
  if (lack !== undefined) return rejectModel('model_not_onnx', `an entry of the external data of ${label} ${lack}`)
  const location = entries.get('location')
  if (!location)
    return rejectModel('model_not_onnx', `${label} keeps its elements in another file but does not name it`)
  const path = FilePath.safeParse(location)
  if (!path.success) {
    const why = 'only plain names inside the folder of the model are allowed; save the model again'
    return rejectModel('model_path_unsafe', `${label} refers to ${quote(location)}; ${why}`)
  }
  const length = packedBytes(type, count)
  const offset = decimal(entries.get('offset') ?? '0')
  const stated = decimal(entries.get('length') ?? String(length))
  if (offset === undefined)
    return rejectModel('model_not_onnx', `${label} has the offset ${quote(entries.get('offset') ?? '')}`)
  if (stated !== length) {
    return rejectModel(
      'model_not_onnx',
      `${label} states ${quote(entries.get('length') ?? '')} bytes where its shape needs ${length}`,
    )
  }
  return accept({ path: path.data, offset, length })
}

/** The runtime rejects both with "model format error!", and names no tensor. */
function lackOf(entries: ReadonlyMap<string, string>): string | undefined {
  const lacking = [...entries].find(([key, value]) => key === '' || value === '')
  return lacking && `has no ${lacking[0] === '' ? 'key' : 'value'}; save the model again`
}

/** Fifteen digits are a thousand terabytes, and exact. */
const decimal = (text: string) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined)

const byPath = ([a]: [string, number], [b]: [string, number]) => (a < b ? -1 : 1)
