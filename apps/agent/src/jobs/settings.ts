/** Settings: what a batch has set, over the command line, kept in the store and in force at once. */
import type { AgentConfiguration } from '@skerry/contract/batches/batch-command'
import type { LevelledLog } from '@skerry/platform/process/log'
import type { AgentOptions } from '../options.ts'
import type { AgentStore } from '../store/agent-store.ts'

export type Settings = {
  /** So much of the disk stays free whatever arrives. */
  diskFloorBytes(): number
  /** Reports that tell nothing new come no more often. */
  reportIntervalMinMs(): number
  logLevel(): AgentOptions['logLevel']
  /** Keeps it; what is not named stays as it is, and null is as the command line says. Gives what is kept then. */
  change(configuration: AgentConfiguration): AgentConfiguration
}

/** The device stops taking bytes while so little of the disk is left: its records and the rest of the machine must go on working. */
const DISK_FLOOR_MB = 256

/** In force from now on. */
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
