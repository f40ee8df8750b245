/**
 * Stopped apps: the apps that a person has stopped on this device. They stay stopped over restarts of the agent, the
 * engine and the machine, until a person starts them, or a deployment brings another release.
 */
import { Name } from '@skerry/contract/values/names'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import * as z from 'zod'

export type StoppedApps = {
  has(name: string): boolean
  /** The app is stopped from now on. On the disk before it returns. */
  add(name: string): Promise<void>
  /** Does nothing for an app that is not stopped. */
  remove(name: string): Promise<void>
}

/** A driver that has read nothing yet knows of none. */
export const noStoppedApps: StoppedApps = {
  has: () => false,
  add: async () => undefined,
  remove: async () => undefined,
}

const Stored = z.array(Name)

/** A damaged file means that no app is stopped: an app that runs is the usual state. */
export async function openStoppedApps(fileSystem: FileSystem, path: string): Promise<StoppedApps> {
  const bytes = await fileSystem.readFile(path)
  const names = new Set<string>(bytes && namesIn(Buffer.from(bytes).toString('utf8')))
  const write = () => writeAtomic(fileSystem, path, JSON.stringify([...names]))
  return {
    has: (name) => names.has(name),
    async add(name) {
      names.add(name)
      await write()
    },
    async remove(name) {
      if (names.delete(name)) await write()
    },
  }
}

function namesIn(text: string): string[] {
  try {
    return Stored.safeParse(JSON.parse(text)).data ?? []
  } catch {
    return []
  }
}
