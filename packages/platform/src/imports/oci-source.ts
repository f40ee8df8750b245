/**
 * OCI source: a model as an artefact of a registry: of ModelPack, or of "oras push". The layers are files, and each has
 * its digest in the manifest.
 *
 * [OCI distribution specification 1.1; CNCF model-spec, docs/spec.md] Layers that are archives, as KitOps makes them, are unpacked if the host
 * has limits for it.
 */
import { mkdir, readFile, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { FilePath } from '@skerry/contract/models/model'
import { Digest } from '@skerry/contract/values/digest'
import * as z from 'zod'
import { digestOf } from '../files/hash.ts'
import { fetchFile } from './fetch-file.ts'
import type { Imported, ImportHost, RemoteSource } from './import-host.ts'
import { importProblem, wrongPlace } from './import-problem.ts'
import { registryLogin } from './registry-login.ts'

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

export type ArtefactPlace = { host: string; repository: string; reference: string }

export const ociSource: RemoteSource = {
  async open(place, options, host): Promise<Imported> {
    const where = artefactPlace(place)
    const address = `https://${where.host}/v2/${where.repository}`
    const authorization = await registryLogin({ ...where, registry: where.host }, options, host)
    const folder = await host.folderFor(place)
    const common = { authorization, authorities: options.authorities }
    const manifest = await readManifest({ address, where, folder, common }, host)
    const files = filesOf(place, manifest.layers)
    const fetchLayer = async ({ digest }: Layer, target: string, isArchive: boolean) => {
      await mkdir(dirname(target), { recursive: true })
      await rm(target, { force: true })
      const url = new URL(`${address}/blobs/${digest}`)
      await fetchFile({ url, target, digest, isArchive, ...common }, host)
    }
    const archives = manifest.layers.filter(isModelArchive)
    const isPacked = archives.length > 0 && !files.some(isPlainModel) && host.unpack !== undefined
    const main = isPacked
      ? await unpackMain({ place, archives, folder, wanted: options.file, fetchLayer }, host)
      : chooseMain(place, files, options.file)
    if (!isPacked)
      for (const { path, layer } of files.filter((each) => isNeeded(each, main)))
        await fetchLayer(layer, join(folder, 'files', path), false)
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
  async revision(place, options, host) {
    const where = artefactPlace(place)
    const authorization = await registryLogin({ ...where, registry: where.host }, options, host)
    const folder = await host.folderFor(place)
    const common = { authorization, authorities: options.authorities }
    await readManifest({ address: `https://${where.host}/v2/${where.repository}`, where, folder, common }, host)
    return digestOf(await readFile(join(folder, 'manifest.json')))
  },
}

/** The parts of `oci://HOST/REPOSITORY:TAG`; the tag is `latest` by default. */
export function artefactPlace(place: string): ArtefactPlace {
  const found =
    /^oci:\/\/([a-z0-9.-]+(?::\d{1,5})?)\/([a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?::([\w][\w.-]{0,127})|@(sha256:[0-9a-f]{64}))?$/i.exec(
      place,
    )
  const [, host, repository, tag, digest] = found ?? []
  if (host === undefined || repository === undefined)
    throw wrongPlace(`${place} is no artefact of a registry`, 'write oci://HOST/REPOSITORY:TAG or ...@sha256:DIGEST')
  return { host, repository, reference: digest ?? tag ?? 'latest' }
}

type Reading = {
  address: string
  where: ArtefactPlace
  folder: string
  common: { authorization: string | undefined; authorities: string | undefined }
}

async function readManifest({ address, where, folder, common }: Reading, host: ImportHost) {
  const target = join(folder, 'manifest.json')
  const { reference } = where
  const digest = reference.startsWith('sha256:') ? reference : undefined
  const sizeMax = MANIFEST_BYTES_MAX
  await rm(target, { force: true })
  await rm(`${target}.partial`, { force: true })
  const url = new URL(`${address}/manifests/${reference}`)
  await fetchFile({ url, target, digest, accept: MANIFEST, sizeMax, ...common }, host)
  try {
    return Manifest.parse(JSON.parse(await readFile(target, 'utf8')))
  } catch (cause) {
    throw importProblem('import_refused', `${where.repository}:${reference} is no artefact with files`, {
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
      throw importProblem('import_refused', `${place} has a file with the path ${JSON.stringify(path)}`, {
        next: 'do not use this artefact: a path must be plain, and stay in its folder',
      })
    return [{ path, layer }]
  })
}

const isArchive = ({ mediaType }: Layer) => /[.+](tar|gzip|zstd|zip)\b/.test(mediaType)

/** [CNCF model-spec; KitOps, media types] The weights; archives of documents, code and data sets are not fetched. */
const isModelArchive = ({ mediaType }: Layer) =>
  /^application\/vnd\.(kitops\.modelkit\.model(part)?|(cncf|cnai)\.model\.weight)\.v1\.tar/.test(mediaType)

const isPlainModel = ({ path, layer }: NamedLayer) => /\.onnx$/i.test(path) && !isArchive(layer)

type Packed = {
  place: string
  archives: readonly Layer[]
  folder: string
  wanted: string | undefined
  fetchLayer(layer: Layer, target: string, isArchive: boolean): Promise<void>
}

/** Fetches and unpacks the archives, and gives the path of the model among their files. */
async function unpackMain({ place, archives, folder, wanted, fetchLayer }: Packed, host: ImportHost): Promise<string> {
  const target = join(folder, 'files')
  const paths: string[] = []
  await rm(target, { recursive: true, force: true })
  for (const layer of archives) {
    const archive = join(folder, 'layers', layer.digest.slice('sha256:'.length))
    await fetchLayer(layer, archive, true)
    paths.push(...((await host.unpack?.(archive, target)) ?? []))
  }
  return mainOf(
    place,
    paths.filter((path) => /\.onnx$/i.test(path)),
    wanted,
  )
}

function chooseMain(place: string, files: readonly NamedLayer[], wanted: string | undefined): string {
  const archives = files.filter(({ layer }) => isArchive(layer)).map(({ path }) => path)
  const models = files.filter(isPlainModel).map(({ path }) => path)
  if (models.length > 0 || archives.length === 0) return mainOf(place, models, wanted)
  throw importProblem('import_refused', `${place} has its files in archives: ${archives.join(', ')}`, {
    next: 'unpack the artefact with the tool that made it, and run "skerry model push" on the ONNX file',
  })
}

function mainOf(place: string, models: readonly string[], wanted: string | undefined): string {
  if (wanted !== undefined && models.includes(wanted)) return wanted
  const usual = models.filter((path) => basename(path) === 'model.onnx')
  const [only, second] = usual.length === 1 ? usual : models
  if (wanted === undefined && only !== undefined && second === undefined) return only
  if (models.length > 0)
    throw importProblem('import_refused', `${place} has the ONNX files ${models.join(', ')}`, {
      next: 'name one with --file',
    })
  throw importProblem('import_refused', `${place} has no ONNX file`, {
    next: 'export the model to ONNX where it was trained, and push it as a new artefact',
  })
}

/** The weights lie at or below the folder of the model; documents and other models are not fetched. */
const isNeeded = ({ path, layer }: NamedLayer, main: string): boolean =>
  path === main ||
  (!isArchive(layer) &&
    !/\.(onnx|md|txt|json)$/i.test(path) &&
    (dirname(main) === '.' || path.startsWith(`${dirname(main)}/`)))
