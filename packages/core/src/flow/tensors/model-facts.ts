/** Model facts: the part of a model's own metadata that steps of a flow use. */
import type { ModelSummary } from '@skerry/contract/models/model-summary'
import type { LookupTable } from '../lookup-table.ts'
import { type Norms, normsOf } from './norms.ts'

/** `classes`: names in the order of its answer. `table`: of a step that looks values up in data, and not in a model. */
export type ModelFacts = { norms: Norms | undefined; classes: readonly string[] | undefined; table?: LookupTable }

export const NO_FACTS: ModelFacts = { norms: undefined, classes: undefined }

export const factsOf = (metadata: ModelSummary['metadata']): ModelFacts => ({
  norms: normsOf(metadata),
  classes: classesOf(metadata),
})

/**
 * A JSON array under `skerry.classes`, or the text that Ultralytics writes under `names`. Undefined if the model has
 * neither.
 */
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
