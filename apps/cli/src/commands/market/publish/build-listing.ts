/** Build listing: reads the folder of a publisher, and makes a listing with its blobs. */
import { extname, join } from 'node:path'
import type { Listing } from '@skerry/contract/market/listing'
import { ICON_BYTES_MAX, Listing as ListingSchema } from '@skerry/contract/market/listing'
import { findPlaces } from '@skerry/core/market/fill-template'
import { placeholderNames } from '@skerry/core/market/listing-settings'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import { fail } from '../../../program/failure.ts'
import { readBytes, readText } from '../../../program/input-file.ts'
import type { Session } from '../../../program/session.ts'
import { buildVersion } from './build-version.ts'
import { type BlobCollector, type BuiltListing, createCollector } from './built-listing.ts'
import { readListingFile, readTemplate, type WrittenConnection, type WrittenListing } from './listing-file.ts'

/** Fails with `file_invalid` and all problems of a file. */
export async function buildListing(folder: string, session: Session): Promise<BuiltListing> {
  const written = await readListingFile(folder)
  const collector = createCollector()
  const names = namesIn(written)
  const versions: Listing['versions'] = []
  for (const version of written.versions) {
    versions.push(await buildVersion({ folder, version, names, licence: written.licence, collector }, session))
  }
  const connections: Listing['connections'] = []
  for (const connection of written.connections) {
    connections.push(await buildConnection(folder, connection, names, collector))
  }
  const { description, icon, pictures, sample, ...facts } = written
  const parsed = ListingSchema.safeParse({
    ...facts,
    v: 1,
    description: await readText(join(folder, description)),
    ...(icon !== undefined && { icon: await buildIcon(join(folder, icon), collector) }),
    ...(pictures && { pictures: await buildPictures(folder, pictures, collector) }),
    versions,
    connections,
    ...(sample && { sample: await buildSample(folder, sample, collector) }),
  })
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path, message }) => `${folder}: ${path.join('.')}: ${message}`)
    throw fail('file_invalid', lines.join('\n'))
  }
  const text = canonicalJson(parsed.data)
  const { blobs, found, contentOf } = collector
  return { listing: parsed.data, text, digest: digestOf(text), blobs, found, contentOf }
}

/** Placeholders that the tool may declare. */
const namesIn = ({ settings, versions, connections }: WrittenListing) =>
  placeholderNames({ settings, items: [...versions, ...connections].map(({ item }) => item) })

async function buildConnection(
  folder: string,
  { item, connection, file, sampleFor }: WrittenConnection,
  names: ReadonlySet<string>,
  collector: BlobCollector,
): Promise<Listing['connections'][number]> {
  const document = await readTemplate(join(folder, file))
  const spec = collector.addJson(document)
  return { item, connection, spec, places: findPlaces(document, names), ...(sampleFor && { sampleFor }) }
}

/** The simulators that take the place of real sources. */
async function buildSample(
  folder: string,
  { sources, ...sample }: NonNullable<WrittenListing['sample']>,
  collector: BlobCollector,
) {
  const specs = []
  for (const { item, file } of sources) {
    specs.push({ item, spec: collector.addJson(await readTemplate(join(folder, file))) })
  }
  return { ...sample, sources: specs }
}

async function buildPictures(
  folder: string,
  pictures: NonNullable<WrittenListing['pictures']>,
  collector: BlobCollector,
) {
  const built = []
  for (const { file, text } of pictures) built.push({ ...collector.add(await readBytes(join(folder, file))), text })
  return built
}

async function buildIcon(path: string, collector: BlobCollector) {
  const bytes = await readBytes(path)
  if (bytes.length > ICON_BYTES_MAX) throw fail('file_invalid', `${path} is over ${ICON_BYTES_MAX / 1_024} KiB`)
  const type = extname(path) === '.svg' ? 'image/svg+xml' : 'image/png'
  return { ...collector.add(bytes), type }
}
