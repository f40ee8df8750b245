/** Named build store: finds the builds that digests in reports mean, and their figures on a class of hardware. */
import type { NamedBuild } from '@skerry/contract/builds/named-build'
import type { Digest } from '@skerry/contract/values/digest'
import type { BuildId, OrganisationId } from '@skerry/contract/values/ids'
import { fromJson } from '../store/json-column.ts'
import { padded } from '../store/many-rows.ts'
import type { Db } from '../store/store.ts'

type Wanted = { organisationId: OrganisationId; digests: Iterable<Digest>; hardwareClass: string | undefined }

/** The builds by their digests. The digest of a version itself has no entry. */
export async function namedBuilds(
  db: Db,
  { organisationId, digests, hardwareClass }: Wanted,
): Promise<Map<Digest, NamedBuild>> {
  const wanted = [...new Set(digests)]
  if (wanted.length === 0) return new Map()
  // Two recipes may make the same bytes: the newer build has the name.
  const rows = await db
    .selectFrom('builds')
    .select(['id', 'recipe', 'digest'])
    .where('organisation_id', '=', organisationId)
    .where('digest', 'in', padded(wanted))
    .orderBy('created_at_ms')
    .execute()
  const ids = rows.map(({ id }) => id)
  const figures = hardwareClass === undefined ? new Map() : await figuresOn(db, hardwareClass, ids)
  const ofClass = hardwareClass === undefined ? {} : { hardwareClass }
  return new Map(rows.map(({ id, recipe, digest }) => [digest, { build: id, recipe, ...ofClass, ...figures.get(id) }]))
}

type Figures = Pick<NamedBuild, 'speed' | 'device'>

/** The newest measurement of each build on a device of the class. */
async function figuresOn(db: Db, hardwareClass: string, ids: readonly BuildId[]): Promise<Map<BuildId, Figures>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('build_measurements as measured')
    .innerJoin('devices', 'devices.id', 'measured.device_id')
    .select(['measured.build_id', 'measured.timing', 'devices.name'])
    .where('measured.build_id', 'in', padded(ids))
    .where('measured.hardware_class', '=', hardwareClass)
    .orderBy('measured.measured_at_ms')
    .execute()
  const figures = new Map<BuildId, Figures>()
  for (const { build_id, timing, name } of rows) {
    const speed = timing === null ? undefined : fromJson(timing).speed?.middle
    if (build_id !== null && speed !== undefined) figures.set(build_id, { speed, device: name })
  }
  return figures
}
