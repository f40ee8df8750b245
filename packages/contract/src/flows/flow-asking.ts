/** Flow asking: the faults and the shape of a step that asks a language model. */
import { type Fault, faultsWhere } from './flow-fault.ts'
import { type FlowShape, NUMBER } from './flow-shape.ts'
import type { FlowStep } from './flow-step.ts'

type AskStep = Extract<FlowStep, { kind: 'ask' }>

/** A place in the text of a prompt, such as `{pressure}`. */
export const PROMPT_PLACE = /\{([A-Za-z_][A-Za-z0-9_]{0,62})\}/g

export const askShape = ({ gives }: AskStep): FlowShape => (gives === 'number' ? NUMBER : { kind: 'text' })

export function askFaults({ prompt, from, schema, field }: AskStep): Fault[] {
  const named = [...prompt.matchAll(PROMPT_PLACE)].map(([, name = '']) => name)
  const unknown = named.find((name) => !from.includes(name))
  return faultsWhere([
    [unknown !== undefined, 'prompt', `names {${unknown}}, which is not among its signals`],
    [field !== undefined && schema === undefined, 'field', 'is a field of a JSON answer; give a schema'],
  ])
}
