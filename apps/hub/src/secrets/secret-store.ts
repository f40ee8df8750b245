/** Secret store: secrets as records; their values are encrypted (encryption/vault.ts). */

import {
  HUB_SCOPE,
  SECRET_VERSIONS_SHOWN,
  type Secret,
  type SecretScope,
  type SecretVersion,
} from '@skerry/contract/secrets/secret'
import type { DeviceId, OrganisationId, SecretId, SiteId } from '@skerry/contract/values/ids'
import type { Db, Tx } from '../store/store.ts'
import type { SecretTable } from '../store/tables/secret-tables.ts'

/** The owner of a secret: the organisation, a site, or a device. */
export type SecretOwner = { site_id: SiteId | null; device_id: DeviceId | null }

/** The name of the organisation as an owner in the column. */
export const ORGANISATION = 'organisation'

/** The name of the owner in the column `owner`. */
export const ownerKey = ({ site_id, device_id }: SecretOwner): string => device_id ?? site_id ?? ORGANISATION

/** The name of the owner that a scope names. */
export const scopeKey = (scope: SecretScope, owner: SecretOwner): string =>
  scope === HUB_SCOPE ? HUB_SCOPE : ownerKey(owner)

/** The owner that a scope names; undefined if the organisation has no such site or device. */
export async function ownerOf(
  db: Db,
  organisationId: OrganisationId,
  scope: SecretScope,
): Promise<SecretOwner | undefined> {
  const [kind, name = ''] = scope.split(':')
  if (kind === ORGANISATION || kind === HUB_SCOPE) return { site_id: null, device_id: null }
  const table = kind === 'site' ? 'sites' : 'devices'
  const row = await db
    .selectFrom(table)
    .select('id')
    .where('organisation_id', '=', organisationId)
    .where('name', '=', name)
    .executeTakeFirst()
  if (!row) return undefined
  if (kind === 'site') return { site_id: row.id as SiteId, device_id: null }
  return { site_id: null, device_id: row.id as DeviceId }
}

/** A secret, with the names of its scope. */
export type SecretRow = SecretTable & { site: string | null; device: string | null }

const secrets = (db: Db, organisationId: OrganisationId) =>
  db
    .selectFrom('secrets')
    .leftJoin('sites', 'sites.id', 'secrets.site_id')
    .leftJoin('devices', 'devices.id', 'secrets.device_id')
    .selectAll('secrets')
    .select(['sites.name as site', 'devices.name as device'])
    .where('secrets.organisation_id', '=', organisationId)

export type SecretPage = {
  organisationId: OrganisationId
  limit: number
  after: SecretId | undefined
  owner: string | undefined
  name: string | undefined
}

/** One page of secrets, by id, because names are not unique. */
export function listSecrets(db: Db, { organisationId, limit, after, owner, name }: SecretPage): Promise<SecretRow[]> {
  return secrets(db, organisationId)
    .$if(after !== undefined, (select) => select.where('secrets.id', '>', after as SecretId))
    .$if(owner !== undefined, (select) => select.where('secrets.owner', '=', owner ?? ''))
    .$if(name !== undefined, (select) => select.where('secrets.name', '=', name ?? ''))
    .orderBy('secrets.id')
    .limit(limit)
    .execute()
}

/** The secret of the id; undefined if the organisation has none. */
export function findSecret(db: Db, organisationId: OrganisationId, id: SecretId): Promise<SecretRow | undefined> {
  return secrets(db, organisationId).where('secrets.id', '=', id).executeTakeFirst()
}

/** All secrets that may count on the device: its own, its site's, and the organisation's. */
export function secretsAbout(
  db: Db,
  { id, organisation_id, site_id }: { id: DeviceId; organisation_id: OrganisationId; site_id: SiteId },
): Promise<SecretRow[]> {
  return secrets(db, organisation_id).where('secrets.owner', 'in', [id, site_id, ORGANISATION]).execute()
}

/** A secret that the hub itself uses; undefined if the organisation has none of the name. */
export async function findHubSecret(
  db: Db,
  organisationId: OrganisationId,
  name: string,
): Promise<SecretRow | undefined> {
  const [row] = await listSecrets(db, { organisationId, limit: 1, after: undefined, owner: HUB_SCOPE, name })
  return row
}

/** The number and the total size of the other secrets of the same owner. */
export async function othersOf(
  db: Db,
  organisationId: OrganisationId,
  { owner, name }: { owner: string; name: string },
) {
  const { count, bytes } = await db
    .selectFrom('secrets')
    .select(({ fn }) => [fn.countAll<number>().as('count'), fn.sum<number | null>('size_bytes').as('bytes')])
    .where('organisation_id', '=', organisationId)
    .where('owner', '=', owner)
    .where('name', '!=', name)
    .executeTakeFirstOrThrow()
  return { count: Number(count), bytes: Number(bytes ?? 0) }
}

/** Replaces the value by a newer one, and records that it was set. */
export async function saveSecret(tx: Tx, row: SecretTable): Promise<void> {
  const { value, version, size_bytes, updated_at_ms, updated_by } = row
  await tx
    .insertInto('secrets')
    .values(row)
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({ value, version, size_bytes, updated_at_ms, updated_by }),
    )
    .execute()
  const set = { version, size_bytes, set_at_ms: updated_at_ms, set_by: updated_by }
  await tx
    .insertInto('secret_versions')
    .values({ secret_id: row.id, ...set })
    .execute()
  await tx
    .deleteFrom('secret_versions')
    .where('secret_id', '=', row.id)
    .where('version', '<=', version - SECRET_VERSIONS_SHOWN)
    .execute()
}

/** Replaces the ciphertext of the same value. */
export async function saveCiphertext(tx: Tx, id: SecretId, value: string): Promise<void> {
  await tx.updateTable('secrets').set({ value }).where('id', '=', id).execute()
}

/** Removes a secret with its history. */
export async function deleteSecret(tx: Tx, id: SecretId): Promise<void> {
  await tx.deleteFrom('secrets').where('id', '=', id).execute()
}

/** The author and the time of each value, newest first. */
export async function versionsOf(db: Db, id: SecretId): Promise<SecretVersion[]> {
  const rows = await db
    .selectFrom('secret_versions')
    .selectAll()
    .where('secret_id', '=', id)
    .orderBy('version', 'desc')
    .limit(SECRET_VERSIONS_SHOWN)
    .execute()
  return rows.map(({ version, size_bytes, set_at_ms, set_by }) => ({
    version,
    sizeBytes: size_bytes,
    setAtMs: set_at_ms,
    setBy: set_by,
  }))
}

/** The fields that the API may show. */
export const secretOf = (row: SecretRow): Secret => ({
  id: row.id,
  name: row.name,
  scope: scopeOf(row),
  version: row.version,
  sizeBytes: row.size_bytes,
  createdAtMs: row.created_at_ms,
  updatedAtMs: row.updated_at_ms,
  updatedBy: row.updated_by,
})

function scopeOf({ owner, site, device }: SecretRow): SecretScope {
  if (owner === HUB_SCOPE) return HUB_SCOPE
  if (device !== null) return `device:${device}`
  return site === null ? ORGANISATION : `site:${site}`
}
