/** Model facts: what a model's own metadata says that steps of a flow go by. */
import type { ModelSummary } from '@skerry/contract/models/model-summary'
import { type Norms, normsOf } from './norms.ts'

/** `classes`: names in the order of its answer. */
export type ModelFacts = { norms: Norms | undefined; classes: readonly string[] | undefined }

export const NO_FACTS: ModelFacts = { norms: undefined, classes: undefined }

export const factsOf = (metadata: ModelSummary['metadata']): ModelFacts => ({
  norms: normsOf(metadata),
  classes: classesOf(metadata),
})

/** A JSON array under `skerry.classes`, or what Ultralytics writes under `names`; undefined where the model says something else, or nothing. */
function classesOf(metadata: ModelSummary['metadata']): string[] | undefined {
  const read = (key: string) => metadata.find((entry) => entry.key === key)?.value
  const own = read('skerry.classes')
  return own === undefined ? classesInPython(read('names') ?? '') : classesInJson(own)
}

function classesInJson(text: string): string[] | undefined {
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) && list.every((name) => typeof name === 'string') ? list : undefined
  } catch {
    return undefined
  }
}

/** [Python, "repr"] `{0: 'person', 1: "driver's cab"}` */
function classesInPython(text: string): string[] | undefined {
  const entry = /\s*(\d{1,5})\s*:\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*(,|\}$)/y
  const names: string[] = []
  if (!text.startsWith('{')) return undefined
  entry.lastIndex = 1
  for (;;) {
    const [, index, single, double, end] = entry.exec(text) ?? []
    // Out of their order they are not those of an answer.
    if (index === undefined || Number(index) !== names.length) return undefined
    names.push((single ?? double ?? '').replace(/\\(.)/g, '$1'))
    if (end !== ',') return names
  }
}
