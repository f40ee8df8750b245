/**
 * Selector explanation: why a selector does not pick a device: the conditions of it that are not true there.
 *
 * The text is taken apart at its `&&`, `||`, `!` and brackets, each condition is judged by itself, and the answers are put together as CEL
 * does: what fails is neither true nor false, and does not matter where another part decides. So an explanation always agrees with the
 * selector (selector-explanation.test.ts states it as a property).
 */
import { compileSelector, type Selector, type SelectorFacts, type SelectorRefusal } from './selector.ts'
import { type SelectorPart, selectorParts } from './selector-parts.ts'

/** A condition that is not true on the device; `found` is what the device has instead, `problem` why it cannot be said. */
export type FalseCondition = { condition: string; found: string; problem?: string }

export type ExplainedSelector = {
  ok: true
  selector: Selector
  /** The conditions alone, which is what can be counted over a fleet. Empty where the device is picked. */
  unmet: (facts: SelectorFacts) => string[]
  /** Empty where the device is picked. */
  explain: (facts: SelectorFacts) => FalseCondition[]
}

/** More conditions than a person writes; each costs some 10 us on every device that is not picked, and 10,000 devices shall take seconds at most. */
const CONDITIONS_MAX = 24

/** Compiles the text once for any number of devices. */
export function explainSelector(text: string): ExplainedSelector | SelectorRefusal {
  const selector = compileSelector(text)
  if (!selector.ok) return selector
  const whole: Judged = { kind: 'condition', text, selector, paths: pathsOf(text) }
  const parts = selectorParts(text)
  const tree = countOf(parts) > CONDITIONS_MAX ? whole : (judgedOf(parts) ?? whole)
  return {
    ok: true,
    selector,
    unmet: (facts) => look(tree, facts).unmet.map(({ part }) => part.text),
    explain: (facts) => look(tree, facts).unmet.map((finding) => explained(finding, facts)),
  }
}

type Leaf = { kind: 'condition'; text: string; selector: Selector; paths: readonly Path[] }
type Judged =
  | Leaf
  | { kind: 'not'; text: string; part: Judged; paths: readonly Path[] }
  | { kind: 'and' | 'or'; parts: readonly Judged[] }

const countOf = (part: SelectorPart): number => {
  if (part.kind === 'condition') return 1
  return part.kind === 'not' ? countOf(part.part) : part.parts.reduce((sum, each) => sum + countOf(each), 0)
}

/** Undefined where a part cannot stand alone: then the whole is one condition. */
function judgedOf(part: SelectorPart): Judged | undefined {
  if (part.kind === 'condition') {
    const selector = compileSelector(part.text)
    return selector.ok ? { ...part, selector, paths: pathsOf(part.text) } : undefined
  }
  if (part.kind === 'not') {
    const inner = judgedOf(part.part)
    return inner && { kind: 'not', text: part.text, part: inner, paths: pathsOf(part.text) }
  }
  const parts = part.parts.map(judgedOf).filter((one) => one !== undefined)
  return parts.length === part.parts.length ? { kind: part.kind, parts } : undefined
}

type Truth = boolean | 'failed'

type Finding = { part: Exclude<Judged, { parts: unknown }>; problem?: string | undefined }

/** [CEL, logical operators] What decides counts, wherever it stands; else a failure makes the whole fail. */
function look(part: Judged, facts: SelectorFacts): { truth: Truth; unmet: Finding[] } {
  if (part.kind === 'condition') {
    const { matches, problem } = part.selector.judge(facts)
    const truth = problem === undefined ? matches : 'failed'
    return { truth, unmet: truth === true ? [] : [{ part, problem }] }
  }
  if (part.kind === 'not') {
    const inner = look(part.part, facts).truth
    const truth = inner === 'failed' ? inner : !inner
    return { truth, unmet: truth === true ? [] : [{ part }] }
  }
  const looks = part.parts.map((each) => look(each, facts))
  const truth = jointTruth(
    part.kind,
    looks.map((one) => one.truth),
  )
  return { truth, unmet: truth === true ? [] : looks.flatMap(({ unmet }) => unmet) }
}

function jointTruth(kind: 'and' | 'or', truths: readonly Truth[]): Truth {
  const decisive = kind === 'or'
  if (truths.includes(decisive)) return decisive
  return truths.includes('failed') ? 'failed' : !decisive
}

function explained({ part, problem }: Finding, facts: SelectorFacts): FalseCondition {
  const found = part.paths.map((path) => foundText(path, facts)).join(', ')
  return { condition: part.text, found, ...(problem === undefined ? {} : { problem }) }
}

/** `site.country`, `device.labels.line`: what a condition asks about. */
type Path = { root: 'device' | 'site'; field: string; key: string | undefined }

const PATH = /\b(device|site)\.(\w+)(?:\.(\w+)(?!\w*\()|\[\s*"([^"\\]*)"\s*\])?|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g

function pathsOf(text: string): Path[] {
  const paths = new Map<string, Path>()
  for (const [match, root, field, word, quoted] of text.matchAll(PATH)) {
    if (root !== 'device' && root !== 'site') continue
    const key = field === 'labels' ? (word ?? quoted) : undefined
    paths.set(field === 'labels' ? match : `${root}.${field}`, { root, field: field ?? '', key })
  }
  return [...paths.values()]
}

function foundText({ root, field, key }: Path, facts: SelectorFacts): string {
  const value = (facts[root] as Readonly<Record<string, unknown>>)[field]
  const name = key === undefined ? `${root}.${field}` : `${root}.${field}.${key}`
  if (field !== 'labels') return `${name} is ${valueText(value)}`
  const labels = value as Readonly<Record<string, string>>
  return key === undefined
    ? `${name} has ${Object.keys(labels).join(', ') || 'nothing'}`
    : `${name} is ${valueText(labels[key])}`
}

function valueText(value: unknown): string {
  if (value === undefined || value === null) return 'not there'
  return Array.isArray(value) ? value.join(', ') || 'empty' : String(value)
}
