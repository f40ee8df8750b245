import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OCI_MANIFEST } from '@skerry/contract/apps/oci'
import { CATALOGUE_PAYLOAD_TYPE } from '@skerry/contract/market/catalogue'
import {
  CATALOGUE_ARTEFACT_TYPE,
  CATALOGUE_BLOB_TYPE,
  CATALOGUE_MANIFEST_BYTES_MAX,
} from '@skerry/contract/market/catalogue-layers'
import { LISTING_BYTES_MAX, Listing } from '@skerry/contract/market/listing'
import type { Digest } from '@skerry/contract/values/digest'
import { type ListingFile, listingFiles } from '@skerry/core/market/listing-files'
import { parseJson } from '@skerry/core/values/parse-json'
import { digestOf, hexOf } from '@skerry/platform/files/hash'
import {
  measureCatalogueBlob,
  readCatalogueBlob,
  readEnvelope,
  readIndexBytes,
} from '@skerry/platform/market/catalogue-folder'
import { openCatalogue } from '@skerry/platform/signatures/catalogue-signature'
import { asIs, command, needed } from '../../../program/command.ts'
import { fail } from '../../../program/failure.ts'
import { countText } from '../../../program/terminal/words.ts'
import { CATALOGUE_FOLDER } from './publish-options.ts'

/** [image-spec 1.1, "Guidance for an Empty Descriptor"] */
const EMPTY = '{}'
const EMPTY_TYPE = 'application/vnd.oci.empty.v1+json'

const TAG = 'latest'

type Layer = { mediaType: string; digest: Digest; size: number }

export const exportCatalogue = command({
  name: 'market export',
  summary: 'Write a catalogue as an OCI image layout, which tools such as oras copy into any registry',
  details:
    'Each file keeps its digest, so a registry stores the files that two versions share once. A hub then mirrors the catalogue with ' +
    '"skerry market catalogue add --url oci://REGISTRY/REPOSITORY:TAG". The signature of the index is that of the publisher: nobody has to trust the registry.',
  examples: [
    'skerry market export --catalogue /srv/catalogues/plant --out plant-layout',
    'oras cp --from-oci-layout plant-layout:latest registry.example/vendor/plant:latest',
  ],
  arguments: {},
  options: { catalogue: CATALOGUE_FOLDER, out: needed('--out <folder>', 'new folder for the layout', asIs) },
  async run({ catalogue, out }, session) {
    const layers = await layersOf(catalogue, session.signal)
    const config = { mediaType: EMPTY_TYPE, digest: digestOf(EMPTY), size: EMPTY.length }
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      artifactType: CATALOGUE_ARTEFACT_TYPE,
      config,
      layers,
    })
    if (manifest.length > CATALOGUE_MANIFEST_BYTES_MAX)
      throw fail('file_invalid', `${catalogue} has ${layers.length} files, more than a registry takes in one artefact`)
    await writeLayout({ catalogue, out, layers, manifest })
    const next = `copy it with "oras cp --from-oci-layout ${out}:${TAG} REGISTRY/REPOSITORY:${TAG}"`
    session.print({
      json: { out, tag: TAG, digest: digestOf(manifest), files: layers.length },
      text: () => `wrote ${out} with ${countText(layers.length, 'file')}\n${next}`,
    })
  },
})

/** The index first, then each blob once. A missing or changed file fails. */
async function layersOf(catalogue: string, signal: AbortSignal): Promise<Layer[]> {
  const read = await readEnvelope(catalogue)
  if (!read.ok) throw fail('file_invalid', `${catalogue}: ${read.message}`)
  const opened = openCatalogue(read.envelope, [], 0)
  const index = await readIndexBytes(catalogue)
  if (!opened.ok || !index) throw fail('file_invalid', `${catalogue} has no readable index`)
  const files: ListingFile[] = []
  for (const { digest, sizeBytes, certificate } of opened.index.listings) {
    const text = await readCatalogueBlob(catalogue, digest, LISTING_BYTES_MAX)
    const listing = text.ok ? Listing.safeParse(parseJson(text.bytes.toString('utf8'))).data : undefined
    if (!listing) throw broken(catalogue, digest)
    files.push({ digest, sizeBytes }, ...(certificate ? [certificate] : []), ...listingFiles(listing))
  }
  const layers: Layer[] = [{ mediaType: CATALOGUE_PAYLOAD_TYPE, digest: digestOf(index), size: index.length }]
  for (const [digest, { sizeBytes }] of new Map(files.map((file) => [file.digest, file]))) {
    const measured = await measureCatalogueBlob(catalogue, digest, signal)
    if (measured?.digest !== digest) throw broken(catalogue, digest)
    layers.push({ mediaType: CATALOGUE_BLOB_TYPE, digest, size: sizeBytes })
  }
  return layers
}

const broken = (catalogue: string, digest: Digest) =>
  fail('file_invalid', `the file ${digest} of ${catalogue} is missing or has other bytes`, {
    next: 'get the catalogue again',
  })

type Layout = { catalogue: string; out: string; layers: readonly Layer[]; manifest: string }

async function writeLayout({ catalogue, out, layers, manifest }: Layout): Promise<void> {
  const blobs = join(out, 'blobs/sha256')
  try {
    await mkdir(out, { recursive: false })
    await mkdir(blobs, { recursive: true })
    const [index, ...others] = layers
    if (index) await copyFile(join(catalogue, 'index.json'), join(blobs, hexOf(index.digest)))
    for (const { digest } of others)
      await copyFile(join(catalogue, 'blobs/sha256', hexOf(digest)), join(blobs, hexOf(digest)))
    for (const text of [EMPTY, manifest]) await writeFile(join(blobs, hexOf(digestOf(text))), text)
    const place = { mediaType: OCI_MANIFEST, digest: digestOf(manifest), size: manifest.length }
    const annotations = { 'org.opencontainers.image.ref.name': TAG }
    const manifests = [{ ...place, artifactType: CATALOGUE_ARTEFACT_TYPE, annotations }]
    await writeFile(join(out, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }))
    // [image-spec 1.1, "oci-layout file"] Its presence says that the layout is complete.
    await writeFile(join(out, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  } catch (cause) {
    throw fail('file_unwritable', `cannot write ${out}`, { next: 'name a folder that does not exist yet', cause })
  }
}
