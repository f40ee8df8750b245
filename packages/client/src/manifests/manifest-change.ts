/** Manifest change: the effect of a manifest on the current state, as a diff, and the call that applies it. */
import type { DeploymentPlan, DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { type EntityTag, groupTag } from '@skerry/contract/values/entity-tag'
import { deploymentManifest } from '@skerry/core/deployments/deployment-manifest'
import { expandGroups, groupNames } from '@skerry/core/groups/group-text'
import { assertNever } from '@skerry/core/values/assert-never'
import { structuredPatch } from 'diff'
import { stringify } from 'yaml'
import type { SkerryClient } from '../client.ts'
import { problemOf } from '../problem.ts'
import { groupManifest, movesText } from './group-manifest.ts'
import type { Manifest, SiteManifest } from './manifest.ts'

/** The current state, written as a manifest. `revision` is 0 if there is none. */
export type CurrentManifest = { manifest: Manifest | undefined; revision: number; version?: number; tag?: EntityTag }

export type ManifestChange = {
  manifest: Manifest
  revision: number
  /** The tag of the present state of a group. */
  tag?: EntityTag | undefined
  change: DeploymentPlan['change']
  diff: string[]
  /** The plan, for a deployment only. */
  plan?: DeploymentPlan
  /** For a group that something uses: the devices that join and leave, in words. */
  moves?: string | undefined
}

/** The selectors of groups that do not exist yet, by name: an earlier document of the same apply creates them. */
export type NewGroups = ReadonlyMap<string, string>

/** Compares a manifest with the hub's state. Throws if the hub would reject it. */
export async function compareManifest(
  client: SkerryClient,
  { manifest, newGroups }: { manifest: Manifest; newGroups: NewGroups },
  signal: AbortSignal,
): Promise<ManifestChange> {
  const current = await currentManifest(client, manifest, signal)
  const { revision } = current
  const diff = diffLines(current.manifest, manifest)
  if (manifest.kind === 'Site') {
    if (current.manifest === undefined) return { manifest, revision, change: 'create', diff }
    return { manifest, revision, change: diff.length === 0 ? 'none' : 'update', diff }
  }
  if (manifest.kind === 'Group') {
    const plan = await client.group.plan({ group: manifest.metadata.name, spec: manifest.spec }, { signal })
    return {
      manifest,
      revision,
      tag: current.tag,
      change: plan.change,
      diff,
      moves: movesText(manifest.metadata.name, plan),
    }
  }
  const spec = withNewGroups({ ...manifest.spec, name: manifest.metadata.name }, newGroups)
  const plan = await client.deployment.plan(spec, { signal })
  // The same words can mean a newer version, because `latest` and aliases move.
  const isMoved = plan.change === 'update' && current.version !== plan.version
  const moved = [`-version ${current.version}`, `+version ${plan.version} (${manifest.spec.version})`]
  return { manifest, revision, change: plan.change, diff: isMoved ? [...diff, ...moved] : diff, plan }
}

/** The hub plans with the selectors of groups that it does not have yet. */
function withNewGroups(spec: DeploymentSpec, newGroups: NewGroups): DeploymentSpec {
  const expand = (text: string) => {
    const names = groupNames(text)
    if (!names.some((name) => newGroups.has(name))) return text
    // A group that exists keeps its name.
    const expanded = expandGroups(text, new Map(names.map((name) => [name, newGroups.get(name) ?? `group:${name}`])))
    return expanded.ok ? expanded.text : text
  }
  const waves = spec.strategy.waves.map((wave) => ({
    ...wave,
    ...(wave.selector !== undefined && { selector: expand(wave.selector) }),
  }))
  return { ...spec, selector: expand(spec.selector), strategy: { ...spec.strategy, waves } }
}

/** Applies it, unless somebody changed the compared state. Returns the hub's answer. */
export function applyManifest(
  client: SkerryClient,
  { manifest, revision, plan, tag }: ManifestChange,
  signal: AbortSignal,
) {
  const ifRevision = revision
  const acknowledgedLeaves = plan?.leaves.digest
  switch (manifest.kind) {
    case 'Site':
      return client.site.apply({ ...manifest.metadata, ...manifest.spec, ifRevision }, { signal })
    case 'Group':
      return client.group.set(
        { group: manifest.metadata.name, spec: manifest.spec },
        { signal, context: tag === undefined ? { ifNoneMatch: '*' } : { ifMatch: tag } },
      )
    case 'Deployment':
      return client.deployment.apply(
        { ...manifest.metadata, ...manifest.spec, ifRevision, acknowledgedLeaves },
        { signal },
      )
    default:
      return assertNever(manifest)
  }
}

/** The state that a document of this kind and name is about. */
export async function currentManifest(
  client: SkerryClient,
  { kind, metadata: { name } }: Pick<Manifest, 'kind'> & { metadata: { name: string } },
  signal: AbortSignal,
): Promise<CurrentManifest> {
  switch (kind) {
    case 'Site':
      return orNothing(client.site.get({ site: name }, { signal }), ({ revision, ...site }) => ({
        manifest: siteManifest(site),
        revision,
      }))
    case 'Group':
      return orNothing(client.group.get({ group: name }, { signal }), (group) => ({
        manifest: groupManifest(group),
        revision: group.revision,
        tag: groupTag(group),
      }))
    case 'Deployment':
      return orNothing(client.deployment.get({ deployment: name }, { signal }), ({ revision, version, spec }) => ({
        manifest: deploymentManifest(spec),
        revision,
        version,
      }))
    default:
      return assertNever(kind)
  }
}

const UNKNOWN: readonly string[] = ['site_unknown', 'group_unknown', 'deployment_unknown']

async function orNothing<Found>(
  found: Promise<Found>,
  currentOf: (found: Found) => CurrentManifest,
): Promise<CurrentManifest> {
  try {
    return currentOf(await found)
  } catch (error) {
    const { code } = problemOf(error)
    if (UNKNOWN.includes(code)) return { manifest: undefined, revision: 0 }
    throw error
  }
}

type SiteFacts = SiteManifest['spec'] & SiteManifest['metadata']

export function siteManifest({ name, labels, kind, country, region, coordinates, clearance }: SiteFacts): SiteManifest {
  const spec = { kind, country, region, coordinates, clearance }
  return { apiVersion: 'skerry/v1', kind: 'Site', metadata: { name, labels }, spec }
}

/** The deployment as people write it: the number of a version without quotes. */
export function writtenDeployment(spec: DeploymentSpec) {
  const { version, deployable, ...document } = deploymentManifest(spec).spec
  const written = /^\d+$/.test(version) ? Number(version) : version
  return { ...deploymentManifest(spec), spec: { deployable, version: written, ...document } }
}

/** Lines that differ, with three around them; empty if nothing differs. */
function diffLines(before: Manifest | undefined, after: Manifest): string[] {
  const old = before === undefined ? '' : yamlOf(before)
  const next = yamlOf(after)
  return structuredPatch('', '', old, next, '', '', { context: 3 }).hunks.flatMap(({ lines }) => lines)
}

/** Sorts the keys, so that only real differences remain. */
const yamlOf = (manifest: Manifest) => stringify(manifest, { sortMapEntries: true, keepUndefined: false })
