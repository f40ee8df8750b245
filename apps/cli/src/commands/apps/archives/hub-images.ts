/**
 * Hub images: images of the hub's registry, as parts of a release. The hub has their blobs already, so only the small
 * documents are read, and nothing is sent again.
 */
import type { SkerryClient } from '@skerry/client/client'
import { type Connection, requestBytes } from '@skerry/client/connection'
import { allRows } from '@skerry/client/page'
import { OciConfig, type OciDescriptor, OciIndex, OciManifest } from '@skerry/contract/apps/oci'
import { Repository } from '@skerry/contract/registry/registry'
import type { Digest } from '@skerry/contract/values/digest'
import { plainImageName } from '@skerry/core/apps/image-name'
import { parseJson } from '@skerry/core/values/parse-json'
import type * as z from 'zod'
import { fail } from '../../../program/failure.ts'
import type { ArchivedBlob, ArchivedImage } from './image-archive.ts'

export type SignedIn = { client: SkerryClient; connection: Connection }

const HUB = 'hub://'

/** Whether the source of an image is the hub's registry, and no file. */
export const isHubImage = (file: string): boolean => file.startsWith(HUB)

/** The image, or the images for several platforms, of `hub://REPOSITORY:TAG` or `hub://REPOSITORY@DIGEST`. */
export async function readHubImages(hub: SignedIn, source: string, signal: AbortSignal): Promise<ArchivedImage[]> {
  const name = source.slice(HUB.length)
  const [, repository = '', tag = 'latest', digest] = /^([^:@]+)(?::([^:@]+))?(?:@(.+))?$/.exec(name) ?? []
  const parsed = Repository.safeParse(repository)
  if (!parsed.success) throw fail('file_invalid', `${source} must be hub://REPOSITORY:TAG, such as hub://plant/web:1`)
  const rows = await allRows((page) => hub.client.image.list({ ...page, repository: parsed.data }, { signal }))
  const row = rows.find((each) => (digest === undefined ? each.tags.includes(tag) : each.digest === digest))
  if (!row) throw fail('file_invalid', `the hub has no image ${name}; "skerry image ls ${repository}" lists them`)
  const place = { hub, source, signal }
  const isIndex = /index|manifest\.list/.test(row.mediaType)
  const documents = isIndex ? await manifestsOf(place, row.digest) : [row.digest]
  const images: ArchivedImage[] = []
  for (const manifest of documents) images.push(await imageOf(place, manifest, plainImageName(`${repository}:${tag}`)))
  return images
}

type Place = { hub: SignedIn; source: string; signal: AbortSignal }

/** Attestations of BuildKit stand beside the images of an index. */
async function manifestsOf(place: Place, index: Digest): Promise<Digest[]> {
  const { manifests } = await readDocument(place, index, OciIndex)
  return manifests.filter(({ platform }) => platform?.os !== 'unknown').map(({ digest }) => digest)
}

async function imageOf(place: Place, digest: Digest, name: string): Promise<ArchivedImage> {
  const bytes = await readBytes(place, digest, 0)
  const manifest = parsed(place, bytes, OciManifest)
  const { config, layers } = manifest
  const { os, architecture } = await readDocument(place, config.digest, OciConfig)
  const blobs = [{ digest, size: bytes.length }, config, ...layers].map((each) => storedBlob(place, each))
  return { names: [name], manifest: digest, config: config.digest, os, architecture, blobs }
}

function storedBlob(place: Place, { digest, size }: Pick<OciDescriptor, 'digest' | 'size'>): ArchivedBlob {
  const read = async function* (start: number) {
    if (start < size) yield* bytesOf(await requestBlob(place, digest, start))
  }
  return { digest, sizeBytes: size, read, place: `${place.source}: ${digest}`, isStored: true }
}

/** A layer is read as it arrives. */
async function* bytesOf({ body }: Response): AsyncGenerator<Uint8Array> {
  if (body) yield* body
}

async function readBytes(place: Place, digest: Digest, start: number): Promise<Buffer> {
  return Buffer.from(await (await requestBlob(place, digest, start)).arrayBuffer())
}

function requestBlob({ hub, signal }: Place, digest: Digest, start: number): Promise<Response> {
  const asked = { route: 'downloadBlob', parameters: { digest }, headers: { range: `bytes=${start}-` } } as const
  return requestBytes(hub.connection, asked, signal)
}

async function readDocument<Schema extends z.ZodType>(place: Place, digest: Digest, schema: Schema) {
  return parsed(place, await readBytes(place, digest, 0), schema)
}

function parsed<Schema extends z.ZodType>({ source }: Place, bytes: Buffer, schema: Schema): z.output<Schema> {
  const result = schema.safeParse(parseJson(bytes.toString('utf8')))
  if (result.success) return result.data
  throw fail('file_invalid', `${source} is no image of containers: ${result.error.issues[0]?.message}`)
}
