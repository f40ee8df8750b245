/** Settings store: the settings of places as records, and the reports of devices on theirs. */
import type { HeldSettings } from '@skerry/contract/held/settings'
import type { DeviceSettings, SettingsLayer } from '@skerry/contract/settings/device-settings'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { sql } from 'kysely'
import type { HeldPlace } from '../held/held-document.ts'
import { ORGANISATION, ownerKey, type SecretOwner } from '../secrets/secret-store.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { SettingsLayerTable } from '../store/tables/devices/settings-tables.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'

type LayerRow = SettingsLayerTable & { site: string | null; device: string | null }

const layers = (db: Db, organisationId: OrganisationId) =>
  db
    .selectFrom('settings_layers')
    .leftJoin('sites', 'sites.id', 'settings_layers.site_id')
    .leftJoin('devices', 'devices.id', 'settings_layers.device_id')
    .selectAll('settings_layers')
    .select(['sites.name as site', 'devices.name as device'])
    .where('settings_layers.organisation_id', '=', organisationId)

export type OwnedLayer = SettingsLayer & { owner: string }

type LayerPage = { organisationId: OrganisationId; limit: number; after: string | undefined }

/** One page of the settings of all places, by owner. */
export async function listLayers(db: Db, { organisationId, limit, after }: LayerPage): Promise<OwnedLayer[]> {
  const rows = await layers(db, organisationId)
    .$if(after !== undefined, (select) => select.where('settings_layers.owner', '>', after ?? ''))
    .orderBy('settings_layers.owner')
    .limit(limit)
    .execute()
  return rows.map(layerOf)
}

/** The settings of the owner; undefined if there are none. */
export async function findLayer(
  db: Db,
  organisationId: OrganisationId,
  owner: SecretOwner,
): Promise<SettingsLayer | undefined> {
  const row = await layers(db, organisationId).where('settings_layers.owner', '=', ownerKey(owner)).executeTakeFirst()
  return row && withoutOwner(layerOf(row))
}

export const withoutOwner = ({ owner: _, ...layer }: OwnedLayer): SettingsLayer => layer

export type SettledDevice = Pick<DeviceTable, 'id' | 'organisation_id' | 'site_id'>

/** The settings that may count on the device: its own, its site's, and the organisation's. */
export async function layersAbout(db: Db, { id, organisation_id, site_id }: SettledDevice): Promise<OwnedLayer[]> {
  const rows = await layers(db, organisation_id)
    .where('settings_layers.owner', 'in', [id, site_id, ORGANISATION])
    .execute()
  return rows.map(layerOf)
}

/** All settings of the organisation: at most one row for each place that has its own. */
export async function allLayers(db: Db, organisationId: OrganisationId): Promise<OwnedLayer[]> {
  return (await layers(db, organisationId).execute()).map(layerOf)
}

type SavedLayer = {
  organisationId: OrganisationId
  owner: SecretOwner
  settings: DeviceSettings
  nowMs: number
  by: string
}

/** Inserts the settings at revision 1, or replaces the given ones. */
export async function saveLayer(tx: Tx, current: SettingsLayer | undefined, saved: SavedLayer): Promise<void> {
  const { organisationId, owner, settings, nowMs, by } = saved
  const changed = {
    settings: toJson(settings),
    revision: (current?.revision ?? 0) + 1,
    changed_at_ms: nowMs,
    changed_by: by,
  }
  await tx
    .insertInto('settings_layers')
    .values({ organisation_id: organisationId, owner: ownerKey(owner), ...owner, created_at_ms: nowMs, ...changed })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'owner']).doUpdateSet(changed))
    .execute()
}

export const deleteLayer = (tx: Tx, organisationId: OrganisationId, owner: SecretOwner) =>
  tx
    .deleteFrom('settings_layers')
    .where('organisation_id', '=', organisationId)
    .where('owner', '=', ownerKey(owner))
    .execute()

export type SaidSettings = HeldSettings & { saidAtMs: number }

/** The newest report of the device on its settings. */
export async function saidOf(db: Db, deviceId: DeviceId): Promise<SaidSettings | undefined> {
  const row = await db.selectFrom('device_settings').selectAll().where('device_id', '=', deviceId).executeTakeFirst()
  if (!row) return undefined
  const revision = (row.revision ?? undefined) as HeldSettings['revision']
  return { ...fromJson(row.said), revision, saidAtMs: Number(row.said_at_ms) }
}

/** A report with a value of a batch has this text. Texts inside the report have escaped quotes. */
const OVERRIDES = '%"overrides":[{%'

/** The reported revisions by device, and the devices with values that a batch has set. */
export async function revisionsSaid(
  db: Db,
  organisationId: OrganisationId,
): Promise<{ revisions: ReadonlyMap<string, string>; overridden: ReadonlySet<string> }> {
  const said = db.selectFrom('device_settings').where('organisation_id', '=', organisationId)
  const rows = await said.select(['device_id', 'revision']).execute()
  const overridden = await said.select('device_id').where(sql<boolean>`said like ${OVERRIDES}`).execute()
  return {
    revisions: new Map(rows.flatMap(({ device_id, revision }) => (revision === null ? [] : [[device_id, revision]]))),
    overridden: new Set(overridden.map(({ device_id }) => device_id)),
  }
}

/** Stores the report of the device, and its facts where selectors find them. */
export async function keepSaid(
  tx: Tx,
  { deviceId, organisationId }: HeldPlace,
  { revision, ...said }: HeldSettings,
  nowMs: number,
): Promise<void> {
  const row = { revision: revision ?? null, said: toJson(said), said_at_ms: nowMs }
  await tx
    .insertInto('device_settings')
    .values({ device_id: deviceId, organisation_id: organisationId, ...row })
    .onConflict((conflict) => conflict.column('device_id').doUpdateSet(row))
    .execute()
  await tx
    .updateTable('devices')
    .set({ facts: toJson(factValues(said)) })
    .where('id', '=', deviceId)
    .execute()
}

/** The facts that have a value, by name. */
export const factValues = ({ facts }: Pick<HeldSettings, 'facts'>): Record<string, string> =>
  Object.fromEntries(facts.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])))

function layerOf({ site, device, ...row }: LayerRow): OwnedLayer {
  return {
    owner: row.owner,
    scope: device === null ? (site === null ? ORGANISATION : `site:${site}`) : `device:${device}`,
    settings: fromJson(row.settings),
    revision: row.revision,
    createdAtMs: Number(row.created_at_ms),
    changedAtMs: Number(row.changed_at_ms),
    changedBy: row.changed_by,
  }
}
