/** Model files: the files of a version, named and hashed, ready to be pushed. */
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import type { ModelFile } from '@skerry/contract/models/model'
import { Name } from '@skerry/contract/values/names'
import { digestOfStream } from '@skerry/platform/files/hash'
import { wrongUsage } from '../../../program/failure.ts'
import type { Progress } from '../../../program/terminal/progress.ts'

/** A file to push: its name at the hub, and its path here. `content`: the command made the bytes itself. */
export type FoundFile = { path: string; localPath: string; sizeBytes: number; content?: Uint8Array }

export type HashedFile = ModelFile & FoundFile

/** The bytes of the file from the start on. */
export const readFound = ({ localPath, content }: FoundFile, start: number, signal?: AbortSignal): Readable =>
  content ? Readable.from([content.subarray(start)]) : createReadStream(localPath, { start, ...(signal && { signal }) })

/** Hashes the files, reporting the bytes done so far. */
export async function hashFiles(
  files: readonly FoundFile[],
  progress: Pick<Progress, 'at'>,
  signal: AbortSignal,
): Promise<HashedFile[]> {
  let doneBytes = 0
  const hashed: HashedFile[] = []
  for (const file of files) {
    const counted = async function* () {
      for await (const chunk of readFound(file, 0, signal)) {
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
    .replace(/\.(onnx|gguf)$/i, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, '')
  const parsed = Name.safeParse(name)
  if (!parsed.success)
    throw wrongUsage(`the file name ${basename(path)} cannot be the name of the model`, 'give one with --name')
  return parsed.data
}
