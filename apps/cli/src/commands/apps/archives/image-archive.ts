/**
 * Image archive: the images of a tar file that `docker save`, `podman save`, `skopeo` or `buildah` wrote. It reads OCI
 * image layouts, and the older form of Docker. Layers stay as they are: the archive is only read, and each blob is sent
 * from its place in the file.
 */
import { createReadStream } from 'node:fs'
import { blobPath } from '@skerry/contract/apps/app'
import {
  LAYERS_MAX,
  OCI_CONFIG,
  OCI_DOCUMENT_BYTES_MAX,
  OCI_LAYER,
  OCI_MANIFEST,
  OciConfig,
  type OciDescriptor,
  OciIndex,
  OciManifest,
} from '@skerry/contract/apps/oci'
import type { Digest } from '@skerry/contract/values/digest'
import { plainImageName } from '@skerry/core/apps/image-name'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf, digestOfStream } from '@skerry/platform/files/hash'
import * as z from 'zod'
import { fail } from '../../../program/failure.ts'
import { readTarIndex, type TarEntry } from './tar-index.ts'

/** The bytes of a blob: a part of an archive, or a document that was made here. */
export type ArchivedBlob = {
  digest: Digest
  sizeBytes: number
  /** The bytes from this one on. */
  read(start: number): AsyncIterable<Uint8Array>
  /** The archive and the path in it, for messages. */
  place: string
  /** The hub has the bytes already, verified, for this organisation. */
  isStored?: true
}

export type ArchivedImage = {
  /** In the plain form. An archive need not name its image. */
  names: string[]
  manifest: Digest
  config: Digest
  os: string
  architecture: string
  blobs: ArchivedBlob[]
}

type Archive = { file: string; entries: ReadonlyMap<string, TarEntry> }

/** The images of the archive. The digests of layers are not verified yet, because that reads the whole archive. */
export async function readImageArchive(file: string, signal: AbortSignal): Promise<ArchivedImage[]> {
  const archive = { file, entries: await readTarIndex(file) }
  const images = archive.entries.has('index.json')
    ? await readLayout(archive, signal)
    : await readDockerArchive(archive, signal)
  if (images.length === 0) throw invalid(file, 'it has no image; write it with "docker save -o FILE IMAGE"')
  return images
}

/** [moby, image save] Docker's own list of the images of an archive. OCI layouts of Docker have it too. */
const DockerList = z
  .array(
    z.object({
      Config: z.string(),
      RepoTags: z.array(z.string()).nullish(),
      Layers: z.array(z.string()).max(LAYERS_MAX),
    }),
  )
  .max(1_000)

const OCI_NAME = 'org.opencontainers.image.ref.name'
/** [containerd] The full name; `ref.name` is only the tag there. */
const CONTAINERD_NAME = 'io.containerd.image.name'

async function readLayout(archive: Archive, signal: AbortSignal): Promise<ArchivedImage[]> {
  const index = await readJson(archive, 'index.json', OciIndex)
  const listed = archive.entries.has('manifest.json') ? await readJson(archive, 'manifest.json', DockerList) : []
  const images: ArchivedImage[] = []
  for (const { descriptor, name } of await manifestsOf(archive, index.manifests, undefined)) {
    signal.throwIfAborted()
    const manifest = await readJson(archive, blobPath(descriptor.digest), OciManifest)
    const { config, layers } = manifest
    const { os, architecture } = await readJson(archive, blobPath(config.digest), OciConfig)
    // Attestations of BuildKit stand beside the image.
    if (os === 'unknown') continue
    const tags = listed.filter((each) => each.Config === blobPath(config.digest)).flatMap((each) => each.RepoTags ?? [])
    const names = [...new Set([...tags, ...(name === undefined ? [] : [name])].map(plainImageName))]
    const blobs = [descriptor, config, ...layers].map(({ digest }) => blobAt(archive, blobPath(digest), digest))
    images.push({ names, manifest: descriptor.digest, config: config.digest, os, architecture, blobs })
  }
  return images
}

type Named = { descriptor: OciDescriptor; name: string | undefined }

