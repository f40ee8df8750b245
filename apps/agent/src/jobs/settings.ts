/**
 * Settings: the configuration that a batch has set, which overrides the command line. It is stored, and applies at
 * once.
 */
import type { AgentConfiguration } from '@skerry/contract/batches/batch-command'
import type { LevelledLog } from '@skerry/platform/process/log'
import type { AgentOptions } from '../options.ts'
import type { AgentStore } from '../store/agent-store.ts'

export type Settings = {
  /** This many bytes of the disk stay free, even during transfers. */
  diskFloorBytes(): number
  /** The shortest time between reports without news. */
  reportIntervalMinMs(): number
  logLevel(): AgentOptions['logLevel']
  /**
   * Stores the configuration. A missing field stays unchanged, and null restores the command line's value. Returns the
   * stored configuration.
   */
  change(configuration: AgentConfiguration): AgentConfiguration
}

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
  const levelNow = () => now().logLevel ?? logLevel
  log.setLevel(levelNow())
  return {
    diskFloorBytes: () => (now().diskFreeMinMb ?? DISK_FLOOR_MB) * 1024 * 1024,
    reportIntervalMinMs: () => (now().reportIntervalMinSeconds ?? 0) * 1_000,
    logLevel: levelNow,
    change(configuration) {
      const merged = Object.entries({ ...now(), ...configuration })
      store.saveConfiguration(Object.fromEntries(merged.filter(([, value]) => value !== null && value !== undefined)))
      log.setLevel(levelNow())
      return now()
    },
  }
}
