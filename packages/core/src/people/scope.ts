/**
 * Scope: where the permissions of a role count, as a selector over what people say of devices and sites. What a device says of itself (its
 * memory, whether it is online) cannot be asked: a device would move itself into a scope.
 *
 * A selector lies within a scope where it holds every condition of the scope, in the scope's own words, joined by `&&`. That is looked at in
 * the text, so it holds for devices that join years later, too, and costs no look at the fleet.
 */
import { compileExpression } from '../language/expression.ts'
import type { SelectorFacts, SelectorRefusal } from '../selectors/selector.ts'
import { type SelectorPart, selectorParts } from '../selectors/selector-parts.ts'

/** What a scope may ask of one device and its site. */
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

/** Whether it asks nothing of devices. A text that only looks as if it did loses nothing but sites without devices. */
const isSiteText = (text: string) => !/\bdevice\b/.test(text)

/** Whether the selector can pick only what lies in the scope. */
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

/** The selector, narrowed to the scope, as whoever was refused may write it. */
export const narrowed = (selector: string, scope: string): string =>
  selector.trim() === 'true' ? scope : `(${scope}) && (${selector})`