/** The manifests below an index. An image for several platforms is an index within the index. */
async function manifestsOf(
  archive: Archive,
  descriptors: OciIndex['manifests'],
  above: string | undefined,
): Promise<Named[]> {
  const found: Named[] = []
  for (const descriptor of descriptors) {
    if (descriptor.platform?.os === 'unknown') continue
    const { [CONTAINERD_NAME]: full, [OCI_NAME]: short } = descriptor.annotations ?? {}
    const name = full ?? short ?? above
    const isIndex = /index|manifest\.list/.test(descriptor.mediaType)
    if (!isIndex) found.push({ descriptor, name })
    else if (above === undefined) {
      const { manifests } = await readJson(archive, blobPath(descriptor.digest), OciIndex)
      // An archive of one platform still has the index of all.
      const here = manifests.filter(({ digest }) => archive.entries.has(blobPath(digest)))
      found.push(...(await manifestsOf(archive, here, name ?? '')))
    }
  }
  return found.map(({ descriptor, name }) => ({ descriptor, name: name === '' ? undefined : name }))
}

/** Before version 25, Docker wrote no manifest. One is made here, the same for the same image. */
async function readDockerArchive(archive: Archive, signal: AbortSignal): Promise<ArchivedImage[]> {
  if (!archive.entries.has('manifest.json')) throw invalid(archive.file, 'it is no archive of container images')
  const images: ArchivedImage[] = []
  for (const { Config, RepoTags, Layers } of await readJson(archive, 'manifest.json', DockerList)) {
    const configBytes = await readDocument(archive, Config)
    const config = parsed(archive, Config, configBytes, OciConfig)
    const layers = await Promise.all(Layers.map((path) => measuredBlob(archive, path, signal)))
    const configBlob = madeBlob(configBytes, `${archive.file}: ${Config}`)
    const bytes = Buffer.from(canonicalJson(manifestOf(configBlob, layers)))
    const manifest = madeBlob(bytes, `${archive.file}: manifest`)
    images.push({
      names: (RepoTags ?? []).map(plainImageName),
      manifest: manifest.digest,
      config: configBlob.digest,
      os: config.os,
      architecture: config.architecture,
      blobs: [manifest, configBlob, ...layers],
    })
  }
  return images
}

function manifestOf(config: ArchivedBlob, layers: readonly ArchivedBlob[]): OciManifest {
  const described = ({ digest, sizeBytes }: ArchivedBlob, mediaType: string) => ({ mediaType, digest, size: sizeBytes })
  return {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: described(config, OCI_CONFIG),
    layers: layers.map((layer) => described(layer, OCI_LAYER)),
  }
}

async function measuredBlob(archive: Archive, path: string, signal: AbortSignal): Promise<ArchivedBlob> {
  const entry = entryOf(archive, path)
  const { digest } = await digestOfStream(bytesOf(archive, entry)(0), signal)
  return blobAt(archive, path, digest)
}

function blobAt(archive: Archive, path: string, digest: Digest): ArchivedBlob {
  const entry = entryOf(archive, path)
  return { digest, sizeBytes: entry.sizeBytes, read: bytesOf(archive, entry), place: `${archive.file}: ${path}` }
}

const madeBlob = (bytes: Buffer, place: string): ArchivedBlob => ({
  digest: digestOf(bytes),
  sizeBytes: bytes.length,
  read: async function* (start) {
    yield bytes.subarray(start)
  },
  place,
})

const bytesOf =
  ({ file }: Archive, { offset, sizeBytes }: TarEntry) =>
  (start: number): AsyncIterable<Uint8Array> =>
    start >= sizeBytes ? nothing() : createReadStream(file, { start: offset + start, end: offset + sizeBytes - 1 })

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** Docker wrote a layer that several images share as a link. */
function entryOf(archive: Archive, path: string): TarEntry {
  const entry = archive.entries.get(path)
  const target =
    entry?.linkTo === undefined
      ? entry
      : archive.entries.get(`${path.split('/').slice(0, -1).join('/')}/${entry.linkTo}`.replace(/[^/]+\/\.\.\//g, ''))
  if (target && target.linkTo === undefined) return target
  throw invalid(archive.file, `${path} is missing; save the image again`)
}

async function readDocument(archive: Archive, path: string): Promise<Buffer> {
  const entry = entryOf(archive, path)
  if (entry.sizeBytes > OCI_DOCUMENT_BYTES_MAX) throw invalid(archive.file, `${path} is over 4 MiB`)
  const chunks: Uint8Array[] = []
  for await (const chunk of bytesOf(archive, entry)(0)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const readJson = async <Schema extends z.ZodType>(archive: Archive, path: string, schema: Schema) =>
  parsed(archive, path, await readDocument(archive, path), schema)

function parsed<Schema extends z.ZodType>(archive: Archive, path: string, bytes: Buffer, schema: Schema) {
  const result = schema.safeParse(jsonOf(bytes))
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw invalid(archive.file, `${path} is not the document of an image: ${issue?.path.join('.')} ${issue?.message}`)
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}

const invalid = (file: string, message: string) => fail('file_invalid', `${file}: ${message}`)
