/** Step facts: the model's metadata for each step that uses it. */
import type { Flow } from '@skerry/contract/flows/flow'
import { calledBy, type FlowStep } from '@skerry/contract/flows/flow-step'
import type { LookupStep, LookupTable } from '@skerry/core/flow/lookup-table'
import { type ModelFacts, NO_FACTS } from '@skerry/core/flow/tensors/model-facts'

export type StepFacts =
  | { ok: true; facts: Map<string, ModelFacts> }
  | { ok: false; code: 'norms_missing' | 'classes_missing' | 'table_missing' | 'table_invalid'; message: string }

/** The table of a step, from data on this device. */
export type TableOf = (step: LookupStep) => FoundTable
export type FoundTable =
  | { ok: true; table: LookupTable }
  | { ok: false; code: 'table_missing' | 'table_invalid'; message: string }

type DetectionsStep = Extract<FlowStep, { kind: 'detections' }>

/** Without `tableOf`, steps that look values up have no table, and each of their values is bad. */
export function factsOfSteps(
  { steps }: Flow,
  factsOf: (model: string) => ModelFacts | undefined,
  tableOf?: TableOf,
): StepFacts {
  const facts = new Map<string, ModelFacts>()
  for (const step of steps) {
    const found = step.kind === 'lookup' ? tableFacts(step, tableOf) : modelFacts(step, steps, factsOf)
    if (found === undefined) continue
    if (!found.ok) return { ...found, message: `step ${step.name}: ${found.message}` }
    facts.set(step.name, found.facts)
  }
  return { ok: true, facts }
}

type FoundFacts = { ok: true; facts: ModelFacts } | Extract<StepFacts, { ok: false }> | undefined

function tableFacts(step: LookupStep, tableOf: TableOf | undefined): FoundFacts {
  const found = tableOf?.(step)
  return found?.ok ? { ok: true, facts: { ...NO_FACTS, table: found.table } } : found
}

/** Undefined if the step uses no metadata. */
function modelFacts(
  step: FlowStep,
  steps: readonly FlowStep[],
  factsOf: (model: string) => ModelFacts | undefined,
): FoundFacts {
  const model = modelOf(step, steps)
  if (model === undefined) return undefined
  const facts = factsOf(model) ?? NO_FACTS
  if (step.kind !== 'detections' && !facts.norms) {
    const message = `${model} is missing, or its metadata has no skerry.mean and skerry.std`
    return { ok: false, code: 'norms_missing', message }
  }
  const unknown = step.kind === 'detections' ? unknownClass(step, facts) : undefined
  if (unknown === undefined) return { ok: true, facts }
  return {
    ok: false,
    code: 'classes_missing',
    message: `${model} is missing, or its metadata names no class ${unknown}`,
  }
}

/** The model whose facts a step uses. */
function modelOf(step: FlowStep, steps: readonly FlowStep[]): string | undefined {
  if (step.kind === 'normalise' || step.kind === 'image') return step.model
  if (step.kind !== 'detections' || step.classes) return undefined
  const asked = steps.find(({ name }) => name === step.from)
  return asked && calledBy(asked)[0]?.model
}

/** A step would never find a class that does not exist. */
const unknownClass = ({ only }: DetectionsStep, { classes }: ModelFacts): string | undefined =>
  only?.find((name) => (classes ? !classes.includes(name) : !/^\d+$/.test(name)))
