/** Whole model: the bytes of a model with the weights that lie in files beside it. */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { externalPaths } from '@skerry/onnx/external-data'
import { inlineAllWeights } from '@skerry/onnx/inline-weights'
import { readModel } from '@skerry/onnx/read'
import { accept, quote, type Result, rejectModel } from '@skerry/onnx/refusal'
import { type ModelSource, readSource } from '../runtime/model-source.ts'

/** Reads the model, and each file that it names. The paths are plain names inside of its folder (external-data.ts). */
export const readWholeModel = async (modelPath: string): Promise<Result<Uint8Array>> =>
  wholeModel(await readFile(modelPath), (path) => readFile(join(dirname(modelPath), path)).catch(() => undefined))

/** The same from a source whose files may be sealed. They are opened in memory only. */
export async function readWholeSource(source: ModelSource): Promise<Result<Uint8Array>> {
  if ('modelPath' in source) return readWholeModel(source.modelPath)
  const beside = new Map(source.beside.map((file) => [file.name, file]))
  return wholeModel(readSource(source.model), async (path) => {
    const file = beside.get(path)
    return file && readSource(file)
  })
}

type ReadBeside = (path: string) => Promise<Uint8Array | undefined>

async function wholeModel(bytes: Uint8Array, read: ReadBeside): Promise<Result<Uint8Array>> {
  const model = readModel(bytes)
  if (!model.ok) return model
  const paths = externalPaths(model.value)
  if (!paths.ok) return paths
  const files = new Map<string, Uint8Array>()
  for (const path of paths.value) {
    const content = await read(path)
    if (!content)
      return rejectModel(
        'model_incomplete',
        `the weights in ${quote(path)} cannot be read; push that file with the model`,
      )
    files.set(path, content)
  }
  const whole = inlineAllWeights(bytes, files)
  return whole.ok ? accept(whole.value ?? bytes) : whole
}
