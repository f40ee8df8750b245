/**
 * Manifest: the YAML documents of "skerry apply", in the shape that people know from Kubernetes.
 *
 *     apiVersion: skerry/v1
 *     kind: Site | Deployment
 *     metadata: { name, labels }        labels: of sites only
 *     spec: ...                         as in the contract, without the name and labels
 *
 * Everything is read and checked before anything is changed; each problem is told with its file and line.
 */
import { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { SiteSpec } from '@skerry/contract/sites/site'
import { Labels, Name } from '@skerry/contract/values/names'
import { MANIFEST_VERSION } from '@skerry/core/deployments/deployment-manifest'
import * as z from 'zod'
import { readYaml, type YamlProblem } from '../../program/yaml-documents.ts'

const SiteManifest = z.strictObject({
  apiVersion: z.literal(MANIFEST_VERSION),
  kind: z.literal('Site'),
  metadata: z.strictObject({ name: Name, labels: Labels.default({}) }),
  spec: SiteSpec.omit({ name: true, labels: true }),
})
export type SiteManifest = z.infer<typeof SiteManifest>

const DeploymentManifest = z.strictObject({
  apiVersion: z.literal(MANIFEST_VERSION),
  kind: z.literal('Deployment'),
  metadata: z.strictObject({ name: Name }),
  spec: DeploymentSpec.omit({ name: true }),
})
export type DeploymentManifest = z.infer<typeof DeploymentManifest>

const Manifest = z.discriminatedUnion('kind', [SiteManifest, DeploymentManifest])
export type Manifest = z.infer<typeof Manifest>

/** `place` is `file:line`, where the document begins. */
export type PlacedManifest = { place: string; manifest: Manifest }

export type ManifestProblem = YamlProblem

/** Reads every document of a file. Either all of them are right, or the problems are all that is answered. */
export function parseManifests(
  file: string,
  text: string,
): { manifests: PlacedManifest[]; problems: ManifestProblem[] } {
  const { values, problems } = readYaml(text, {
    file,
    schema: Manifest,
    choice: { field: 'kind', of: ['Site', 'Deployment'] },
  })
  return { manifests: values.map(({ place, value }) => ({ place, manifest: value })), problems }
}

/** A file that repeats one name: which of the two would win would be chance. */
export function findDuplicates(manifests: readonly PlacedManifest[]): ManifestProblem[] {
  const seen = new Map<string, string>()
  return manifests.flatMap(({ place, manifest }) => {
    const name = nameOf(manifest)
    const before = seen.get(name)
    seen.set(name, place)
    return before === undefined ? [] : [{ place, message: `${before} describes ${name} already` }]
  })
}

/** `Site rotterdam`. */
export const nameOf = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.name}`
