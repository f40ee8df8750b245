/** Source selector: the devices that have all sources of a flow. A flow without its source runs there without values. */

import type { Flow } from '@skerry/contract/flows/flow'

/** `scope`: as of a connection, such as `organisation`, `site:oslo` or `device:press-4`. */
export type PlacedSource = { name: string; scope: string }

export type SourcePlaces = {
  /** Undefined if all devices have the sources, or if a source is missing. */
  selector?: string
  /** Sources that no device has. */
  missing: string[]
}

/** The sources that a flow reads and writes. The page of the wizard need not load the schemas of steps for it. */
export const flowSources = ({ inputs, sinks }: Pick<Flow, 'inputs' | 'sinks'>): string[] => [
  ...new Set([
    ...inputs.map(({ source }) => source),
    ...sinks.flatMap((sink) => (sink.kind === 'tag' ? [sink.source] : [])),
  ]),
]

export function sourceSelector(sources: readonly string[], placed: readonly PlacedSource[]): SourcePlaces {
  const scopesOf = (source: string) => placed.filter(({ name }) => name === source).map(({ scope }) => scope)
  const missing = sources.filter((source) => scopesOf(source).length === 0)
  const conditions = [...new Set(sources.flatMap((source) => conditionOf(scopesOf(source))))]
  if (missing.length > 0 || conditions.length === 0) return { missing }
  const [first = ''] = conditions
  return { selector: conditions.length === 1 ? first : conditions.map(bracketed).join(' && '), missing }
}

/** None if each device has the source. */
function conditionOf(scopes: readonly string[]): string[] {
  if (scopes.includes('organisation')) return []
  const named = (kind: string) =>
    scopes.filter((scope) => scope.startsWith(`${kind}:`)).map((scope) => scope.slice(kind.length + 1))
  const parts = [...listCondition('device.name', named('device')), ...listCondition('site.name', named('site'))]
  return parts.length === 0 ? [] : [parts.join(' || ')]
}

function listCondition(field: string, names: readonly string[]): string[] {
  const [first] = names
  if (first === undefined) return []
  return [names.length === 1 ? `${field} == ${JSON.stringify(first)}` : `${field} in ${JSON.stringify(names)}`]
}

const bracketed = (condition: string) => (condition.includes(' || ') ? `(${condition})` : condition)
