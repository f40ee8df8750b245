/**
 * Check neighbours: an upgrade from each version that a listing follows, and the way back. An upgrade keeps the settings
 * of the person. A rollback runs the flow of before beside the sources, sinks and models of the new version, because an
 * upgrade has replaced them.
 */
import type { AppConfig } from '@skerry/contract/apps/config-schema'
import type { Flow } from '@skerry/contract/flows/flow'
import type { InstallStep } from '@skerry/contract/market/installation'
import type { Listing, ListingVersion } from '@skerry/contract/market/listing'
import type { Digest } from '@skerry/contract/values/digest'
import { configOf, configProblems } from '../../apps/app-config.ts'
import { tagRowsOf } from '../../tags/tag-rows.ts'
import { draftInstall, type InstallDraft } from '../install-steps.ts'
import { settingsFor } from '../listing-settings.ts'
import { NOT_RUN } from '../not-run.ts'
import type { CheckResult } from './check-listing.ts'
import type { PlannedApp } from './container-facts.ts'
import { planRehearsal, type RehearsalPlan } from './rehearsal-plan.ts'

export type ListedFiles = { listing: Listing; documentOf: (digest: Digest) => unknown }

/** A run that a certifier makes between two versions, and the words for it. */
type NeighbourRun = { words: string; plan: RehearsalPlan }

/** Versions of one app, which keep their volumes between each other: old, new, old. */
export type AppSuccession = { words: string; apps: PlannedApp[] }

export type NeighbourPlan = {
  version: ListingVersion
  /** Problems that the documents show. Without one, the runs decide. */
  findings: string[]
  runs: NeighbourRun[]
  successions: AppSuccession[]
}

/** The versions from which an upgrade leads to this one. */
export const neighboursOf = ({ replaces, skips }: Pick<Listing, 'replaces' | 'skips'>): ListingVersion[] => [
  ...new Set([...(replaces === undefined ? [] : [replaces]), ...skips]),
]

/** Compares the documents of two versions, and plans the runs between them. `settings` are those of the older one. */
export function planNeighbour(
  before: ListedFiles,
  after: ListedFiles,
  { settings, digestOf }: { settings: AppConfig; digestOf: (text: string) => Digest },
): NeighbourPlan {
  const { version } = before.listing
  const none = { version, runs: [], successions: [] }
  const kept = configOf(settingsFor(before.listing, before.listing.name), settings)
  const lost = configProblems(settingsFor(after.listing, after.listing.name), kept)
  if (lost.length > 0) {
    const words = lost.map(({ setting, message }) => `the setting ${setting} ${message}`)
    return { ...none, findings: words.map((text) => `an upgrade from ${version} is refused: ${text}`) }
  }
  const [old, next] = [before, after].map((each) => draftOf(each, { settings: kept, digestOf }))
  if (!old?.ok || !next?.ok) {
    const message = old?.ok === false ? old.message : next?.ok === false ? next.message : ''
    return { ...none, findings: [`an upgrade from ${version} is refused: ${message}`] }
  }
  const plans = [
    planRehearsal(before.listing, old, before.documentOf),
    planRehearsal(after.listing, next, after.documentOf),
  ]
  const [oldPlan, nextPlan] = plans
  if (!oldPlan?.ok || !nextPlan?.ok) return { ...none, findings: [] }
  const findings = oldPlan.plan.flows.flatMap(({ item, flow }) =>
    missingThings(flow, next.steps).map((thing) => `after a rollback, ${item} of ${version} has no ${thing}`),
  )
  return { version, findings, ...runsBetween(version, oldPlan.plan, nextPlan.plan) }
}

const draftOf = (
  { listing, documentOf }: ListedFiles,
  { settings, digestOf }: { settings: AppConfig; digestOf: (text: string) => Digest },
): InstallDraft =>
  draftInstall(
    listing,
    { name: listing.name, settings, selector: 'true', scope: 'organisation' },
    { documentOf, digestOf },
  )

/** The flow reads and writes the equipment of the new version. Other equipment stays as it was. */
function missingThings(flow: Flow, steps: readonly InstallStep[]): string[] {
  const sources = new Map(steps.flatMap((step) => (isSource(step) ? [[step.name, step.spec] as const] : [])))
  const tags = [...flow.inputs, ...flow.sinks.flatMap((sink) => (sink.kind === 'tag' ? [sink] : []))]
  return tags.flatMap(({ source, tag }) => {
    const spec = sources.get(source)
    if (!spec || tagRowsOf(spec).some(({ name }) => name === tag)) return []
    return [`tag ${source}/${tag}`]
  })
}

type ConnectionStep = Extract<InstallStep, { does: 'set-connection' }>

const isSource = (step: InstallStep): step is ConnectionStep =>
  step.does === 'set-connection' && step.connection === 'source'

/** The new flows with the settings of before, and the flows of before with the sources and models of now. */
function runsBetween(
  version: ListingVersion,
  old: RehearsalPlan,
  next: RehearsalPlan,
): Pick<NeighbourPlan, 'runs' | 'successions'> {
  const isRun = ({ flows, models }: RehearsalPlan) => flows.length + models.length > 0
  const upgrade = { words: `with the settings of ${version}`, plan: { ...next, apps: [] } }
  const own = { ...next, seconds: Math.max(old.seconds, next.seconds), flows: old.flows, apps: [] }
  const rollback = { words: `after a rollback to ${version}`, plan: own }
  const successions = next.apps.flatMap((app) => {
    const before = old.apps.find(({ item }) => item === app.item)
    return before ? [{ words: `${app.item} between ${version} and its successor`, apps: [before, app, before] }] : []
  })
  return { runs: [upgrade, rollback].filter(({ plan }) => isRun(plan)), successions }
}

/** The versions that were tried, and the findings of their runs. */
export type TriedNeighbours =
  | { ok: true; versions: ListingVersion[]; findings: string[] }
  | { ok: false; reason: string }

/** A first version has no neighbours. */
export function judgeNeighbours(tried: TriedNeighbours): Omit<CheckResult, 'check' | 'result'> & { result?: 'WARNED' } {
  if (!tried.ok) return { result: 'WARNED', facts: { run: NOT_RUN }, findings: [`not run: ${tried.reason}`] }
  return { facts: { neighbours: tried.versions.join(', ') || 'none' }, findings: tried.findings }
}
