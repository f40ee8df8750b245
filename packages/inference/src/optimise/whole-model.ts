/** Whole model: the bytes of a model with the weights that lie in files beside it. */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { externalPaths } from '@skerry/onnx/external-data'
import { inlineAllWeights } from '@skerry/onnx/inline-weights'
import { readModel } from '@skerry/onnx/read'
import { accept, quote, type Result, rejectModel } from '@skerry/onnx/refusal'

/** Reads the model, and each file that it names. The paths are plain names inside of its folder (external-data.ts). */
export async function readWholeModel(modelPath: string): Promise<Result<Uint8Array>> {
  const bytes = await readFile(modelPath)
  const model = readModel(bytes)
  if (!model.ok) return model
  const paths = externalPaths(model.value)
  if (!paths.ok) return paths
  const files = new Map<string, Uint8Array>()
  for (const path of paths.value) {
    const content = await readFile(join(dirname(modelPath), path)).catch(() => undefined)
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
