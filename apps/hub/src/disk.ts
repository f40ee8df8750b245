/** Disk: how much may still be written beside the data folder. The database and the rest of the machine must go on working. */
import type { FileSystem } from '@skerry/platform/files/file-system'

export type Disk = {
  freeBytes(): Promise<number>
  /** Whether so many bytes can come without eating into the floor. */
  hasRoomFor(sizeBytes: number): Promise<boolean>
}

/** The one that holds `path`. */
export function createDisk(fileSystem: FileSystem, path: string, floorBytes: number): Disk {
  const freeBytes = () => fileSystem.freeBytes(path)
  return { freeBytes, hasRoomFor: async (sizeBytes) => (await freeBytes()) - sizeBytes >= floorBytes }
}
