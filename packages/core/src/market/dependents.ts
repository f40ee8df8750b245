/**
 * Dependents: the installations that use a source of another one. A person chose its tag, so the permission to use it
 * was accepted, and its key names the tag.
 */
import type { InstallStep } from '@skerry/contract/market/installation'
import { tagRowsOf } from '../tags/tag-rows.ts'

type Installed = { name: string; accepted: readonly string[] }

/** A permission of an installation that the steps would take the ground from. */
type BrokenUse = { installation: string; key: string }

/** The uses that end with the steps: the source is removed, or no longer has the tag. */
export function brokenUses(steps: readonly InstallStep[], others: readonly Installed[]): BrokenUse[] {
  const left = tagsLeft(steps)
  return others.flatMap(({ name, accepted }) =>
    accepted.flatMap((key) => {
      const [, source, tag] = /^(?:read|write)-tag ([^/]+)\/(.+)$/.exec(key) ?? []
      const tags = source === undefined ? undefined : left.get(source)
      if (!tags || tag === undefined || tags.has(tag)) return []
      return [{ installation: name, key }]
    }),
  )
}

/** By source: the tags after the steps. A removed source has none. */
function tagsLeft(steps: readonly InstallStep[]): ReadonlyMap<string, ReadonlySet<string>> {
  const left = new Map<string, ReadonlySet<string>>()
  for (const step of steps) {
    if (step.does === 'remove-connection' && step.connection === 'source') left.set(step.name, new Set())
    if (step.does === 'set-connection' && step.connection === 'source')
      left.set(step.name, new Set(tagRowsOf(step.spec).map(({ name }) => name)))
  }
  return left
}

/** The sentence for a person, with the way out. */
export function brokenText([first, ...more]: readonly BrokenUse[]): string | undefined {
  if (!first) return undefined
  const { installation, key } = first
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`
  return `${installation} would lose "${key}"${others}; choose another tag for it with "skerry market upgrade ${installation} --set NAME=SOURCE/TAG", or uninstall it first`
}
