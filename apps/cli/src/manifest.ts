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
import { DeploymentSpec } from '@skerry/contract/deployment'
import { Labels, Name } from '@skerry/contract/names'
import { SiteSpec } from '@skerry/contract/site'
import { type Document, isMap, isNode, LineCounter, parseAllDocuments } from 'yaml'
import * as z from 'zod'

const VERSION = 'skerry/v1'

const SiteManifest = z.strictObject({
  apiVersion: z.literal(VERSION),
  kind: z.literal('Site'),
  metadata: z.strictObject({ name: Name, labels: Labels.default({}) }),
  spec: SiteSpec.omit({ name: true, labels: true }),
})
export type SiteManifest = z.infer<typeof SiteManifest>

const DeploymentManifest = z.strictObject({
  apiVersion: z.literal(VERSION),
  kind: z.literal('Deployment'),
  metadata: z.strictObject({ name: Name }),
  spec: DeploymentSpec.omit({ name: true }),
})
export type DeploymentManifest = z.infer<typeof DeploymentManifest>

const Manifest = z.discriminatedUnion('kind', [SiteManifest, DeploymentManifest])
export type Manifest = z.infer<typeof Manifest>

/** `place` is `file:line`, where the document begins. */
export type PlacedManifest = { place: string; manifest: Manifest }

export type ManifestProblem = { place: string; message: string }

/** Reads every document of a file. Either all of them are right, or the problems are all that is answered. */
export function parseManifests(
  file: string,
  text: string,
): { manifests: PlacedManifest[]; problems: ManifestProblem[] } {
  const lines = new LineCounter()
  // YAML 1.2, in which `no` is a word and not false; a key given twice is a mistake.
  const documents = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false })
  const manifests: PlacedManifest[] = []
  const problems: ManifestProblem[] = []
  if (!Array.isArray(documents)) return { manifests, problems }
  const placeOf = (offset: number) => `${file}:${lines.linePos(offset).line}`
  for (const document of documents as Document[]) {
    const content = contentOf(document)
    if (!content.ok) {
      problems.push(...content.problems.map(({ offset, message }) => ({ place: placeOf(offset), message })))
      continue
    }
    // `---` with nothing behind it, as templates leave behind.
    if (content.value === null) continue
    const parsed = Manifest.safeParse(content.value)
    if (parsed.success) manifests.push({ place: placeOf(startOf(document)), manifest: parsed.data })
    else problems.push(...parsed.error.issues.flatMap((issue) => problemsOf(document, issue, placeOf)))
  }
  return { manifests, problems }
}

/** A file that repeats one name: which of the two would win would be chance. */
export function findDuplicates(manifests: readonly PlacedManifest[]): ManifestProblem[] {
  const seen = new Map<string, string>()
  return manifests.flatMap(({ place, manifest }) => {
    const name = nameOf(manifest)
    const before = seen.get(name)
    seen.set(name, place)
    return before === undefined ? [] : [{ place, message: `${name} was described at ${before} already` }]
  })
}

/** `Site rotterdam`. */
export const nameOf = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.name}`

/** Anchors save typing; more than this many uses of them only make a small file huge. */
const ALIASES_MAX = 100

type Content = { ok: true; value: unknown } | { ok: false; problems: { offset: number; message: string }[] }

function contentOf(document: Document): Content {
  const problems = document.errors.map(({ pos, message }) => ({ offset: pos[0], message: firstLine(message) }))
  if (problems.length > 0) return { ok: false, problems }
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: ALIASES_MAX }) }
  } catch (error) {
    // [yaml, Document.toJS] An alias without its anchor, or too many of them.
    const message = error instanceof Error ? error.message : String(error)
    return { ok: false, problems: [{ offset: startOf(document), message }] }
  }
}

type Issue = z.core.$ZodIssue

function problemsOf(document: Document, issue: Issue, placeOf: (offset: number) => string): ManifestProblem[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      place: placeOf(keyOffset(document, path, key) ?? offsetOf(document, path)),
      message: `${[...path, key].join('.')} is no field of this`,
    }))
  }
  const message =
    issue.code === 'invalid_union' && path.at(-1) === 'kind' ? 'must be Site or Deployment' : issue.message
  return [{ place: placeOf(offsetOf(document, path)), message: `${path.join('.') || 'the document'}: ${message}` }]
}

type Path = (string | number)[]

/** Where the deepest part of the path that exists stands. */
function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length > 0; length -= 1) {
    const [parent, key] = [path.slice(0, length - 1), path[length - 1]]
    const offset = typeof key === 'string' ? keyOffset(document, parent, key) : undefined
    const node = document.getIn(path.slice(0, length), true)
    const found = offset ?? (isNode(node) ? node.range?.[0] : undefined)
    if (found !== undefined) return found
  }
  return startOf(document)
}

function keyOffset(document: Document, path: Path, key: string): number | undefined {
  const map = path.length === 0 ? document.contents : document.getIn(path, true)
  if (!isMap(map)) return undefined
  const pair = map.items.find((item) => isNode(item.key) && String(item.key) === key)
  return isNode(pair?.key) ? pair.key.range?.[0] : undefined
}

const startOf = (document: Document) => document.contents?.range?.[0] ?? 0

const firstLine = (text: string) => text.split('\n')[0] ?? text
