/** Handlers of the procedures on the settings of devices. */
import {
  type DeviceSettings,
  SETTINGS_NAMES_MAX,
  type SettingOrigin,
  type SettingsLayer,
  type SettingsOnDevice,
  type SettingsScope,
} from '@skerry/contract/settings/device-settings'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { type Layer, unitedSettings } from '@skerry/core/settings/layered-settings'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { findDevice } from '../devices/device-store.ts'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem, unknownName } from '../http/problem.ts'
import { ORGANISATION, ownerKey, ownerOf, type SecretOwner } from '../secrets/secret-store.ts'
import type { Db } from '../store/store.ts'
import { stateOf, wantedSettings } from './device-settings.ts'
import { settingsDrift } from './settings-drift.ts'
import {
  allLayers,
  deleteLayer,
  findLayer,
  listLayers,
  type OwnedLayer,
  type SaidSettings,
  saidOf,
  saveLayer,
  withoutOwner,
} from './settings-store.ts'

export const settingsHandlers = {
  list: os.settings.list.handler(async ({ context: { hub, organisationId }, input: { limit, after } }) => {
    const page = pageFrom(
      await listLayers(hub.store.db, { organisationId, limit: limit + 1, after }),
      limit,
      ({ owner }) => owner,
    )
    return { ...page, rows: page.rows.map(withoutOwner) }
  }),
  get: os.settings.get.handler(async ({ context: { hub, organisationId }, input }) => {
    const { db } = hub.store
    const owner = await ownerOf(db, organisationId, input.settings)
    const layer = owner && (await findLayer(db, organisationId, owner))
    if (!layer) throw problem('settings_unknown')
    return layer
  }),
  plan: os.settings.plan.handler(async ({ context: { hub, organisationId }, input: { settings: scope, spec } }) => {
    const { db } = hub.store
    const owner = await knownOwner(db, organisationId, scope)
    refuseWrongPlace(scope, spec)
    const current = await findLayer(db, organisationId, owner)
    const { changed, unaffected, drift } = await devicesChanged(db, { organisationId, owner, scope, spec })
    const devices = { count: changed.length, names: changed.slice(0, SETTINGS_NAMES_MAX) }
    return { change: PLANNED[changeOf(current, spec)], devices, unaffected, drift }
  }),
  set: os.settings.set.handler(async ({ context, input: { settings: scope, spec } }) => {
    const { hub, organisationId } = context
    const set = await setLayer(context, scope, spec)
    if (set.change !== 'unchanged') hub.bus.publish('settings.changed', organisationId)
    return set
  }),
  ofDevice: os.settings.ofDevice.handler(async ({ context: { hub, organisationId }, input }) => {
    const { db } = hub.store
    const device = await findDevice(db, organisationId, input.device)
    if (!device) throw unknownName('device_unknown', input.device)
    const wanted = await wantedSettings(db, device)
    const said = await saidOf(db, device.id)
    return {
      device: device.name,
      origins: withOverrides(wanted.origins, said),
      state: stateOf(wanted, said?.revision),
      facts: said?.facts ?? [],
      checks: said?.checks ?? [],
      ...readingsOf(said),
      ...(said && { saidAtMs: said.saidAtMs }),
    }
  }),
}

/** The results of the settings that change the machine or its way to the hub. */
function readingsOf(said: SaidSettings | undefined): Pick<SettingsOnDevice, 'system'> {
  const system = [...(said?.system ?? []), ...(said?.proxy ? [said.proxy] : [])]
  return system.length > 0 ? { system } : {}
}

/** All devices of the place would get one host name, and a site has one budget. */
function refuseWrongPlace(scope: SettingsScope, { hostName, siteDownloadMbPerDay }: DeviceSettings): void {
  if (hostName !== undefined && !scope.startsWith('device:'))
    throw problem('input_invalid', 'hostName belongs to one device; set it for device:NAME')
  if (siteDownloadMbPerDay !== undefined && scope.startsWith('device:'))
    throw problem('input_invalid', 'siteDownloadMbPerDay belongs to a site; set it for site:NAME or the organisation')
}

