/**
 * Apply manifests: the steps of "skerry apply", for the command and for a hub that follows a Git repository. All files
 * are read, and all documents are compared with the hub, before the first one is applied.
 */
import { consentWords } from '@skerry/core/deployments/deploy-consent'
import type { SkerryClient } from '../client.ts'
import { problemOf } from '../problem.ts'
import {
  findDuplicates,
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
