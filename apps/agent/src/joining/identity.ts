/**
 * Identity: who this device is, and whom it trusts. Two files in the data folder, readable by their owner only: the private key
 * (device-key.ts), made before anything is asked of a hub, and what joining gave. Each is written whole or not at all, so that joining can be
 * cut anywhere.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { DeviceId } from '@skerry/contract/values/ids'
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import * as z from 'zod'

const Identity = z.strictObject({
  v: z.literal(1),
  deviceId: DeviceId,
  name: z.string(),
  hub: z.url(),
  /** PEM, all of them. */
  certificate: z.string(),
  ca: z.string(),
  trustedKeys: z.array(z.string()).min(1),
  /** SHA-256 of the token that the device joined with: the same token again is no wish to join again. */
  joinedWith: z.string(),
})
export type Identity = z.infer<typeof Identity>

const IDENTITY_FILE = 'identity.json'
const TOKEN_FILE = 'join-token'
const OWNER_ONLY = 0o600

/** `none` before the device has joined. */
export type ReadIdentity =
  | { kind: 'known'; identity: Identity }
  | { kind: 'none' }
  | { kind: 'damaged'; message: string }

export type IdentityFolder = {
  read(): Promise<ReadIdentity>
  write(identity: Identity): Promise<void>
  /** The device's private key (PEM), made on first use. */
  privateKey(): Promise<string>
  /** A token that was given at an earlier start and has not led to joining yet. */
  readToken(): Promise<string | undefined>
  writeToken(text: string): Promise<void>
  removeToken(): Promise<void>
}

/** The identity's files in the data folder. `openKey` is asked once: a TPM takes a while. */
export function openIdentityFolder(
  fileSystem: FileSystem,
  folder: string,
  openKey: () => Promise<string>,
): IdentityFolder {
  const path = (name: string) => join(folder, name)
  let opened: Promise<string> | undefined
  const readText = async (name: string) => {
    const bytes = await readIfPresent(fileSystem, path(name))
    return bytes && Buffer.from(bytes).toString('utf8')
  }
  return {
    read: async () => readIdentity(await readText(IDENTITY_FILE)),
    write: (identity) => writeAtomic(fileSystem, path(IDENTITY_FILE), JSON.stringify(identity), OWNER_ONLY),
    privateKey() {
      opened ??= openKey()
      return opened
    },
    readToken: () => readText(TOKEN_FILE),
    writeToken: (text) => writeAtomic(fileSystem, path(TOKEN_FILE), text, OWNER_ONLY),
    removeToken: () => fileSystem.removeFile(path(TOKEN_FILE)),
  }
}

/** Changes the identity in its file, one change after another: two at once would each lose the other. */
export function identityChanger(
  folder: Pick<IdentityFolder, 'write'>,
  { current, use }: { current(): Identity; use(next: Identity): void },
): (part: Partial<Identity>) => Promise<void> {
  let last: Promise<unknown> = Promise.resolve()
  return (part) => {
    const changing = last.then(async () => {
      const next = { ...current(), ...part }
      await folder.write(next)
      use(next)
    })
    last = changing.catch(() => {})
    return changing
  }
}

function readIdentity(text: string | undefined): ReadIdentity {
  if (text === undefined) return { kind: 'none' }
  try {
    return { kind: 'known', identity: Identity.parse(JSON.parse(text)) }
  } catch {
    return { kind: 'damaged', message: `${IDENTITY_FILE} cannot be read; join the device again with a new token` }
  }
}

/** Names a token without telling it. */
export const tokenHash = (text: string): string => createHash('sha256').update(text.trim()).digest('hex')