type Change = 'created' | 'updated' | 'removed' | 'unchanged'

const PLANNED = { created: 'create', updated: 'update', removed: 'remove', unchanged: 'none' } as const

const isNone = (spec: DeviceSettings) => Object.values(spec).every((value) => value === undefined)

function changeOf(current: SettingsLayer | undefined, spec: DeviceSettings): Change {
  if (isNone(spec)) return current ? 'removed' : 'unchanged'
  if (!current) return 'created'
  return canonicalJson(current.settings) === canonicalJson(spec) ? 'unchanged' : 'updated'
}

async function setLayer(context: KeyCall, scope: SettingsScope, spec: DeviceSettings) {
  const { hub, organisationId, caller } = context
  return context.change(async (tx, note) => {
    const owner = await knownOwner(tx, organisationId, scope)
    refuseWrongPlace(scope, spec)
    const current = await findLayer(tx, organisationId, owner)
    const change = changeOf(current, spec)
    note.object.id = scope
    note.detail = { change, settings: spec }
    if (change === 'removed') await deleteLayer(tx, organisationId, owner)
    else if (change !== 'unchanged') {
      const saved = { organisationId, owner, settings: spec, nowMs: hub.clock.nowMs(), by: caller.name }
      await saveLayer(tx, current, saved)
    }
    const layer = await findLayer(tx, organisationId, owner)
    return { change, ...(layer && { layer }) }
  })
}

async function knownOwner(db: Db, organisationId: OrganisationId, scope: SettingsScope): Promise<SecretOwner> {
  const owner = await ownerOf(db, organisationId, scope)
  if (!owner) throw problem(scope.startsWith('site:') ? 'site_unknown' : 'device_unknown')
  return owner
}

type Planned = { organisationId: OrganisationId; owner: SecretOwner; scope: SettingsScope; spec: DeviceSettings }

/** The devices in the scope whose united settings differ with the change, and the state of all devices there. */
async function devicesChanged(db: Db, { organisationId, owner, scope, spec }: Planned) {
  const before = new Map((await allLayers(db, organisationId)).map((layer) => [layer.owner, layer]))
  const after = new Map<string, Layer>(before).set(ownerKey(owner), { scope, settings: spec })
  const devices = await db
    .selectFrom('devices')
    .select(['id', 'site_id', 'name'])
    .where('organisation_id', '=', organisationId)
    .where('status', '!=', 'revoked')
    .$if(owner.site_id !== null, (select) => select.where('site_id', '=', owner.site_id ?? ('' as never)))
    .$if(owner.device_id !== null, (select) => select.where('id', '=', owner.device_id ?? ('' as never)))
    .orderBy('name')
    .execute()
  const textOf = (layers: ReadonlyMap<string, Layer | OwnedLayer>, owners: readonly string[]) =>
    canonicalJson(unitedSettings(owners.flatMap((each) => layers.get(each) ?? [])).settings)
  const changed = devices.filter(({ id, site_id }) => {
    const owners = [id, site_id, ORGANISATION]
    return textOf(before, owners) !== textOf(after, owners)
  })
  const drift = await settingsDrift(db, organisationId, { devices, layers: before })
  return { changed: changed.map(({ name }) => name), unaffected: devices.length - changed.length, drift }
}

/** A batch command on the device wins over the settings of its places, and people must see it. */
function withOverrides(origins: readonly SettingOrigin[], said: SaidSettings | undefined): SettingOrigin[] {
  const overrides = new Map<string, string>((said?.overrides ?? []).map(({ setting, value }) => [setting, value]))
  return origins.map((origin) => {
    const overriddenBy = overrides.get(origin.setting)
    return overriddenBy === undefined ? origin : { ...origin, overriddenBy }
  })
}
