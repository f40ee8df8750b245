/** Model facts: what loaded models say of themselves, read from their files when a flow asks. */
import { readFileSync } from 'node:fs'
import { factsOf, type ModelFacts } from '@skerry/core/flow/tensors/model-facts'
import { type ModelSource, openSource } from '@skerry/inference/runtime/model-source'
import { readModel } from '@skerry/onnx/read'
import { readMetadata } from '@skerry/onnx/summary'

export type FactsOfModels = {
  /** Of the model in the slot; undefined where there is none. */
  of(slot: string | undefined): ModelFacts | undefined
  /** The slot was loaded from there. */
  note(slot: string, source: ModelSource): void
  forget(slot: string): void
}

/** None yet. Each file is read once, and only if somebody asks. */
export function createFactsOfModels(): FactsOfModels {
  const sources = new Map<string, ModelSource>()
  const known = new Map<string, ModelFacts | undefined>()
  return {
    of(slot) {
      const source = slot === undefined ? undefined : sources.get(slot)
      if (slot === undefined || !source) return undefined
      if (!known.has(slot)) known.set(slot, readFacts(source))
      return known.get(slot)
    },
    note: (slot, source) => void sources.set(slot, source),
    forget(slot) {
      sources.delete(slot)
      known.delete(slot)
    },
  }
}

function readFacts(source: ModelSource): ModelFacts | undefined {
  const opened = openSource(source)
  try {
    const model = readModel(typeof opened.model === 'string' ? readFileSync(opened.model) : opened.model)
    return model.ok ? factsOf(readMetadata(model.value).metadata) : undefined
  } finally {
    opened.forget()
  }
}
