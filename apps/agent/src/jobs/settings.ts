/**
 * Settings: the configuration that a batch has set counts before the settings of the device's places
 * (settings/setting-keeper.ts), and these before the command line. All apply at once.
 */
import type { AgentConfiguration } from '@skerry/contract/batches/batch-command'
import { type DeviceSettings, type Override, PLAIN_SETTINGS } from '@skerry/contract/settings/device-settings'
import type { DownloadLimits } from '@skerry/core/settings/download-limits'
import type { LevelledLog } from '@skerry/platform/process/log'
import type { AgentOptions } from '../options.ts'
import type { AgentStore } from '../store/agent-store.ts'

export type Settings = {
  /** This many bytes of the disk stay free, even during transfers. */
  diskFloorBytes(): number
  /** The shortest time between reports without news. */
  reportIntervalMinMs(): number
  logLevel(): AgentOptions['logLevel']
  /** The limits of the device's places on the files that it fetches. */
  downloadLimits(): DownloadLimits
  /** The caches of the device's site, as the setting names them. */
  siteCaches(): readonly string[]
  /**
   * Stores the configuration. A missing field stays unchanged, and null restores the command line's value. Returns the
   * stored configuration.
   */
  change(configuration: AgentConfiguration): AgentConfiguration
  /** From now on, these settings of the device's places count. */
  usePlace(place: PlaceSettings): void
  /** Called when a batch has changed the configuration. */
  onChange(listener: () => void): void
  /** The values that a batch has set, by name. */
  overrides(): Override[]
}

/** The settings of places that replace arguments of the command line. */
export type PlaceSettings = Pick<
  DeviceSettings,
  'logLevel' | 'reportIntervalMinSeconds' | 'diskFreeMinMb' | 'downloadMbPerDay' | 'downloadRates' | 'siteCaches'
>

/**
 * Below this free space, the device accepts no more bytes: its records and the rest of the machine must go on working.
 */
const DISK_FLOOR_MB = 256

/** Applies the settings from now on. */
export function createSettings(
  store: Pick<AgentStore, 'configuration' | 'saveConfiguration'>,
  { logLevel }: Pick<AgentOptions, 'logLevel'>,
  log: Pick<LevelledLog, 'setLevel'>,
): Settings {
  const now = () => store.configuration()
  let place: PlaceSettings = {}
  const changes = new EventTarget()
  const levelNow = () => now().logLevel ?? place.logLevel ?? logLevel
  log.setLevel(levelNow())
  return {
    diskFloorBytes: () => (now().diskFreeMinMb ?? place.diskFreeMinMb ?? DISK_FLOOR_MB) * 1024 * 1024,
    reportIntervalMinMs: () => (now().reportIntervalMinSeconds ?? place.reportIntervalMinSeconds ?? 0) * 1_000,
    logLevel: levelNow,
    downloadLimits: () => ({ mbPerDay: place.downloadMbPerDay, rates: place.downloadRates ?? [] }),
    siteCaches: () => place.siteCaches ?? [],
    change(configuration) {
      const merged = Object.entries({ ...now(), ...configuration })
      store.saveConfiguration(Object.fromEntries(merged.filter(([, value]) => value !== null && value !== undefined)))
      log.setLevel(levelNow())
      changes.dispatchEvent(new Event('change'))
      return now()
    },
    onChange: (listener) => changes.addEventListener('change', listener),
    usePlace(next) {
      place = next
      log.setLevel(levelNow())
    },
    overrides: () => {
      const set = new Map(Object.entries(now()))
      return PLAIN_SETTINGS.flatMap((setting) => {
        const value = set.get(setting) ?? undefined
        return value === undefined ? [] : [{ setting, value: String(value) }]
      })
    },
  }
}
