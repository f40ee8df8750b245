/**
 * Data rules: whether a device may handle the data that a deployment would bring to it. The class of the data comes
 * from the tags that a flow reads on that device, or from the flows that use a model.
 */
import type { VersionKind } from '@skerry/contract/kinds/kinds'
import { VersionKind as VersionKinds } from '@skerry/contract/kinds/kinds'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { DataRoute } from '@skerry/core/kinds/kind-rules'
import { dataRouteOf } from '@skerry/core/kinds/kinds'
import { type DataPlace, type DataViolation, flowViolation } from '@skerry/core/places/data-class'
import { mostSpecific } from '@skerry/core/secrets/secret-scope'
import { sql } from 'kysely'
import type { DeviceRow } from '../devices/device-store.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import { type ClassedRow, classedConnections } from './data-class-store.ts'

type Version = { deployable: string; kind: VersionKind; version: number }
/** `parts`: the versions that devices get in place of a system release. */
type Deployed = Version & { parts?: readonly { name: string; kind: VersionKind; version: number }[] }

/** The rule that the deployment would break on the device; undefined if it breaks none. */
export type JudgeData = (device: DeviceRow) => DataViolation | undefined

export type DataRules = { of(deployed: Deployed): Promise<JudgeData> }

/** Kinds whose versions have a way of data. */
const ROUTED = VersionKinds.options.filter((kind) => dataRouteOf.has(kind))

/** Reads the classes of the organisation once. It costs two small queries if nobody classifies data. */
export async function openDataRules(db: Db, organisationId: OrganisationId): Promise<DataRules> {
  const connections = await classedConnections(db, organisationId)
  const inForce = await routesInForce(db, organisationId, connections.length > 0)
  const placeOf = placesBy(connections)
  const judgeOne = async ({ deployable, kind, version }: Version): Promise<JudgeData> => {
    const own = dataRouteOf.has(kind) ? await ownRoute(db, organisationId, { deployable, version }) : undefined
    // A model gets the data of the flows that use it; it sends nothing anywhere by itself.
    const routes = own ? [own.data] : inForce.flatMap((route) => usedBy(route, deployable))
    return (device) => routes.map((data) => flowViolation(data, placeOf(device))).find((found) => found !== undefined)
  }
  const judge = async ({ parts = [], ...whole }: Deployed): Promise<JudgeData> => {
    if (parts.length === 0) return judgeOne(whole)
    const judges = await Promise.all(parts.map(({ name, ...part }) => judgeOne({ deployable: name, ...part })))
    return (device) => judges.map((found) => found(device)).find((found) => found !== undefined)
  }
  // One transaction judges many devices of the same deployments.
  const judges = new Map<string, Promise<JudgeData>>()
  return {
    of(deployed) {
      const key = `${deployed.deployable} ${deployed.version}`
      const known = judges.get(key) ?? judge(deployed)
      judges.set(key, known)
      return known
    },
  }
}

const usedBy = ({ models, data }: DataRoute, deployable: string) =>
  models.includes(deployable) ? [{ ...data, leaves: [] }] : []

/** Texts of content that states a class. Others are not read. */
const STATED = '%"dataClass"%'

/** The versions of deployments that carry data. Without a classified connection, only those that state a class. */
async function routesInForce(db: Db, organisationId: OrganisationId, isClassed: boolean): Promise<DataRoute[]> {
  const rows = await db
    .selectFrom('deployments')
    .innerJoin('deployment_revisions', (join) =>
      join
        .onRef('deployment_revisions.deployment_id', '=', 'deployments.id')
        .onRef('deployment_revisions.revision', '=', 'deployments.revision'),
    )
    .innerJoin('versions', (join) =>
      join
        .onRef('versions.organisation_id', '=', 'deployments.organisation_id')
        .onRef('versions.name', '=', 'deployment_revisions.name')
        .onRef('versions.version', '=', 'deployment_revisions.version'),
    )
    .select(['versions.kind', 'versions.summary'])
    .where('deployments.organisation_id', '=', organisationId)
    .where('versions.kind', 'in', ROUTED)
    .$if(!isClassed, (select) => select.where(sql<boolean>`versions.summary like ${STATED}`))
    .execute()
  return rows.flatMap(({ kind, summary }) => dataRouteOf.get(kind)?.(fromJson(summary)) ?? [])
}

/** The way of data of the version, deployed or not. */
async function ownRoute(
  db: Db,
  organisationId: OrganisationId,
  { deployable, version }: Pick<Version, 'deployable' | 'version'>,
): Promise<DataRoute | undefined> {
  const row = await db
    .selectFrom('versions')
    .select(['kind', 'summary'])
    .where('organisation_id', '=', organisationId)
    .where('name', '=', deployable)
    .where('version', '=', version)
    .executeTakeFirst()
  return row && dataRouteOf.get(row.kind)?.(fromJson(row.summary))
}

/** The classes that count on a device: of its own connections before its site's, and those before the organisation's. */
function placesBy(connections: readonly ClassedRow[]): (device: DeviceRow) => DataPlace {
  const own = Map.groupBy(connections, ({ site_id, device_id }) => String(device_id ?? site_id ?? ''))
  return ({ id, site_id, site, site_clearance: clearance }) => {
    const there = [id, site_id, ''].flatMap((owner) => own.get(owner) ?? [])
    const classesOf = (wanted: ClassedRow['kind']) =>
      new Map(
        mostSpecific(there.filter(({ kind }) => kind === wanted)).flatMap(({ name, classes }) =>
          classes === undefined ? [] : [[name, classes] as const],
        ),
      )
    return {
      limit: { clearance, words: `the site ${site}` },
      sources: classesOf('source'),
      sinks: classesOf('sink'),
    }
  }
}
