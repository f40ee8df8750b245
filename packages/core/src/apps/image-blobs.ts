/**
 * Image blobs: checks that the files of a release hold each image of its app completely, and nothing else. A device
 * that has the files needs no registry.
 */
import { type App, blobPath } from '@skerry/contract/apps/app'
import { OCI_DOCUMENT_BYTES_MAX, OciConfig, OciManifest } from '@skerry/contract/apps/oci'
import { APP_PATH, COMPOSE_PATH, CONFIG_SCHEMA_PATH } from '@skerry/contract/kinds/app'
import type { Digest } from '@skerry/contract/values/digest'
import { parseJson } from '../values/parse-json.ts'

const PLAIN_PATHS: ReadonlySet<string> = new Set([APP_PATH, COMPOSE_PATH, CONFIG_SCHEMA_PATH])

/** Why the path cannot be a file of a release; undefined if it can. The path of a blob is its digest. */
export function appPathProblem({ path, digest }: { path: string; digest: Digest }): string | undefined {
  if (PLAIN_PATHS.has(path) || path === blobPath(digest)) return undefined
  if (path.startsWith('blobs/')) return `${path} has the digest ${digest}; a blob stands at ${blobPath(digest)}`
  return `an app has no ${path}; its files are ${[...PLAIN_PATHS].join(', ')} and the blobs of its images`
}

export type AppFiles = {
  /** The size of a file of the release; undefined if it has no such file. */
  sizeOf(path: string): number | undefined
  /** The text of a file that `sizeOf` knows. */
  read(path: string): Promise<string>
}

/** The first problem of the images of the app, as a sentence that names the service; undefined if all are complete. */
export async function imageProblem(app: App, files: AppFiles): Promise<string | undefined> {
  for (const [name, service] of Object.entries(app.services)) {
    const problem = await serviceProblem(service, files)
    if (problem !== undefined) return `services.${name}.image: ${problem}`
  }
  return undefined
}

async function serviceProblem(service: App['services'][string], files: AppFiles): Promise<string | undefined> {
  const manifest = await readDocument(OciManifest, { digest: service.image, what: 'manifest' }, files)
  if (!manifest.ok) return manifest.problem
  const { config: described, layers } = manifest.value
  if (described.digest !== service.imageId) return 'the image id is not the configuration that the manifest names'
  for (const { digest, size } of [described, ...layers]) {
    const held = files.sizeOf(blobPath(digest))
    if (held === undefined) return `${blobPath(digest)} is missing; push all blobs of the image`
    if (held !== size) return `${blobPath(digest)} has ${held} bytes, but the manifest says ${size}`
  }
  const config = await readDocument(OciConfig, { digest: service.imageId, what: 'configuration' }, files)
  if (!config.ok) return config.problem
  const { os, architecture, rootfs } = config.value
  const { platform } = service
  if (os !== platform.os || architecture !== platform.architecture) {
    return `the image is for ${os}/${architecture}, but the app says ${platform.os}/${platform.architecture}`
  }
  return rootfs.diff_ids.length === layers.length ? undefined : 'its configuration names another number of layers'
}

type Document = { digest: Digest; what: string }
type Reading<Value> = { ok: true; value: Value } | { ok: false; problem: string }

type Schema<Value> = { safeParse(input: unknown): { success: boolean; data?: Value } }

async function readDocument<Value>(
  schema: Schema<Value>,
  { digest, what }: Document,
  files: AppFiles,
): Promise<Reading<Value>> {
  const path = blobPath(digest)
  const size = files.sizeOf(path)
  if (size === undefined) return { ok: false, problem: `its ${what} ${path} is missing` }
  if (size > OCI_DOCUMENT_BYTES_MAX) return { ok: false, problem: `its ${what} is over 4 MiB` }
  const { data } = schema.safeParse(parseJson(await files.read(path)))
  return data === undefined ? { ok: false, problem: `its ${what} is not that of an image` } : { ok: true, value: data }
}
