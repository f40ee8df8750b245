/**
 * OCI source: a model as an artefact of a registry: of ModelPack, or of "oras push". The layers are files, and each has
 * its digest in the manifest.
 *
 * [OCI distribution specification 1.1; CNCF model-spec, docs/spec.md] Layers that are archives are not unpacked.
 */
import { mkdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { FilePath } from '@skerry/contract/models/model'
import { Digest } from '@skerry/contract/values/digest'
import * as z from 'zod'
import { fail } from '../../../program/failure.ts'
import { readText } from '../../../program/input-file.ts'
import type { Session } from '../../../program/session.ts'
import { fetchFile } from './fetch-file.ts'
import type { Imported, ImportSource } from './import-source.ts'
import { type OciPlace, placeOf } from './oci-place.ts'
import { registryLogin } from './registry-login.ts'
import { importFolder } from './url-source.ts'

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'

/** [CNCF model-spec] `filepath` of ModelPack, and the title that oras and others write. */
const PATHS = ['org.cncf.model.filepath', 'org.cnai.model.filepath', 'org.opencontainers.image.title']

const Layer = z.object({
  mediaType: z.string().max(255),
  digest: Digest,
  size: z.int().min(0),
  annotations: z.record(z.string(), z.string()).default({}),
})
type Layer = z.infer<typeof Layer>

/** As many files as a version may have. */
const Manifest = z.object({ layers: z.array(Layer).min(1).max(1_023), artifactType: z.string().max(255).optional() })

/** Registries themselves take no larger manifests. */
const MANIFEST_BYTES_MAX = 4 * 1024 * 1024

export const ociSource: ImportSource = {
  name: 'OCI registry',
  recognises: async (place) => /^oci:\/\//i.test(place),
  async open(place, options, session): Promise<Imported> {
    const where = placeOf(place)
    const address = `https://${where.host}/v2/${where.repository}`
    const authorization = await registryLogin(where, options, session)
    const folder = await importFolder(place, session)
    const common = { authorization, authorities: options.authorities }
    const manifest = await readManifest({ address, where, folder, common }, session)
    const files = filesOf(place, manifest.layers)
    const main = chooseMain(place, files, options.file)
    for (const { path, layer } of files.filter((each) => isNeeded(each, main))) {
      const target = join(folder, 'files', path)
      await mkdir(dirname(target), { recursive: true })
      await rm(target, { force: true })
      await fetchFile(
        { url: new URL(`${address}/blobs/${layer.digest}`), target, digest: layer.digest, ...common },
        session,
      )
    }
    return {
      modelPath: join(folder, 'files', main),
      name: basename(where.repository),
      notes: `artefact ${manifest.artifactType ?? 'without a type'} of a registry, ${where.reference}`,
      uri: place,
      labels: { 'imported-from': 'oci' },
      remarks: where.reference.startsWith('sha256:')
        ? []
        : [
            'a tag can move: name the artefact by its digest, as oci://HOST/REPOSITORY@sha256:..., to import exactly that one',
          ],
      forget: () => rm(folder, { recursive: true, force: true }),
      [Symbol.asyncDispose]: async () => undefined,
    }
  },
}

type Reading = {
  address: string
  where: OciPlace
  folder: string
  common: { authorization: string | undefined; authorities: string | undefined }
}

async function readManifest({ address, where, folder, common }: Reading, session: Session) {
  const target = join(folder, 'manifest.json')
  const { reference } = where
  const digest = reference.startsWith('sha256:') ? reference : undefined
  const sizeMax = MANIFEST_BYTES_MAX
  await rm(target, { force: true })
  await rm(`${target}.partial`, { force: true })
  const url = new URL(`${address}/manifests/${reference}`)
  await fetchFile({ url, target, digest, accept: MANIFEST, sizeMax, ...common }, session)
  try {
    return Manifest.parse(JSON.parse(await readText(target)))
  } catch (cause) {
    throw fail('import_refused', `${where.repository}:${reference} is no artefact with files`, {
      next: 'an index of images for several processors is no model; name one artefact by its digest',
      cause,
    })
  }
}

type NamedLayer = { path: string; layer: Layer }

/** Layers without a path are metadata. A path that leads out of the folder makes the whole artefact suspect. */
function filesOf(place: string, layers: readonly Layer[]): NamedLayer[] {
  return layers.flatMap((layer) => {
    const path = PATHS.map((key) => layer.annotations[key]).find((text) => text !== undefined)
    if (path === undefined) return []
    if (!FilePath.safeParse(path).success)
      throw fail('import_refused', `${place} has a file with the path ${JSON.stringify(path)}`, {
        next: 'do not use this artefact: a path must be plain, and stay in its folder',
      })
    return [{ path, layer }]
  })
}

const isArchive = ({ mediaType }: Layer) => /[.+](tar|gzip|zstd|zip)\b/.test(mediaType)

function chooseMain(place: string, files: readonly NamedLayer[], wanted: string | undefined): string {
  const models = files.filter(({ path, layer }) => /\.onnx$/i.test(path) && !isArchive(layer)).map(({ path }) => path)
  if (wanted !== undefined && models.includes(wanted)) return wanted
  const usual = models.filter((path) => basename(path) === 'model.onnx')
  const [only, second] = usual.length === 1 ? usual : models
  if (wanted === undefined && only !== undefined && second === undefined) return only
  if (models.length > 0)
    throw fail('import_refused', `${place} has the ONNX files ${models.join(', ')}`, { next: 'name one with --file' })
  const archives = files.filter(({ layer }) => isArchive(layer)).map(({ path }) => path)
  throw fail(
    'import_refused',
    archives.length > 0 ? `${place} has its files in archives: ${archives.join(', ')}` : `${place} has no ONNX file`,
    { next: 'unpack the artefact with the tool that made it, and run "skerry model push" on the ONNX file' },
  )
}

/** The weights lie at or below the folder of the model; documents and other models are not fetched. */
const isNeeded = ({ path, layer }: NamedLayer, main: string): boolean =>
  path === main ||
  (!isArchive(layer) &&
    !/\.(onnx|md|txt|json)$/i.test(path) &&
    (dirname(main) === '.' || path.startsWith(`${dirname(main)}/`)))
