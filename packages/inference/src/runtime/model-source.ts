/**
 * Model source: the origin of a model's bytes. The runtime itself opens a plain file, and maps the weights beside it.
 * Sealed files are opened here, in the worker that loads them, and never lie anywhere in clear.
 */
import { readFileSync } from 'node:fs'
import type { FileSeal } from '@skerry/platform/sealing/sealed-format'
import { readSealedFile } from '@skerry/platform/sealing/sealed-read'

/** One file of a version, under the name that the model knows it by. */
export type SourceFile = { name: string; path: string; seal: FileSeal | undefined }

/** Weights in place of those of the file: little-endian float32, one weight after the other. */
export type OwnWeights = { weights: readonly { name: string; elements: number }[]; values: Uint8Array }

/** By the path of the model, with its files beside it; or file by file. */
export type ModelSource = ({ modelPath: string } | { model: SourceFile; beside: readonly SourceFile[] }) & {
  own?: OwnWeights
}

type Bytes = Uint8Array<ArrayBuffer>
export type OpenSource = {
  model: string | Bytes
  options: { externalData?: { path: string; data: Bytes }[] }
  /** Gives the memory back at once: garbage of this size must not wait for a collection that nothing hurries. */
  forget(): void
}

/** Reads and opens the files that must be read here. */
export function openSource(source: ModelSource): OpenSource {
  if ('modelPath' in source) return { model: source.modelPath, options: {}, forget() {} }
  const model = readSource(source.model)
  const externalData = source.beside.map((file) => ({ path: file.name, data: readSource(file) }))
  return {
    model,
    options: externalData.length > 0 ? { externalData } : {},
    forget: () => [model, ...externalData.map(({ data }) => data)].forEach(({ buffer }) => void buffer.transfer(0)),
  }
}

/** All bytes of one file. */
export function readSource({ path, seal }: SourceFile): Bytes {
  return seal ? readSealedFile(path, seal) : new Uint8Array(readFileSync(path))
}
