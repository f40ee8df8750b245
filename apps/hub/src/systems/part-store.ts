/** Part store: the versions that a system release names, as rows. */
import { isKind } from '@skerry/contract/kinds/kinds'
import type { SystemPart, SystemRelease } from '@skerry/contract/systems/system-release'
import type { Digest } from '@skerry/contract/values/digest'
import type { DeploymentId, OrganisationId } from '@skerry/contract/values/ids'
import type { ReleasePart } from '@skerry/core/systems/stage'
import { problem } from '../http/problem.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import { padded, piecesOf } from '../store/many-rows.ts'
import type { Db, Tx } from '../store/store.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import type { PartSettings, SystemPartTable } from '../store/tables/systems/system-tables.ts'

/**
 * Stores the parts of a release. Throws the contract's problem if the hub lacks one of them, or has it with another
 * content: the release could not be installed.
 */
export async function insertParts(tx: Tx, row: VersionTable, { parts }: SystemRelease): Promise<void> {
  const stored = await versionsNamed(tx, row.organisation_id, parts)
  const rows = parts.map((part, position): SystemPartTable => {
    const { kind, name, version, digest, serving, config } = part
    const found = stored.get(`${name} ${version}`)
    if (!found) throw problem('input_invalid', `the part ${name}:${version} is not on this hub; push it first`)
    if (found.digest !== digest || found.kind !== kind || found.size_bytes !== part.sizeBytes || !isKind(kind))
      throw problem(
        'input_invalid',
        `the part ${name}:${version} has another content on this hub; make the release from the versions of this hub`,
      )
    const settings = toJson<PartSettings>({ ...(serving && { serving }), ...(config && { config }) })
    return {
      version_id: row.id,
      organisation_id: row.organisation_id,
      position,
      kind,
      name,
      version,
      digest,
      size_bytes: part.sizeBytes,
      settings: serving || config ? settings : null,
    }
  })
  for (const piece of piecesOf(rows)) await tx.insertInto('system_parts').values(piece).execute()
}

async function versionsNamed(db: Db, organisationId: OrganisationId, parts: readonly SystemPart[]) {
  const rows = await db
    .selectFrom('versions')
    .select(['name', 'version', 'kind', 'digest', 'size_bytes'])
    .where('organisation_id', '=', organisationId)
    .where('name', 'in', padded(parts.map(({ name }) => name)))
    .execute()
  return new Map(rows.map((row) => [`${row.name} ${row.version}`, row]))
}

/** The parts of each of these versions, by `NAME VERSION`. Versions of other kinds are absent. */
export async function partsOfVersions(
  db: Db,
  organisationId: OrganisationId,
  names: readonly string[],
): Promise<ReadonlyMap<string, ReleasePart[]>> {
  const found = new Map<string, ReleasePart[]>()
  if (names.length === 0) return found
  const rows = await db
    .selectFrom('system_parts as part')
    .innerJoin('versions', 'versions.id', 'part.version_id')
    .select(['versions.name as system', 'versions.version as release'])
    .select(['part.kind', 'part.name', 'part.version', 'part.digest', 'part.size_bytes as sizeBytes'])
    .where('part.organisation_id', '=', organisationId)
    .where('versions.name', 'in', padded([...new Set(names)]))
    .orderBy('part.position')
    .execute()
  for (const { system, release, ...part } of rows) {
    const key = `${system} ${release}`
    found.set(key, [...(found.get(key) ?? []), part])
  }
  return found
}

/** Names of the releases that need the model, or this version of it, such as `line:3`. */
export async function systemsUsing(
  db: Db,
  { organisationId, name }: { organisationId: OrganisationId; name: string },
  version?: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('system_parts as part')
    .innerJoin('versions', 'versions.id', 'part.version_id')
    .select(['versions.name', 'versions.version'])
    .where('part.organisation_id', '=', organisationId)
    .where('part.name', '=', name)
    .$if(version !== undefined, (select) => select.where('part.version', '=', version ?? 0))
    .orderBy('versions.name')
    .orderBy('versions.version')
    .limit(NAMED_MAX)
    .execute()
  return rows.map((row) => `${row.name}:${row.version}`)
}

/** More names than this help nobody in an error message. */
const NAMED_MAX = 20

/** A part with the settings of its release. */
export type StoredPart = ReleasePart & PartSettings & { isOfSystem: boolean }

/** The deployments among these of which some kept revision is a system release. */
export async function systemDeployments(db: Db, ids: readonly DeploymentId[]): Promise<Set<DeploymentId>> {
  if (ids.length === 0) return new Set()
  const rows = await revisions(db, ids)
    .innerJoin('system_parts as part', (join) =>
      join.onRef('part.version_id', '=', 'versions.id').on('part.position', '=', 0),
    )
    .select('revision.deployment_id')
    .distinct()
    .execute()
  return new Set(rows.map(({ deployment_id }) => deployment_id))
}

export type RevisionParts = (deploymentId: DeploymentId, revision: number) => readonly StoredPart[]

/** The parts of all kept revisions. A revision of another kind has one part: its version. */
export async function partsOfRevisions(db: Db, ids: readonly DeploymentId[]): Promise<RevisionParts> {
  const found = new Map<string, StoredPart[]>()
  if (ids.length === 0) return () => []
  const rows = await revisions(db, ids)
    .leftJoin('system_parts as part', 'part.version_id', 'versions.id')
    .select(['revision.deployment_id', 'revision.revision'])
    .select(['versions.kind', 'versions.name', 'versions.version', 'versions.digest', 'versions.size_bytes'])
    .select(['part.kind as part_kind', 'part.name as part_name', 'part.version as part_version'])
    .select(['part.digest as part_digest', 'part.size_bytes as part_size_bytes', 'part.settings'])
    .orderBy('part.position')
    .execute()
  for (const row of rows) {
    const key = `${row.deployment_id} ${row.revision}`
    found.set(key, [...(found.get(key) ?? []), partOf(row)])
  }
  return (deploymentId, revision) => found.get(`${deploymentId} ${revision}`) ?? []
}

type Row = Pick<VersionTable, 'kind' | 'name' | 'version' | 'digest' | 'size_bytes'> & {
  part_kind: SystemPartTable['kind'] | null
  part_name: string | null
  part_version: number | null
  part_digest: Digest | null
  part_size_bytes: number | null
  settings: SystemPartTable['settings']
}

function partOf({ part_kind, part_name, part_version, part_digest, part_size_bytes, ...row }: Row): StoredPart {
  const { kind, name, version, digest, size_bytes: sizeBytes, settings } = row
  if (part_kind === null || part_name === null || part_version === null || part_digest === null)
    return { kind, name, version, digest, sizeBytes, isOfSystem: false }
  const part = { kind: part_kind, name: part_name, version: part_version, digest: part_digest }
  return { ...part, sizeBytes: part_size_bytes ?? 0, isOfSystem: true, ...(settings && fromJson(settings)) }
}

const revisions = (db: Db, ids: readonly DeploymentId[]) =>
  db
    .selectFrom('deployment_revisions as revision')
    .innerJoin('versions', (join) =>
      join
        .onRef('versions.organisation_id', '=', 'revision.organisation_id')
        .onRef('versions.name', '=', 'revision.name')
        .onRef('versions.version', '=', 'revision.version'),
    )
    .where('revision.deployment_id', 'in', padded([...ids]))
