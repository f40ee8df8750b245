/** Release files: the files of a release, made from a Compose file, archives with images, and a schema of settings. */
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type App, blobPath } from '@skerry/contract/apps/app'
import { ConfigSchema } from '@skerry/contract/apps/config-schema'
import { APP_PATH, COMPOSE_PATH, CONFIG_SCHEMA_PATH } from '@skerry/contract/kinds/app'
import { schemaProblems } from '@skerry/core/apps/app-config'
import type { ComposeProblem } from '@skerry/core/apps/compose-findings'
import { imageProblem } from '@skerry/core/apps/image-blobs'
import { withImages } from '@skerry/core/apps/lint-compose'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { parseJson } from '@skerry/core/values/parse-json'
import { fail } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import { findImages, type ImageSource } from './archives/app-images.ts'
import { type ArchivedBlob, type ArchivedImage, readImageArchive } from './archives/image-archive.ts'
import { type DraftApp, imageNames, readComposeFile } from './compose-file.ts'

export type ReleaseInput = {
  file: string
  images: readonly ImageSource[]
  platform: string | undefined
  notSecret: readonly string[]
  /** The services may reach into the device. */
  mayReach: boolean
  /** Reads an image of any source. Without it, only archives are read. */
  read?: ReadImages
}

type ReadImages = (file: string, signal: AbortSignal) => Promise<ArchivedImage[]>

export type ComposedApp = { text: string; draft: DraftApp; config: SchemaFile | undefined }

type SchemaFile = { text: string; schema: ConfigSchema }

/** The Compose file, and the schema that stands beside it. Fails with all problems of a file. */
export async function readApp({
  file,
  ...options
}: Pick<ReleaseInput, 'file' | 'notSecret' | 'mayReach'>): Promise<ComposedApp> {
  const compose = await readComposeFile(file, options)
  return { ...compose, config: await readSchema(join(dirname(file), CONFIG_SCHEMA_PATH)) }
}

async function readSchema(path: string): Promise<SchemaFile | undefined> {
  const found = await stat(path).catch(() => undefined)
  if (!found) return undefined
  const text = await readText(path)
  const parsed = ConfigSchema.safeParse(parseJson(text))
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${path}: ${issue.path.join('.')}: ${issue.message}`)
    throw fail('file_invalid', lines.join('\n'))
  }
  const problems = schemaProblems(parsed.data)
  if (problems.length === 0) return { text, schema: parsed.data }
  throw fail('file_invalid', problems.map(({ setting, message }) => `${path}: ${setting} ${message}`).join('\n'))
}

export type Release = {
  app: App
  /** `app.json`, the Compose file, and the schema. */
  texts: ReadonlyMap<string, string>
  /** The blobs of the images. */
  blobs: readonly ArchivedBlob[]
  images: readonly ArchivedImage[]
}

/** The app with the images of the archives. */
export async function releaseOf(input: ReleaseInput, composed: ComposedApp, signal: AbortSignal): Promise<Release> {
  const { draft, config } = composed
  const wanted = { names: imageNames(draft), sources: input.images, platform: input.platform, read: readerOf(input) }
  const { facts, blobs, images } = await findImages(wanted, signal)
  const result = withImages(draft, facts, config?.schema)
  if (!result.ok) throw fail('file_invalid', problemLines(input.file, result.problems))
  const { app } = result
  const problem = await imageProblem(app, archivedFiles(blobs))
  if (problem !== undefined) throw fail('file_invalid', problem)
  const texts = new Map([
    [APP_PATH, canonicalJson(app)],
    [COMPOSE_PATH, composed.text],
    ...(config ? [[CONFIG_SCHEMA_PATH, config.text] as const] : []),
  ])
  return { app, texts, blobs, images }
}

function readerOf({ read }: ReleaseInput): ReadImages {
  if (read) return read
  return (file, signal) => {
    if (!/^(hub|engine|oci):\/\//.test(file)) return readImageArchive(file, signal)
    throw fail('file_invalid', `${file} is no archive, and this command connects to nothing; a push checks it`)
  }
}

/** The blobs as files of a release, for the checks that the hub makes too. */
function archivedFiles(blobs: readonly ArchivedBlob[]) {
  const byPath = new Map(blobs.map((blob) => [blobPath(blob.digest), blob]))
  return {
    sizeOf: (path: string) => byPath.get(path)?.sizeBytes,
    async read(path: string) {
      const chunks: Uint8Array[] = []
      for await (const chunk of byPath.get(path)?.read(0) ?? []) chunks.push(chunk)
      return Buffer.concat(chunks).toString('utf8')
    },
  }
}

const problemLines = (file: string, problems: readonly ComposeProblem[]) =>
  problems.map(({ path, message }) => `${file}: ${path.join('.')}: ${message}`).join('\n')
