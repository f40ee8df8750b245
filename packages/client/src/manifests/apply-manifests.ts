/**
 * Apply manifests: the steps of "skerry apply", for the command and for a hub that follows a Git repository. All files
 * are read, and all documents are compared with the hub, before the first one is applied.
 */
import { consentWords } from '@skerry/core/deployments/deploy-consent'
import { assertNever } from '@skerry/core/values/assert-never'
import type { SkerryClient } from '../client.ts'
import { problemOf } from '../problem.ts'
import {
  findDuplicates,
  type Manifest,
  type ManifestProblem,
  manifestKinds,
  nameOf,
  type PlacedManifest,
  parseManifests,
} from './manifest.ts'
import { applyManifest, compareManifest, type ManifestChange } from './manifest-change.ts'

export type ManifestFile = { file: string; text: string }

const ORDER = Object.keys(manifestKinds)

/** Every document of the files, in the order in which they are applied, and all problems. */
export function readManifests(files: readonly ManifestFile[]): {
  manifests: PlacedManifest[]
  problems: ManifestProblem[]
} {
  const parsed = files.map(({ file, text }) => parseManifests(file, text))
  const manifests = parsed.flatMap((each) => each.manifests)
  return {
    manifests: manifests.toSorted((a, b) => ORDER.indexOf(a.manifest.kind) - ORDER.indexOf(b.manifest.kind)),
    problems: [...parsed.flatMap(({ problems }) => problems), ...findDuplicates(manifests)],
  }
}

/** Errors of the hub about a document's content. All others are problems with the hub itself. */
const REFUSALS: readonly string[] = [
  'model_unknown',
  'version_unknown',
  'alias_unknown',
  'selector_invalid',
  'analysis_invalid',
  'input_invalid',
  'group_refused',
]

/**
 * Sends all of them to the hub for a comparison first. So the hub rejects an invalid one before another has been
 * applied.
 */
export async function compareManifests(
  client: SkerryClient,
  placed: readonly PlacedManifest[],
  signal: AbortSignal,
): Promise<{ changes: ManifestChange[]; problems: ManifestProblem[] }> {
  const changes: ManifestChange[] = []
  const problems: ManifestProblem[] = []
  const newGroups = new Map<string, string>()
  for (const { place, manifest } of placed) {
    try {
      const change = await compareManifest(client, { manifest, newGroups }, signal)
      changes.push(change)
      if (manifest.kind === 'Group' && change.change === 'create')
        newGroups.set(manifest.metadata.name, manifest.spec.selector)
    } catch (error) {
      const { code, message } = problemOf(error)
      if (!REFUSALS.includes(code)) throw error
      problems.push({ place, message: `${nameOf(manifest)}: ${code}: ${message}` })
    }
  }
  return { changes, problems }
}

/**
 * The effects that a person must accept before the first document is applied, each as a phrase after `this would`. A
 * file names every version, so none of them comes unseen.
 */
export function consentsOf(changes: readonly ManifestChange[]): string[] {
  return changes.flatMap(({ manifest, plan, moves }) => {
    if (moves !== undefined) return [moves]
    if (!plan || plan.change === 'none' || manifest.kind !== 'Deployment') return []
    return consentWords(plan, { spec: manifest.spec, isVersionWritten: true }) ?? []
  })
}

/**
 * The effects of a removal that a person must accept first. A site or a group goes only if nothing uses it, and the hub
 * rejects the others.
 */
export const removalConsents = (names: readonly string[]): string[] =>
  names
    .filter((name) => name.startsWith('Deployment '))
    .map((name) => `remove the deployment ${name.slice('Deployment '.length)} from its devices`)

/** Removes the documents of these names, such as `Site oslo`: deployments first, because they use the others. */
export async function removeManifests(
  client: SkerryClient,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const parsed = names.map((text) => {
    const [kind = '', name = ''] = text.split(' ')
    return { kind, name }
  })
  for (const { kind, name } of parsed.toSorted((a, b) => ORDER.indexOf(b.kind) - ORDER.indexOf(a.kind)))
    await removeManifest(client, { kind: kind as Manifest['kind'], name }, signal)
}

async function removeManifest(
  client: SkerryClient,
  { kind, name }: { kind: Manifest['kind']; name: string },
  signal: AbortSignal,
): Promise<unknown> {
  switch (kind) {
    case 'Site':
      return client.site.remove({ site: name }, { signal })
    case 'Group':
      return client.group.remove({ group: name }, { signal })
    case 'Deployment':
      return client.deployment.remove({ deployment: name }, { signal })
    default:
      return assertNever(kind)
  }
}

/** Applies them in order. `applied` has the result of each, also after a failure; undefined for an unchanged one. */
export async function applyChanges(
  client: SkerryClient,
  changes: readonly ManifestChange[],
  applied: unknown[],
  signal: AbortSignal,
): Promise<void> {
  for (const change of changes) {
    applied.push(change.change === 'none' ? undefined : await applyManifest(client, change, signal))
  }
}
