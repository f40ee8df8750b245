/**
 * Registry images: images of a registry of others, as parts of a release. Only this machine signs in there: neither the
 * hub nor a device learns the credentials, and the release has no address of the registry in it.
 *
 * [OCI distribution specification 1.1, pulling manifests]
 */
import { createReadStream } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  DOCKER_INDEX,
  DOCKER_MANIFEST,
  OCI_DOCUMENT_BYTES_MAX,
  OCI_INDEX,
  OCI_MANIFEST,
  OciConfig,
  type OciDescriptor,
  OciIndex,
  OciManifest,
} from '@skerry/contract/apps/oci'
import type { Digest } from '@skerry/contract/values/digest'
import { plainImageName } from '@skerry/core/apps/image-name'
import { parseJson } from '@skerry/core/values/parse-json'
import { digestOf } from '@skerry/platform/files/hash'
import { fetchFile } from '@skerry/platform/imports/fetch-file'
import { type ArtefactPlace, artefactPlace } from '@skerry/platform/imports/oci-source'
import { registryLogin } from '@skerry/platform/imports/registry-login'
import type * as z from 'zod'
import { fail } from '../../../program/failure.ts'
import { readText } from '../../../program/input-file.ts'
import type { Session } from '../../../program/session.ts'
import { sessionHost, tellProblems } from '../../models/import/session-host.ts'
import type { ArchivedBlob, ArchivedImage } from './image-archive.ts'
import { storedLogin } from './registry-credentials.ts'

/** Whether the source of an image is a registry. */
export const isRegistryImage = (file: string): boolean => file.startsWith('oci://')

const ACCEPT = [OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_INDEX].join(', ')

export type RegistryReading = {
  session: Session
  /** Partial layers stay here for the next run. */
  folder: string
  /** USER:PASSWORD, or a token of the registry. Without it, the sign-ins of container tools count. */
  token: string | undefined
  /** PEM of authorities besides the public ones. */
  authorities: string | undefined
  /** The only platform to read, if the image has several. */
  platform: string | undefined
}

/** The image, or the images for several platforms, of `oci://HOST/REPOSITORY:TAG` or `...@DIGEST`. */
export async function readRegistryImages(reading: RegistryReading, source: string): Promise<ArchivedImage[]> {
  const { session, authorities, platform } = reading
  const where = await tellProblems(async () => artefactPlace(source))
  const token = reading.token ?? (await storedLogin(where.host, session.io.env, session.signal))
  const authorization = await tellProblems(() =>
    registryLogin({ ...where, registry: where.host }, { token, authorities }, sessionHost(session)),
  )
  await mkdir(reading.folder, { recursive: true })
  const place = { ...reading, where, source, authorization }
  const top = await readManifest(place)
  const documents = 'manifests' in top.value ? platformsOf(top.value, platform) : [top.digest]
  if (documents.length === 0) throw fail('file_invalid', `${source} has no image for ${platform ?? 'a device'}`)
  const images: ArchivedImage[] = []
  for (const digest of documents) images.push(await imageOf(place, digest))
  return images
}

type Place = RegistryReading & { where: ArtefactPlace; source: string; authorization: string | undefined }

/** Attestations of BuildKit stand beside the images of an index. */
const platformsOf = ({ manifests }: OciIndex, wanted: string | undefined): Digest[] =>
  manifests
    .filter(({ platform: of }) => of?.os !== 'unknown')
    .filter(({ platform: of }) => wanted === undefined || !of || `${of.os}/${of.architecture}` === wanted)
    .map(({ digest }) => digest)

/** A tag can move at any time, so its manifest is always fetched. */
async function readManifest(place: Place): Promise<{ digest: Digest; value: OciManifest | OciIndex }> {
  const { reference } = place.where
  const target = join(place.folder, 'manifest.json')
  for (const file of [target, `${target}.partial`, `${target}.validator`]) await rm(file, { force: true })
  const digest = reference.startsWith('sha256:') ? reference : undefined
  await fetchInto(place, target, { path: `manifests/${reference}`, digest, accept: ACCEPT })
  const text = await readText(target)
  const value = parseDocument(place, text, isIndexText(text) ? OciIndex : OciManifest)
  return { digest: digestOf(text), value }
}

const isIndexText = (text: string) => /"manifests"\s*:/.test(text)

async function imageOf(place: Place, digest: Digest): Promise<ArchivedImage> {
  const text = await readText(await fetchDocument(place, `manifests/${digest}`, digest))
  const { config, layers } = parseDocument(place, text, OciManifest)
  const settings = await readText(await fetchDocument(place, `blobs/${config.digest}`, config.digest))
  const { os, architecture } = parseDocument(place, settings, OciConfig)
  const { host, repository, reference } = place.where
  const isTag = !reference.startsWith('sha256:')
  const names = isTag ? [`${host}/${repository}:${reference}`, `${repository}:${reference}`] : []
  const own = { digest, size: Buffer.byteLength(text) }
  const blobs = [
    fetchedBlob(place, own, `manifests/${digest}`),
    ...[config, ...layers].map((each) => fetchedBlob(place, each, `blobs/${each.digest}`)),
  ]
  return { names: names.map(plainImageName), manifest: digest, config: config.digest, os, architecture, blobs }
}

/** A layer is fetched when it is read first, and only once. */
function fetchedBlob(
  place: Place,
  { digest, size }: Pick<OciDescriptor, 'digest' | 'size'>,
  path: string,
): ArchivedBlob {
  const read = async function* (start: number) {
    const file = join(place.folder, digest.slice('sha256:'.length))
    const present = await stat(file).catch(() => undefined)
    if (!present) await fetchInto(place, file, { path, digest, accept: ACCEPT })
    yield* createReadStream(file, { start })
  }
  return { digest, sizeBytes: size, read, place: `${place.source}: ${digest}` }
}

async function fetchDocument(place: Place, path: string, digest: Digest): Promise<string> {
  const file = join(place.folder, digest.slice('sha256:'.length))
  const present = await stat(file).catch(() => undefined)
  if (!present) await fetchInto(place, file, { path, digest, accept: ACCEPT, sizeMax: OCI_DOCUMENT_BYTES_MAX })
  return file
}

type Wanted = { path: string; digest: string | undefined; accept: string; sizeMax?: number }

async function fetchInto(place: Place, target: string, { path, ...wanted }: Wanted): Promise<void> {
  const { where, authorization, authorities, session } = place
  const url = new URL(`https://${where.host}/v2/${where.repository}/${path}`)
  const fetched = { url, target, authorization, authorities, isOpaque: true, ...wanted } as const
  await tellProblems(() => fetchFile(fetched, sessionHost(session)))
}

function parseDocument<Schema extends z.ZodType>({ source }: Place, text: string, schema: Schema): z.output<Schema> {
  const found = schema.safeParse(parseJson(text))
  if (found.success) return found.data
  throw fail('file_invalid', `${source} is no image of containers: ${found.error.issues[0]?.message}`)
}
