/** Model norms: the mean and spread that loaded models were trained with, read from their files when a flow asks. */
import { readFileSync } from 'node:fs'
import { type Norms, normsOf } from '@skerry/core/flow/norms'
import { type ModelSource, openSource } from '@skerry/inference/model-source'
import { readModel } from '@skerry/onnx/read'
import { readMetadata } from '@skerry/onnx/summary'

export type ModelNorms = {
  /** Of the model in the slot; undefined where its metadata does not say. */
  of(slot: string | undefined): Norms | undefined
  /** The slot was loaded from there. */
  note(slot: string, source: ModelSource): void
  forget(slot: string): void
}

/** None yet. Each file is read once, and only if somebody asks. */
export function createModelNorms(): ModelNorms {
  const sources = new Map<string, ModelSource>()
  const known = new Map<string, Norms | undefined>()
  return {
    of(slot) {
      const source = slot === undefined ? undefined : sources.get(slot)
      if (slot === undefined || !source) return undefined
      if (!known.has(slot)) known.set(slot, readNorms(source))
      return known.get(slot)
    },
    note: (slot, source) => void sources.set(slot, source),
    forget(slot) {
      sources.delete(slot)
      known.delete(slot)
    },
  }
}

function readNorms(source: ModelSource): Norms | undefined {
  const opened = openSource(source)
  try {
    const model = readModel(typeof opened.model === 'string' ? readFileSync(opened.model) : opened.model)
    return model.ok ? normsOf(readMetadata(model.value).metadata) : undefined
  } finally {
    opened.forget()
  }
}
