/** Updater: how an agent brings its machine to one version of an operating system. A folder for each format. */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { DriverAnswer } from '../driver.ts'

export type Updater = {
  /** The file of a version that this updater installs. */
  mainFile: string
  /** Downloads and checks all that the version needs. The running system does not change. */
  prepare(item: DesiredItem, text: string, signal: AbortSignal): Promise<DriverAnswer>
  /** Brings the machine to the version. A repetition after a kill, or after the restart of the machine, changes nothing. */
  install(item: DesiredItem, text: string, signal: AbortSignal): Promise<DriverAnswer>
  /** The version passed its probation: there is no way back from it by itself. */
  settle(item: DesiredItem): Promise<void>
  /** Brings back the state from before the version, if the version has not passed its probation. */
  giveBack(item: DesiredItem, signal: AbortSignal): Promise<DriverAnswer>
}
