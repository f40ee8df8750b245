/** Signed in: a fake hub, and the environment of its owner at a command line. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OWNER_KEY } from '../fake-hub/fake-data.ts'
import { type FakeHub, openFakeHub } from '../fake-hub/fake-hub.ts'
import { openTestFolder, type TestFolder } from './cli.ts'

export type SignedIn = AsyncDisposable & {
  hub: FakeHub
  /** The owner's home, with nothing in it but the hub's authority. */
  folder: TestFolder
  env: Record<string, string>
}

/** Opens both. */
export async function openSignedIn(): Promise<SignedIn> {
  const hub = await openFakeHub()
  const folder = await openTestFolder()
  const authorityPath = join(folder.path, 'ca.pem')
  await writeFile(authorityPath, hub.caPem)
  return {
    hub,
    folder,
    env: { SKERRY_HOME: folder.path, SKERRY_HUB: hub.url, SKERRY_KEY: OWNER_KEY, SKERRY_CA_FILE: authorityPath },
    async [Symbol.asyncDispose]() {
      await hub[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}
