/** Companions: the devices of other deployments that a policy wants to be near to, or apart from. */
import type { Placement } from '@skerry/contract/places/placement'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import type { Name } from '@skerry/contract/values/names'
import type { Distance } from '@skerry/core/places/place'
import type { Db } from '../store/store.ts'

type Standing = { id: DeviceId; site: string; country: string | null }

export type Companions = {
  /** To the nearest replica of the deployment `near`; undefined if it has none. */
  distanceTo(device: { id: DeviceId; site: string; country: string | undefined }): Distance | undefined
  /** Whether the device has a replica of the deployment `apart`. */
  isTaken(id: DeviceId): boolean
}

type Asked = { organisationId: OrganisationId; policy: Pick<Placement, 'near' | 'apart'> | undefined }

/** Asks nothing for a policy without companions. */
export async function companionsOf(db: Db, { organisationId, policy }: Asked): Promise<Companions> {
  const near = await standingOf(db, organisationId, policy?.near)
  const apart = await standingOf(db, organisationId, policy?.apart)
  const devices = new Set(near.map(({ id }) => id))
  const sites = new Set(near.map(({ site }) => site))
  const countries = new Set(near.flatMap(({ country }) => country ?? []))
  const taken = new Set(apart.map(({ id }) => id))
  return {
    distanceTo({ id, site, country }) {
      if (near.length === 0) return undefined
      if (devices.has(id)) return 0
      if (sites.has(site)) return 1
      return country !== undefined && countries.has(country) ? 2 : 3
    },
    isTaken: (id) => taken.has(id),
  }
}

/** The devices that report the deployment, and those that its policy has promised it. */
async function standingOf(db: Db, organisationId: OrganisationId, name: Name | undefined): Promise<Standing[]> {
  if (name === undefined) return []
  const reported = db.selectFrom('device_items').select(['device_id', 'deployment_id'])
  const promised = db.selectFrom('placement_picks').select(['device_id', 'deployment_id'])
  return db
    .selectFrom(reported.union(promised).as('standing'))
    .innerJoin('deployments', 'deployments.id', 'standing.deployment_id')
    .innerJoin('devices', 'devices.id', 'standing.device_id')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .select(['devices.id', 'sites.name as site', 'sites.country'])
    .where('deployments.organisation_id', '=', organisationId)
    .where('deployments.name', '=', name)
    .execute()
}
