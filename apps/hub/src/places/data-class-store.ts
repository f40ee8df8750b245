/** Data class store: the classes of sources and sinks as rows, beside the connections that state them. */
import type { ConnectionKind } from '@skerry/contract/connections/connection'
import type { DataClasses } from '@skerry/contract/connections/data-classes'
import type { ConnectionId, DeviceId, OrganisationId, SiteId } from '@skerry/contract/values/ids'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'

/** A connection of a name that somebody has classified. */
export type ClassedRow = {
  kind: ConnectionKind
  name: string
  site_id: SiteId | null
  device_id: DeviceId | null
  /** Undefined if this one is not classified, and only others of its name are. */
  classes: DataClasses | undefined
}

type Kept = { id: ConnectionId; organisationId: OrganisationId; classes: DataClasses | undefined }

/** Stores the classes of the connection in place of the ones before. */
export async function keepClasses(tx: Tx, { id, organisationId, classes }: Kept): Promise<void> {
  await tx.deleteFrom('connection_classes').where('connection_id', '=', id).execute()
  if (!classes) return
  const row = { connection_id: id, organisation_id: organisationId, classes: toJson(classes) }
  await tx.insertInto('connection_classes').values(row).execute()
}

/**
 * The classified connections, and those of the same names, because a more specific one without classes counts instead
 * of one with classes.
 */
export async function classedConnections(db: Db, organisationId: OrganisationId): Promise<ClassedRow[]> {
  const classed = await db
    .selectFrom('connection_classes')
    .innerJoin('connections', 'connections.id', 'connection_classes.connection_id')
    .select(['connections.id', 'connections.name', 'connection_classes.classes'])
    .where('connection_classes.organisation_id', '=', organisationId)
    .execute()
  if (classed.length === 0) return []
  const classesOf = new Map(classed.map(({ id, classes }) => [id, fromJson(classes)]))
  const rows = await db
    .selectFrom('connections')
    .select(['id', 'kind', 'name', 'site_id', 'device_id'])
    .where('organisation_id', '=', organisationId)
    .where('name', 'in', [...new Set(classed.map(({ name }) => name))])
    .execute()
  return rows.map(({ id, ...row }) => ({ ...row, classes: classesOf.get(id) }))
}
