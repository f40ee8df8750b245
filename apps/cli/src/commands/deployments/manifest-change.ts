/** Manifest change: what a manifest would make of what is there, as a diff, and the call that does it. */
import type { SkerryClient } from '@skerry/client/client'
import { problemOf } from '@skerry/client/problem'
import type { DeploymentPlan } from '@skerry/contract/deployments/deployment'
import { deploymentManifest } from '@skerry/core/deployments/deployment-manifest'
import { assertNever } from '@skerry/core/values/assert-never'
import { structuredPatch } from 'diff'
import { stringify } from 'yaml'
import type { Style } from '../../program/terminal/style.ts'
import type { Manifest, SiteManifest } from './manifest.ts'

/** What is there now, written as a manifest; `revision` is 0 where there is nothing. */
type Current = { manifest: Manifest | undefined; revision: number; version?: number }

export type ManifestChange = {
  manifest: Manifest
  revision: number
  change: DeploymentPlan['change']
  diff: string[]
  /** Of a deployment. */
  plan?: DeploymentPlan
}

/** Compares a manifest with what the hub has; throws where the hub would refuse it. */
export async function compareManifest(
  client: SkerryClient,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<ManifestChange> {
  const current = await currentOf(client, manifest, signal)
  const { revision } = current
  const diff = diffLines(current.manifest, manifest)
  if (manifest.kind === 'Site') {
    if (current.manifest === undefined) return { manifest, revision, change: 'create', diff }
    return { manifest, revision, change: diff.length === 0 ? 'none' : 'update', diff }
  }
  const plan = await client.deployment.plan({ ...manifest.spec, name: manifest.metadata.name }, { signal })
  // The same words can mean a newer version: `latest` and aliases move.
  const isMoved = plan.change === 'update' && current.version !== plan.version
  const moved = [`-version ${current.version}`, `+version ${plan.version} (${manifest.spec.version})`]
  return { manifest, revision, change: plan.change, diff: isMoved ? [...diff, ...moved] : diff, plan }
}

/** Does it, unless somebody changed what was compared. Gives the hub's answer. */
export function applyManifest(client: SkerryClient, { manifest, revision, plan }: ManifestChange, signal: AbortSignal) {
  const ifRevision = revision
  const acknowledgedLeaves = plan?.leaves.digest
  switch (manifest.kind) {
    case 'Site':
      return client.site.apply({ ...manifest.metadata, ...manifest.spec, ifRevision }, { signal })
    case 'Deployment':
      return client.deployment.apply(
        { ...manifest.metadata, ...manifest.spec, ifRevision, acknowledgedLeaves },
        { signal },
      )
    default:
      return assertNever(manifest)
  }
}

/** The lines of a diff, in colours. */
export function paintDiff(lines: readonly string[], style: Style): string {
  return lines
    .map((line) => {
      if (line.startsWith('+')) return style.green(line)
      return line.startsWith('-') ? style.red(line) : style.dim(line)
    })
    .join('\n')
}

async function currentOf(
  client: SkerryClient,
  { kind, metadata: { name } }: Manifest,
  signal: AbortSignal,
): Promise<Current> {
  switch (kind) {
    case 'Site':
      return orNothing(client.site.get({ site: name }, { signal }), ({ revision, ...site }) => ({
        manifest: siteManifest(site),
        revision,
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

async function orNothing<Found>(found: Promise<Found>, currentOf: (found: Found) => Current): Promise<Current> {
  try {
    return currentOf(await found)
  } catch (error) {
    const { code } = problemOf(error)
    if (code === 'site_unknown' || code === 'deployment_unknown') return { manifest: undefined, revision: 0 }
    throw error
  }
}

type SiteFacts = SiteManifest['spec'] & SiteManifest['metadata']

function siteManifest({ name, labels, kind, country, region, coordinates, clearance }: SiteFacts): SiteManifest {
  const spec = { kind, country, region, coordinates, clearance }
  return { apiVersion: 'skerry/v1', kind: 'Site', metadata: { name, labels }, spec }
}

/** Lines that differ, with three around them; empty where nothing differs. */
function diffLines(before: Manifest | undefined, after: Manifest): string[] {
  const old = before === undefined ? '' : yamlOf(before)
  const next = yamlOf(after)
  return structuredPatch('', '', old, next, '', '', { context: 3 }).hunks.flatMap(({ lines }) => lines)
}

/** One order of keys, so that only what means something differs. */
const yamlOf = (manifest: Manifest) => stringify(manifest, { sortMapEntries: true, keepUndefined: false })
