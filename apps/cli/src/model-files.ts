/** Model files: an ONNX file on disk with the files that it keeps weights in, hashed and described, ready to be pushed. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { MODEL_PATH, type ModelFile } from '@skerry/contract/model'
import type { ModelSummary } from '@skerry/contract/model-summary'
import { Name } from '@skerry/contract/names'
import { storedTensors } from '@skerry/onnx/body'
import { externalRange } from '@skerry/onnx/external-data'
import { type Model, readModel } from '@skerry/onnx/read'
import type { Refusal, Result } from '@skerry/onnx/refusal'
import { summariseModel } from '@skerry/onnx/summary'
import { isExternal } from '@skerry/onnx/tensor'
import { digestOfStream } from '@skerry/platform/hash'
import { exitCodes, Failure, wrongUsage } from './failure.ts'
import { readBytes, unreadable } from './input-file.ts'
import type { Progress } from './progress.ts'

/** A file to push: what the hub will call it, and where it lies. */
export type LocalFile = ModelFile & { localPath: string }

export type LocalModel = { files: { path: string; localPath: string; sizeBytes: number }[]; summary: ModelSummary }

/** Reads the model, finds its files beside it, and refuses what the hub would refuse anyway, before a byte is sent. */
export async function readLocalModel(modelPath: string): Promise<LocalModel> {
  const model = accepted(modelPath, readModel(await readBytes(modelPath)))
  const files = [{ path: MODEL_PATH, localPath: modelPath, sizeBytes: await sizeOf(modelPath) }]
  const sizes = new Map<string, number>()
  for (const path of externalPaths(modelPath, model)) {
    const localPath = join(dirname(modelPath), path)
    const sizeBytes = await sizeOf(localPath)
    sizes.set(path, sizeBytes)
    files.push({ path, localPath, sizeBytes })
  }
  return { files, summary: accepted(modelPath, summariseModel(model, sizes)) }
}

/** Hashes the files, reporting the bytes done so far. */
export async function hashFiles(
  files: LocalModel['files'],
  progress: Pick<Progress, 'at'>,
  signal: AbortSignal,
): Promise<LocalFile[]> {
  let doneBytes = 0
  const hashed: LocalFile[] = []
  for (const file of files) {
    const counted = async function* () {
      for await (const chunk of createReadStream(file.localPath, { signal })) {
        doneBytes += (chunk as Buffer).length
        progress.at(doneBytes)
        yield chunk as Buffer
      }
    }
    hashed.push({ ...file, ...(await digestOfStream(counted(), signal)) })
  }
  return hashed
}

/** A name for the model from that of its file: `Sensor_Anomaly.v1.onnx` → `sensor-anomaly-v1`. */
export function nameOfFile(path: string): Name {
  const name = basename(path)
    .replace(/\.onnx$/i, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, '')
  const parsed = Name.safeParse(name)
  if (!parsed.success)
    throw wrongUsage(`the file name ${basename(path)} gives no name for the model`, 'give one with --name')
  return parsed.data
}

function externalPaths(modelPath: string, model: Model): Set<string> {
  const paths = new Set<string>()
  for (const stored of storedTensors(model)) {
    if (isExternal(stored.tensor)) paths.add(accepted(modelPath, externalRange(stored)).path)
  }
  return paths
}

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
