/**
 * Listing file: `listing.yaml`, which a publisher writes. It names files beside it, and has the same facts as a
 * listing. The tool finds the placeholders in the YAML values and declares their places.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readYaml } from '@skerry/client/manifests/yaml-documents'
import { AppConfig } from '@skerry/contract/apps/config-schema'
import {
  ConnectionItem,
  Listing,
  ListingPicture,
  ListingSample,
  MarketKind,
  PICTURES_MAX,
  ShortName,
} from '@skerry/contract/market/listing'
import { FilePath } from '@skerry/contract/models/model'
import * as z from 'zod'
import { fail } from '../../../program/failure.ts'
import { readText } from '../../../program/input-file.ts'

export const LISTING_FILE = 'listing.yaml'

/** The YAML files of a listing are written by people. */
const YAML_BYTES_MAX = 256 * 1024

const WrittenVersion = z.strictObject({
  item: ShortName,
  kind: MarketKind,
  /** model.onnx, a flow in YAML, or a Compose file. */
  file: FilePath,
  /** Golden inputs of a model. */
  golden: FilePath.optional(),
  /** A bill of materials. The tool writes one for a model if it is absent. */
  sbom: FilePath.optional(),
  /** Archives with the images of an app. */
  images: z.array(FilePath).max(16).default([]),
  config: AppConfig.optional(),
  probationSeconds: z.int().min(0).max(86_400).optional(),
})
export type WrittenVersion = z.infer<typeof WrittenVersion>

const WrittenConnection = ConnectionItem.omit({ spec: true, places: true }).extend({ file: FilePath })
export type WrittenConnection = z.infer<typeof WrittenConnection>

/** Simulators in files of their own. */
const WrittenSample = ListingSample.omit({ sources: true }).extend({
  sources: z
    .array(z.strictObject({ item: ShortName, file: FilePath }))
    .max(32)
    .default([]),
})

const WrittenListing = Listing.omit({
  v: true,
  icon: true,
  pictures: true,
  versions: true,
  connections: true,
  sample: true,
}).extend({
  /** Markdown in a file of its own. */
  description: FilePath,
  icon: FilePath.optional(),
  /** PNG files, each with a text for people who do not see it. */
  pictures: z
    .array(z.strictObject({ file: FilePath, text: ListingPicture.shape.text }))
    .max(PICTURES_MAX)
    .optional(),
  versions: z.array(WrittenVersion).max(16).default([]),
  connections: z.array(WrittenConnection).max(32).default([]),
  sample: WrittenSample.optional(),
})
export type WrittenListing = z.infer<typeof WrittenListing>

/** Fails with `file_invalid`, and names all problems with their lines. */
export const readListingFile = (folder: string): Promise<WrittenListing> =>
  readDocument(join(folder, LISTING_FILE), WrittenListing)

/** A flow, a source or a sink as data. Placeholders keep it from being checked by its own schema yet. */
export const readTemplate = (path: string): Promise<Record<string, unknown>> =>
  readDocument(path, z.record(z.string(), z.unknown()))

async function readDocument<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const { size } = await stat(path).catch(() => ({ size: 0 }))
  if (size > YAML_BYTES_MAX) throw fail('file_invalid', `${path} is over 256 KiB`)
  const { values, problems } = readYaml(await readText(path), { file: path, schema, choice: { field: '', of: [] } })
  const found = problems.map(({ place, message }) => `${place}: ${message}`)
  const [first, second] = values
  if (found.length === 0 && !first) found.push(`${path}: the file is empty`)
  if (second) found.push(`${second.place}: the file has one document`)
  if (!first || found.length > 0) throw fail('file_invalid', found.join('\n'))
  return first.value
}
