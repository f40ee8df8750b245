/**
 * Wipe: deletes everything that this device has of its hub: models, keys, secrets, records, identity. It is written down first, so that it goes
 * on at the next start wherever it was cut, and last, so that this folder does not become a device again by itself.
 *
 *     order → begun (on disk) → told to the hub → everything is put away → deleted → done (on disk)
 */
import { join } from 'node:path'
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import { destroyFile } from '@skerry/platform/files/destroy-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import * as z from 'zod'
import { SEALED_KEY_FILE } from '../joining/device-key.ts'
import { destroyModelKey } from '../sealing/model-key.ts'

const FILE = 'wiped.json'

/** What stays: the record itself, and the lock, which is held and empty. */
const KEPT = [FILE, 'lock.sqlite', 'lock.sqlite-journal']

const WipeRecord = z.object({ v: z.literal(1), state: z.enum(['begun', 'done']) })

export type WipeState = z.infer<typeof WipeRecord>['state'] | 'none'

export type Wipe = {
  state(): Promise<WipeState>
  /** From here on there is no way back. */
  begin(): Promise<void>
  /** Deletes all else in the folder, in which nobody works any more, and what `elsewhere` deletes. Called again, it goes on. */
  finish(elsewhere: () => Promise<void>): Promise<void>
}

/** What the agent says of a folder that was wiped. */
export const WIPED =
  'the hub has wiped this device; to join this computer again, start it with an empty folder (--data) and --join TOKEN'

/** Of the agent's data folder. */
export function openWipe(fileSystem: FileSystem, folder: string): Wipe {
  const path = join(folder, FILE)
  const write = (state: 'begun' | 'done') => writeAtomic(fileSystem, path, JSON.stringify({ v: 1, state }))
  return {
    async state() {
      const bytes = await readIfPresent(fileSystem, path)
      return bytes === undefined ? 'none' : stateOf(Buffer.from(bytes).toString('utf8'))
    },
    begin: () => write('begun'),
    async finish(elsewhere) {
      const names = (await fileSystem.list(folder)).filter((name) => !KEPT.includes(name))
      // Its models cannot be read from here on; then the key: without it, nothing that is left speaks for the device.
      await destroyModelKey(fileSystem, folder)
      await destroyFile(fileSystem, join(folder, SEALED_KEY_FILE))
      for (const name of names.toSorted((a, b) => rankOf(a) - rankOf(b)))
        await fileSystem.removeTree(join(folder, name))
      await fileSystem.syncFolder(folder)
      await elsewhere()
      await write('done')
    },
  }
}

const FIRST = ['device-key.pem', 'identity.json', 'join-token', 'agent.sqlite', 'agent.sqlite-wal']

const rankOf = (name: string) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length)

/** One that cannot be read was whole when it was written here: somebody changed it since, and that is no reason to spare the rest. */
function stateOf(text: string): WipeState {
  try {
    return WipeRecord.parse(JSON.parse(text)).state
  } catch {
    return 'begun'
  }
}
