/**
 * Moved bytes: the bytes that a device of a plan will fetch. A file that it has already does not move, and of another
 * large file only the chunks that the served version lacks.
 */
import type { Digest } from '@skerry/contract/values/digest'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { DDI_SOFTWARE } from '@skerry/core/ddi/ddi-report'
import { missingBytes } from '@skerry/platform/chunks/chunk-index'
import { type ChunkIndexes, createChunkIndexes, isChunked } from '../../chunks/chunk-indexes.ts'
import type { Hub } from '../../hub.ts'
import { padded } from '../../store/many-rows.ts'
import type { Db } from '../../store/store.ts'
import type { PickedDevice } from '../population.ts'
import { heldBytes, type PlannedContent, type PlannedContents } from './planned-contents.ts'

type Moving = { organisationId: OrganisationId; names: readonly string[]; contents: PlannedContents }

/** Pairs of a new content and a served one: a fleet runs some versions at a time, and a plan has some forms. */
const PAIRS_MAX = 32

/** In bytes. An index that does not exist yet takes a second for each 100 MB, and a person waits for the plan. */
const INDEXED_BYTES_MAX = 2 ** 29

/** Without the chunks, if a comparison would take too long: then the plan shows the most that can move. */
export async function movedBytes(hub: Hub, moving: Moving): Promise<(device: PickedDevice) => number> {
  const { organisationId, contents } = moving
  const { db } = hub.store
  const heldOf = await heldBytes(db, organisationId, contents)
  const served = await servedDigests(db, moving)
  const savedOf = await savings(hub, moving, new Map([...served.values()].map((seeds) => [seedKey(seeds), seeds])))
  return (device) => {
    const content = contents.of(device)
    const seeds = served.get(device.deviceId)
    const saved = seeds === undefined ? 0 : (savedOf.get(pairOf(content, seeds)) ?? 0)
    return content.sizeBytes - heldOf(device) - saved
  }
}

const seedKey = (seeds: readonly Digest[]) => seeds.toSorted().join(' ')

const pairOf = ({ form }: PlannedContent, seeds: readonly Digest[]) => `${form?.build ?? ''} ${seedKey(seeds)}`

/** The contents that each device serves under these names. A device without an agent fetches whole files. */
async function servedDigests(db: Db, { organisationId, names }: Moving): Promise<Map<DeviceId, Digest[]>> {
  const rows = await db
    .selectFrom('device_items as item')
    .innerJoin('device_reports', 'device_reports.device_id', 'item.device_id')
    .select(['item.device_id', 'item.serving_digest'])
    .where('item.organisation_id', '=', organisationId)
    .where('item.name', 'in', padded(names))
    .where('item.serving_digest', 'is not', null)
    .where('device_reports.agent_version', '!=', DDI_SOFTWARE)
    .execute()
  const served = new Map<DeviceId, Digest[]>()
  for (const { device_id, serving_digest } of rows)
    if (serving_digest) served.set(device_id, [...(served.get(device_id) ?? []), serving_digest])
  return served
}

async function savings(
  hub: Hub,
  moving: Moving,
  served: ReadonlyMap<string, readonly Digest[]>,
): Promise<Map<string, number>> {
  const indexes = createChunkIndexes(hub)
  const saved = new Map<string, number>()
  let leftBytes = INDEXED_BYTES_MAX
  for (const seeds of served.values()) {
    const old = await chunkedFilesUnder(hub.store.db, moving.organisationId, seeds)
    for (const content of moving.contents.all) {
      const fresh = freshFiles(content, old)
      leftBytes -= sumOf(old) + sumOf(fresh)
      if (leftBytes < 0 || saved.size === PAIRS_MAX) return saved
      if (fresh.length > 0 && old.length > 0) saved.set(pairOf(content, seeds), await savedBytes(indexes, old, fresh))
    }
  }
  return saved
}

type LargeFile = { digest: Digest; sizeBytes: number }

function freshFiles({ files }: PlannedContent, old: readonly LargeFile[]): LargeFile[] {
  const has = new Set(old.map(({ digest }) => digest))
  return files.filter((file) => isChunked(file.sizeBytes) && !has.has(file.digest))
}

async function savedBytes(indexes: ChunkIndexes, old: readonly LargeFile[], fresh: readonly LargeFile[]) {
  const read = async (files: readonly LargeFile[]) => {
    const found = await Promise.all(files.map(({ digest, sizeBytes }) => indexes.of(digest, sizeBytes)))
    return found.filter((index) => index !== undefined)
  }
  const seeds = await read(old)
  return (await read(fresh)).reduce((sum, index) => sum + index.sizeBytes - missingBytes(index, seeds), 0)
}

const sumOf = (files: readonly LargeFile[]) => files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)

/** The large files of the versions or builds with these digests. */
async function chunkedFilesUnder(
  db: Db,
  organisationId: OrganisationId,
  seeds: readonly Digest[],
): Promise<LargeFile[]> {
  const digests = padded([...seeds])
  const ofVersion = await db
    .selectFrom('versions')
    .innerJoin('version_files as file', 'file.version_id', 'versions.id')
    .select(['file.digest', 'file.size_bytes'])
    .where('versions.organisation_id', '=', organisationId)
    .where('versions.digest', 'in', digests)
    .execute()
  const ofBuild = await db
    .selectFrom('builds')
    .innerJoin('build_files as file', 'file.build_id', 'builds.id')
    .select(['file.digest', 'file.size_bytes'])
    .where('builds.organisation_id', '=', organisationId)
    .where('builds.digest', 'in', digests)
    .execute()
  return [...ofVersion, ...ofBuild]
    .map((row) => ({ digest: row.digest, sizeBytes: row.size_bytes }))
    .filter(({ sizeBytes }) => isChunked(sizeBytes))
}
