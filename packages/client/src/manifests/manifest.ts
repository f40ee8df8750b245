/**
 * Manifest: the YAML documents of "skerry apply", in the shape that people know from Kubernetes.
 *
 *     apiVersion: skerry/v1
 *     kind: Site | Group | Deployment
 *     metadata: { name, labels }        labels: of sites only
 *     spec: ...                         as in the contract, without the name and labels
 *
 * The command reads and checks all documents before it changes anything. It reports each problem with its file and
 * line.
 */
import { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { GroupSpec } from '@skerry/contract/groups/group'
import { SiteSpec } from '@skerry/contract/sites/site'
import { Labels, Name } from '@skerry/contract/values/names'
import { MANIFEST_VERSION } from '@skerry/core/deployments/deployment-manifest'
import * as z from 'zod'
import { readYaml, type YamlProblem } from './yaml-documents.ts'

const SiteManifest = z.strictObject({
  apiVersion: z.literal(MANIFEST_VERSION),
  kind: z.literal('Site'),
  metadata: z.strictObject({ name: Name, labels: Labels.default({}) }),
  spec: SiteSpec.omit({ name: true, labels: true }),
})
export type SiteManifest = z.infer<typeof SiteManifest>

const GroupManifest = z.strictObject({
  apiVersion: z.literal(MANIFEST_VERSION),
  kind: z.literal('Group'),
  metadata: z.strictObject({ name: Name }),
  spec: GroupSpec,
})

/** People write the number of a version with or without quotes. */
const Version = z.preprocess(
  (version) => (typeof version === 'number' ? String(version) : version),
  DeploymentSpec.shape.version,
)

const DeploymentManifest = z.strictObject({
  apiVersion: z.literal(MANIFEST_VERSION),
  kind: z.literal('Deployment'),
  metadata: z.strictObject({ name: Name }),
  spec: DeploymentSpec.omit({ name: true }).extend({ version: Version }),
})
export type DeploymentManifest = z.infer<typeof DeploymentManifest>

/** In the order in which the command applies them. */
export const manifestKinds = { Site: SiteManifest, Group: GroupManifest, Deployment: DeploymentManifest }

const Manifest = z.discriminatedUnion('kind', [SiteManifest, GroupManifest, DeploymentManifest])
export type Manifest = z.infer<typeof Manifest>

/** `place` is `file:line` of the document's beginning. */
export type PlacedManifest = { place: string; manifest: Manifest }

export type ManifestProblem = YamlProblem

/** Reads every document of a file. The answer is either all documents, or only the problems. */
export function parseManifests(
  file: string,
  text: string,
): { manifests: PlacedManifest[]; problems: ManifestProblem[] } {
  const { values, problems } = readYaml(text, {
    file,
    schema: Manifest,
    choice: { field: 'kind', of: Object.keys(manifestKinds) },
  })
  return { manifests: values.map(({ place, value }) => ({ place, manifest: value })), problems }
}

/** If a file repeats a name, the order would decide which document wins. */
export function findDuplicates(manifests: readonly PlacedManifest[]): ManifestProblem[] {
  const seen = new Map<string, string>()
  return manifests.flatMap(({ place, manifest }) => {
    const name = nameOf(manifest)
    const before = seen.get(name)
    seen.set(name, place)
    return before === undefined ? [] : [{ place, message: `${before} describes ${name} already` }]
  })
}

/** Kind and name, such as `Site rotterdam`. */
export const nameOf = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.name}`
