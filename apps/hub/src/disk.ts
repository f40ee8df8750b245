/** Disk: limits the writes beside the data folder. The database and the rest of the machine must continue to work. */
import type { FileSystem } from '@skerry/platform/files/file-system'

export type Disk = {
  freeBytes(): Promise<number>
  /** Whether the bytes fit above the reserved free space. */
  hasRoomFor(sizeBytes: number): Promise<boolean>
}

/** The disk that holds `path`. */
export function createDisk(fileSystem: FileSystem, path: string, floorBytes: number): Disk {
  const freeBytes = () => fileSystem.freeBytes(path)
  return { freeBytes, hasRoomFor: async (sizeBytes) => (await freeBytes()) - sizeBytes >= floorBytes }
}
