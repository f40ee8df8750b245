/** Local model: reads an ONNX file on disk, and finds the files beside it that contain its weights. */
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { MODEL_PATH } from '@skerry/contract/kinds/model'
import type { ModelSummary } from '@skerry/contract/models/model-summary'
import { externalPaths } from '@skerry/onnx/external-data'
import { readModel } from '@skerry/onnx/read'
import type { Refusal, Result } from '@skerry/onnx/refusal'
import { summariseModel } from '@skerry/onnx/summary'
import { exitCodes, Failure } from '../../../program/failure.ts'
import { readBytes, unreadable } from '../../../program/input-file.ts'
import type { FoundFile } from './model-files.ts'

export type LocalModel = { files: FoundFile[]; summary: ModelSummary }

/**
 * Reads the model and finds its files beside it. It rejects a model that the hub would reject, before the upload
 * begins.
 */
export async function readLocalModel(modelPath: string): Promise<LocalModel> {
  if (/\.(json|txt|pmml|xml|ubj|pkl|pickle|joblib)$/i.test(modelPath)) throw notOnnx(modelPath)
  const model = accepted(modelPath, readModel(await readBytes(modelPath)))
  const files = [{ path: MODEL_PATH, localPath: modelPath, sizeBytes: await sizeOf(modelPath) }]
  const sizes = new Map<string, number>()
  for (const path of accepted(modelPath, externalPaths(model))) {
    const localPath = join(dirname(modelPath), path)
    const sizeBytes = await sizeOf(localPath)
    sizes.set(path, sizeBytes)
    files.push({ path, localPath, sizeBytes })
  }
  return { files, summary: accepted(modelPath, summariseModel(model, sizes)) }
}

/** The names of the weight files beside the model. */
export async function weightPaths(modelPath: string): Promise<string[]> {
  const model = accepted(modelPath, readModel(await readBytes(modelPath)))
  return [...accepted(modelPath, externalPaths(model))]
}

/** A parser of ONNX would say where the file stops being one, which is no help. */
const notOnnx = (path: string): Failure =>
  new Failure({
    code: 'model_not_onnx',
    message: `${path} is no ONNX file by its name`,
    next: /\.(json|txt|pmml|xml)$/i.test(path)
      ? `make one of it: skerry model convert ${path}`
      : 'export the model to ONNX, save it as JSON of XGBoost or text of LightGBM, or push it with the Python client',
    exitCode: exitCodes.failed,
  })

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

function accepted<Value>(path: string, result: Result<Value>): Value {
  if (result.ok) return result.value
  throw refusal(path, result)
}

function refusal(path: string, { code, message }: Refusal): Failure {
  const [problem, next] = message.split(/; (?=[^;]*$)/)
  return new Failure({ code, message: `${path}: ${problem}`, next, exitCode: exitCodes.failed })
}
