/** App images: finds the images that a Compose file names in the given archives. */

import { plainImageName } from '@skerry/core/apps/image-name'
import type { ImageFacts } from '@skerry/core/apps/lint-compose'
import { fail } from '../../../program/failure.ts'
import { type ArchivedBlob, type ArchivedImage, readImageArchive } from './image-archive.ts'

/**
 * `name` is the image of the Compose file; without it, the archive names its images itself. `file` is an archive, or
 * `hub://REPOSITORY:TAG` for an image of the hub's registry.
 */
export type ImageSource = { name: string | undefined; file: string }

/** Parses `FILE`, or `NAME=FILE`. */
export function parseImageSource(text: string): ImageSource {
  const at = text.indexOf('=')
  return at === -1 ? { name: undefined, file: text } : { name: text.slice(0, at), file: text.slice(at + 1) }
}

export type FoundImages = {
  /** By the names of the Compose file. */
  facts: Map<string, ImageFacts>
  /** The blobs of the named images. Images share layers, and each blob is here once. */
  blobs: ArchivedBlob[]
  /** Each image once, for all its names. */
  images: ArchivedImage[]
}

export type Wanted = {
  names: ReadonlySet<string>
  sources: readonly ImageSource[]
  platform: string | undefined
  /** Reads the images of a source; by default it is an archive. */
  read?(file: string, signal: AbortSignal): Promise<ArchivedImage[]>
}

/** Images of the archives that the file does not name are left out. */
export async function findImages(
  { names, sources, platform, read: readSource = readImageArchive }: Wanted,
  signal: AbortSignal,
): Promise<FoundImages> {
  const read: { source: ImageSource; images: ArchivedImage[] }[] = []
  for (const source of sources) read.push({ source, images: await readSource(source.file, signal) })
  const found: FoundImages = { facts: new Map(), blobs: [], images: [] }
  const blobs = new Map<string, ArchivedBlob>()
  for (const name of names) {
    const candidates = read.flatMap(({ source, images }) =>
      images.filter((image) => (source.name === undefined ? isNamed(image, name) : source.name === name)),
    )
    const image = chosen(name, candidates, platform)
    if (!image) continue
    found.facts.set(name, { manifest: image.manifest, config: image.config, platform: platformOf(name, image) })
    if (!found.images.includes(image)) found.images.push(image)
    for (const blob of image.blobs) blobs.set(blob.digest, blob)
  }
  return { ...found, blobs: [...blobs.values()] }
}

const isNamed = ({ names, manifest }: ArchivedImage, name: string) =>
  names.includes(plainImageName(name)) || name.endsWith(`@${manifest}`)

/** The image for the platform. Undefined if no archive has the image. */
function chosen(name: string, candidates: readonly ArchivedImage[], platform: string | undefined) {
  const distinct = [...new Map(candidates.map((image) => [image.manifest, image])).values()]
  const platforms = distinct.map(({ os, architecture }) => `${os}/${architecture}`)
  const fitting = platform === undefined ? distinct : distinct.filter((_, index) => platforms[index] === platform)
  if (distinct.length === 0 || fitting.length === 1) return fitting[0]
  const choices = platforms.join(', ')
  if (fitting.length === 0)
    throw fail('file_invalid', `${name} is not in the archives for ${platform}, but for ${choices}`)
  throw fail(
    'file_invalid',
    `the archives have ${name} several times, for ${choices}; choose one with --platform, or NAME=FILE`,
  )
}

function platformOf(name: string, { os, architecture }: ArchivedImage): ImageFacts['platform'] {
  if (os === 'linux' && (architecture === 'amd64' || architecture === 'arm64')) return { os, architecture }
  throw fail('file_invalid', `${name} is for ${os}/${architecture}; devices run linux/amd64 and linux/arm64`)
}
