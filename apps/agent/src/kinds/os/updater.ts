/** Updater: how an agent brings its machine to one version of an operating system. A folder for each format. */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { DriverAnswer } from '../driver.ts'

/** The plain bytes of a file of the version; nothing if it has no such file. */
export type ReadVersionFile = (path: string) => AsyncIterable<Uint8Array>

export type Updater = {
  /** The file of a version that this updater installs. */
  mainFile: string
  /** Called once when the agent starts. An answer with `waitMs` asks for another call. */
  start?(signal: AbortSignal): Promise<DriverAnswer>
  /** The digest of the version on trial, which the machine may run already; undefined if there is none. */
  onTrial(): Promise<string | undefined>
  /** The digest of the version on trial, if the machine has restarted into it, or has tried to. */
  restartedTrial(): Promise<string | undefined>
  /** Downloads and checks all that the version needs. The running system does not change. */
  prepare(item: DesiredItem, read: ReadVersionFile, signal: AbortSignal): Promise<DriverAnswer>
  /**
   * Brings the machine to a prepared version. A repetition after a kill, or after the restart of the machine, continues.
   */
  install(item: DesiredItem, signal: AbortSignal): Promise<DriverAnswer>
  /** The version passed its probation: there is no way back from it by itself. */
  settle(item: DesiredItem, signal: AbortSignal): Promise<void>
  /** Brings back the state from before the version, if the version has not passed its probation. */
  giveBack(item: DesiredItem, signal: AbortSignal): Promise<DriverAnswer>
}

/** The text of a small file of a version. */
export async function versionText(read: ReadVersionFile, path: string): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of read(path)) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces).toString('utf8')
}
