/**
 * Secret keeper: holds the device's secrets. They are encrypted on disk, so that they are there without a hub. If
 * configured, they are also laid out for applications. The hub's newest document counts as a whole: secrets that it
 * lacks are removed.
 */
import { join } from 'node:path'
import { type HeldSecrets, type SecretsDocument, sealedFor, sealInfo } from '@skerry/contract/held/secrets'
import { SecretName } from '@skerry/contract/secrets/secret'
import { Digest } from '@skerry/contract/values/digest'
import type { DeviceId } from '@skerry/contract/values/ids'
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Log } from '@skerry/platform/process/log'
import { openHpkeRecipient } from '@skerry/platform/sealing/hpke'
import { openBox, sealBox } from '@skerry/platform/sealing/secret-box'
import * as z from 'zod'
import type { Conditions } from '../conditions.ts'
import type { SecretFiles } from './secret-files.ts'

export type SecretKeeper = {
  /** The secrets on the disk. */
  held(): HeldSecrets
  /** By name, for sources that name them. */
  values(): Readonly<Record<string, string>>
  /** The bytes of one secret, for containers. Undefined if the device does not have it. */
  bytesOf(name: string): Uint8Array | undefined
  /** Makes the device hold the document. If that fails, a condition gives the reason, and nothing changes. */
  take(document: SecretsDocument): Promise<void>
  /** From now on, the device has this identity. */
  use(identity: { deviceId: DeviceId }, privateKey: string): void
}

export type SecretKeeperDeps = {
  fileSystem: FileSystem
  data: string
  storeKey: Uint8Array
  /** Absent if no application reads them. */
  files: SecretFiles | undefined
  conditions: Conditions
  log: Log
}

const Kept = z.strictObject({
  v: z.literal(1),
  revision: Digest,
  secrets: z.array(z.strictObject({ name: SecretName, version: z.int(), value: z.base64() })),
})
type Kept = z.infer<typeof Kept>

const OWNER_ONLY = 0o600
const PURPOSE = 'skerry device secrets v1'

/** Reads the secrets from disk, and lays them out. */
export async function openSecretKeeper(deps: SecretKeeperDeps): Promise<SecretKeeper> {
  const { conditions } = deps
  let kept = await read(deps)
  let who: { deviceId: DeviceId; privateKey: string } | undefined
  if (kept) await lay(deps, kept)
  return {
    held: () => ({ ...(kept && { revision: kept.revision }) }),
    values: () => valuesOf(kept),
    bytesOf(name) {
      const found = kept?.secrets.find((secret) => secret.name === name)
      return found && Buffer.from(found.value, 'base64')
    },
    async take(document) {
      if (!who) return
      const opened = await openDocument(document, who)
      if (!opened) {
        const message = 'the secrets from the hub are not for this device or its key; join the device again'
        return conditions.raise({ code: 'secrets_refused', message })
      }
      const problem = await write(deps, opened)
      if (problem !== undefined) return conditions.raise({ code: 'secrets_refused', message: problem })
      kept = opened
      for (const code of ['secrets_refused', 'secrets_damaged']) conditions.clear(code)
      await lay(deps, opened)
      deps.log.info('secrets_taken', { revision: opened.revision, secrets: opened.secrets.length })
    },
    use({ deviceId }, privateKey) {
      who = { deviceId, privateKey }
    },
  }
}

/** The values as text: a value that is not text is useless for a source. */
const valuesOf = (kept: Kept | undefined): Record<string, string> =>
  Object.fromEntries(
    (kept?.secrets ?? []).map(({ name, value }) => [name, Buffer.from(value, 'base64').toString('utf8')]),
  )

const pathIn = ({ data }: SecretKeeperDeps) => join(data, 'secrets.sealed')

async function write(deps: SecretKeeperDeps, kept: Kept): Promise<string | undefined> {
  try {
    const box = sealBox(deps.storeKey, Buffer.from(JSON.stringify(kept)), PURPOSE)
    await writeAtomic(deps.fileSystem, pathIn(deps), box, OWNER_ONLY)
    return undefined
  } catch (error) {
    const why = error instanceof Error ? `${error.message}: ${String(error.cause ?? '')}` : String(error)
    return `the secrets cannot be written to disk (${why})`.slice(0, 1_000)
  }
}

async function read(deps: SecretKeeperDeps): Promise<Kept | undefined> {
  const box = await readIfPresent(deps.fileSystem, pathIn(deps))
  if (!box) return undefined
  const text = openBox(deps.storeKey, box, PURPOSE)
  const kept = text && Kept.safeParse(JSON.parse(text.toString('utf8'))).data
  if (!kept) {
    const message =
      'the secrets on disk cannot be decrypted with the store key; the hub sends them again on the next connection'
    deps.conditions.raise({ code: 'secrets_damaged', message })
  }
  return kept
}

/**
 * Secrets that cannot be laid out are held anyway. A person may repair the folder. The next start or the next change
 * tries again.
 */
async function lay({ files, conditions }: SecretKeeperDeps, { secrets }: Kept): Promise<void> {
  try {
    await files?.lay(secrets.map(({ name, value }) => ({ name, value: Buffer.from(value, 'base64') })))
    conditions.clear('secrets_folder_refused')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    conditions.raise({
      code: 'secrets_folder_refused',
      message: `the agent cannot write the secrets to their folder: ${why}`.slice(0, 1_000),
    })
  }
}

async function openDocument(
  document: SecretsDocument,
  who: { deviceId: DeviceId; privateKey: string },
): Promise<Kept | undefined> {
  if (document.deviceId !== who.deviceId) return undefined
  const encapsulated = Buffer.from(document.encapsulated, 'base64')
  const recipient = await openHpkeRecipient({ privateKey: who.privateKey, encapsulated, info: sealInfo(document) })
  const secrets: Kept['secrets'] = []
  for (const { name, version, sealed } of document.secrets) {
    const value = await recipient?.open(Buffer.from(sealed, 'base64'), sealedFor({ name, version }))
    if (!value) return undefined
    secrets.push({ name, version, value: value.toString('base64') })
  }
  return recipient && { v: 1, revision: document.revision, secrets }
}
