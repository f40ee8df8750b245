/**
 * Scope: limits the permissions of a role, as a selector over facts that people set for devices and sites. A scope
 * cannot use a device's own reports (its memory, whether it is online): a device could move itself into a scope.
 *
 * A selector lies within a scope if it contains every condition of the scope, in the scope's own words, joined by `&&`.
 * The text decides, so the result also holds for devices that join years later, and needs no look at the fleet.
 */
import { compileExpression } from '../language/expression.ts'
import type { SelectorFacts, SelectorRefusal } from '../selectors/selector.ts'
import { type SelectorPart, selectorParts } from '../selectors/selector-parts.ts'

/** The fields of one device and its site that a scope may use. */
export type ScopeFacts = {
  device: Pick<SelectorFacts['device'], 'id' | 'name' | 'labels'>
  site: SelectorFacts['site']
}

export type Scope = {
  ok: true
  text: string
  /** Whether the device lies in it. */
  holds(facts: ScopeFacts): boolean
  /** Whether the site lies in it, whatever stands there. */
  holdsSite(site: ScopeFacts['site']): boolean
}

/** A device that no condition on devices picks. */
const NO_DEVICE: ScopeFacts['device'] = { id: '', name: '', labels: {} }

/** Compiles the text once for any number of devices. */
export function compileScope(text: string): Scope | SelectorRefusal {
  const compiled = compileExpression(text, { noun: 'scope', sample: SAMPLE })
  if (!compiled.ok) {
    const message = `not a scope over device (id, name, labels) and site: ${compiled.problem}`
    return { ok: false, code: 'selector_invalid', message }
  }
  const holds = ({ device: { id, name, labels }, site }: ScopeFacts) =>
    compiled.judge({ device: { id, name, labels }, site }).matches
  return { ok: true, text, holds, holdsSite: (site) => isSiteText(text) && holds({ device: NO_DEVICE, site }) }
}

const SAMPLE: ScopeFacts = {
  device: { id: 'dev_aaaaaaaa', name: 'sample', labels: {} },
  site: { name: 'sample', kind: 'edge', country: 'DE', region: 'sample', labels: {}, clearance: 'internal' },
}

/**
 * Whether it has no condition on devices. If a text only looks as if it had one, the scope loses only sites without
 * devices.
 */
const isSiteText = (text: string) => !/\bdevice\b/.test(text)

/** Whether the selector can pick only devices in the scope. */
export function isWithin(selector: string, scope: string): boolean {
  const held = new Set(conditionsOf(selectorParts(selector)))
  return conditionsOf(selectorParts(scope)).every((condition) => held.has(condition))
}

/** The conditions that must all be true, each in one way of writing. */
function conditionsOf(part: SelectorPart): string[] {
  return part.kind === 'and' ? part.parts.flatMap(conditionsOf) : [wordsOf(part)]
}

function wordsOf(part: SelectorPart): string {
  switch (part.kind) {
    case 'condition':
      return part.text
    case 'not':
      return `!(${wordsOf(part.part)})`
    case 'and':
    case 'or':
      return part.parts.map((each) => `(${wordsOf(each)})`).join(part.kind === 'and' ? ' && ' : ' || ')
  }
}

/** The selector, narrowed to the scope, as a proposal to the rejected caller. */
export const narrowed = (selector: string, scope: string): string =>
  selector.trim() === 'true' ? scope : `(${scope}) && (${selector})`
