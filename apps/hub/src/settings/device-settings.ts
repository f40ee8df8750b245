/** Device settings: the settings that count on a device, derived from the records at each call. */
import type { SettingsDocument } from '@skerry/contract/held/settings'
import type { Digest } from '@skerry/contract/values/digest'
import { type UnitedSettings, unitedSettings } from '@skerry/core/settings/layered-settings'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import type { Db } from '../store/store.ts'
import { layersAbout, type SettledDevice } from './settings-store.ts'

export type WantedSettings = UnitedSettings & {
  /** Undefined if there are none. */
  revision: Digest | undefined
}

/** The settings that count on the device. */
export async function wantedSettings(db: Db, device: SettledDevice): Promise<WantedSettings> {
  const united = unitedSettings(await layersAbout(db, device))
  return { ...united, revision: revisionOfSettings(united) }
}

/** The revision of the settings; undefined if there are none. */
export const revisionOfSettings = ({ settings }: Pick<UnitedSettings, 'settings'>): Digest | undefined =>
  Object.keys(settings).length === 0 ? undefined : digestOf(canonicalJson(settings))

/** A document without settings restores the command line's values, so it needs a revision too. */
const NONE = digestOf('no settings')

/** The document for a device that holds that revision; undefined if the device is up to date. */
export async function newSettings(
  db: Db,
  device: SettledDevice,
  held: string | undefined,
): Promise<SettingsDocument | undefined> {
  const { settings, revision = NONE } = await wantedSettings(db, device)
  if (revision === held || (held === undefined && revision === NONE)) return undefined
  return { v: 1, deviceId: device.id, revision, settings }
}

/** Compares the report of a device with its target. */
export function stateOf(
  { revision }: Pick<WantedSettings, 'revision'>,
  held: string | undefined,
): 'current' | 'behind' | 'none' {
  if (revision === undefined) return held === undefined || held === NONE ? 'none' : 'behind'
  return revision === held ? 'current' : 'behind'
}
