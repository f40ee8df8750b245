/**
 * Carry-over: which steps of a changed flow may go on with what they remember: those that are written as before, of signals that are. So a new
 * threshold does not empty the window in front of it.
 */
import type { Flow } from '@skerry/contract/flows/flow'
import { signalsOf } from '@skerry/contract/flows/flow-step'
import { canonicalJson } from '../values/canonical-json.ts'

/** Names of the inputs and steps that stay. */
export function carriedOver(before: Flow, after: Flow): ReadonlySet<string> {
  const was = new Map([...before.inputs, ...before.steps].map((part) => [part.name, canonicalJson(part)]))
  const isSame = (part: Flow['inputs'][number] | Flow['steps'][number]) => was.get(part.name) === canonicalJson(part)
  const stays = new Set(after.inputs.filter(isSame).map(({ name }) => name))
  // From the top: what a step is made of has been judged before it.
  for (const step of after.steps) {
    if (isSame(step) && signalsOf(step).every((name) => stays.has(name))) stays.add(step.name)
  }
  return stays
}
