/** Build version: the files of one item, as the push of its kind needs them. One row for each kind. */
import { join } from 'node:path'
import { blobPath } from '@skerry/contract/apps/app'
import { APP_PATH } from '@skerry/contract/kinds/app'
import { FLOW_PATH } from '@skerry/contract/kinds/flow'
import type { MarketKind, VersionItem } from '@skerry/contract/market/listing'
import type { ModelFile } from '@skerry/contract/models/model'
import type { Digest } from '@skerry/contract/values/digest'
import { findPlaces } from '@skerry/core/market/fill-template'
import { parseJson } from '@skerry/core/values/parse-json'
import { readText } from '../../../program/input-file.ts'
import type { Session } from '../../../program/session.ts'
import { packagesOf } from '../../apps/image-packages.ts'
import { readApp, releaseOf } from '../../apps/release-files.ts'
import { readGolden } from '../../models/files/golden-file.ts'
import { hashFiles } from '../../models/files/model-files.ts'
import type { BlobCollector } from './built-listing.ts'
import { readTemplate, type WrittenVersion } from './listing-file.ts'

export type BuildWork = {
  folder: string
  version: WrittenVersion
  /** Known placeholders. */
  names: ReadonlySet<string>
  licence: string
  collector: BlobCollector
}

type Built = Omit<VersionItem, 'item' | 'kind' | 'config' | 'probationSeconds'>
type Build = (work: BuildWork, session: Session) => Promise<Built>

const builders: Readonly<Record<MarketKind, Build>> = { model: buildModelItem, flow: buildFlowItem, app: buildAppItem }

/** The item with its files, which are in the collector then. */
export async function buildVersion(work: BuildWork, session: Session): Promise<VersionItem> {
  const { item, kind, config, probationSeconds, sbom } = work.version
  const built = await builders[kind](work, session)
  const own = sbom === undefined ? undefined : parseJson(await readText(join(work.folder, sbom)))
  return {
    item,
    kind,
    ...built,
    ...(own !== undefined && { sbom: work.collector.addJson(own) }),
    ...(config && { config }),
    ...(probationSeconds !== undefined && { probationSeconds }),
  }
}

async function buildFlowItem({ folder, version: { file }, names, collector }: BuildWork): Promise<Built> {
  const document = await readTemplate(join(folder, file))
  const flow = { name: 'flow', ...document }
  return {
    files: [{ path: FLOW_PATH, ...collector.addJson(flow) }],
    template: { path: FLOW_PATH, places: findPlaces(flow, names) },
  }
}

async function buildModelItem(work: BuildWork, session: Session): Promise<Built> {
  const { folder, version, collector } = work
  // ONNX needs a library that would slow the start of every other command.
  const { readLocalModel } = await import('../../models/files/local-model.ts')
  const local = await readLocalModel(join(folder, version.file))
  const hashed = await hashFiles(local.files, { at: () => undefined }, session.signal)
  for (const file of hashed) collector.addFile(file)
  const files = hashed.map(({ path, digest, sizeBytes }) => ({ path, digest, sizeBytes }))
  const golden =
    version.golden === undefined
      ? undefined
      : (await readGolden([{ file: join(folder, version.golden) }], local.summary, undefined)).golden
  return {
    files,
    sbom: collector.addJson(modelSbom(work, files)),
    ...(golden && { golden: collector.addJson(golden) }),
  }
}

async function buildAppItem({ folder, version, collector }: BuildWork, session: Session): Promise<Built> {
  const input = {
    file: join(folder, version.file),
    images: version.images.map((image) => ({ name: undefined, file: join(folder, image) })),
    platform: undefined,
    notSecret: [],
    mayReach: false,
  }
  const { app, texts, blobs, images } = await releaseOf(input, await readApp(input), session.signal)
  const files: ModelFile[] = [...texts].map(([path, text]) => ({
    path,
    ...collector.add(Buffer.from(text), path === APP_PATH ? app : undefined),
  }))
  for (const blob of blobs) {
    collector.addBlob({ digest: blob.digest, sizeBytes: blob.sizeBytes, read: () => blob.read(0) })
    files.push({ path: blobPath(blob.digest), digest: blob.digest, sizeBytes: blob.sizeBytes })
  }
  const bom = await packagesOf(images)
  return { files, ...(bom && { sbom: collector.addJson(bom) }) }
}

/** [CycloneDX 1.6] The files of the model. It has no time and no random id, so that the digest stays the same. */
function modelSbom({ version: { item }, licence }: BuildWork, files: readonly ModelFile[]) {
  const hex = (digest: Digest) => digest.slice('sha256:'.length)
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'machine-learning-model', name: item, licenses: [{ license: { name: licence } }] } },
    components: files.map(({ path, digest }) => ({
      type: 'file',
      name: path,
      hashes: [{ alg: 'SHA-256', content: hex(digest) }],
    })),
  }
}
