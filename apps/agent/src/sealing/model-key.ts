/**
 * Model key: the key under which models lie on this device. It is made here, at random, and is itself in `model-key.json`, sealed: to the device's own key
 * (HPKE), or under a key that is kept elsewhere and that `--seal-key` names. Destroying this one small file makes all models unreadable.
 *
 * Several keys are in it while files move from an old one to a new one; new files lie under the first.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { keyPairOf } from '@skerry/platform/certificates/private-key'
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import { destroyFile } from '@skerry/platform/files/destroy-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import { openHpkeRecipient, openHpkeSender } from '@skerry/platform/sealing/hpke'
import { generateSealKey, type SealKey } from '@skerry/platform/sealing/sealed-format'
import { KEY_BYTES, openBox, sealBox } from '@skerry/platform/sealing/secret-box'
import * as z from 'zod'

export const MODEL_KEY_FILE = 'model-key.json'

export type ModelKeys = readonly [SealKey, ...SealKey[]]

/** What keys are sealed with: the device's own private key (PEM), and the keys of `--seal-key`, of which the first counts. */
export type Sealer = { privateKey: string; outer: readonly Uint8Array[] | undefined }

export type OpenedKeys = { ok: true; keys: ModelKeys } | { ok: false; message: string }

const Entry = z.strictObject({ id: z.string(), sealed: z.base64() })
const Kept = z.discriminatedUnion('by', [
  z.strictObject({ v: z.literal(1), by: z.literal('device'), encapsulated: z.base64(), keys: z.array(Entry).min(1) }),
  z.strictObject({ v: z.literal(1), by: z.literal('seal-key'), keys: z.array(Entry).min(1) }),
])
type Kept = z.infer<typeof Kept>

const OWNER_ONLY = 0o600
const PURPOSE = 'skerry model key v1'
const purposeOf = (id: string) => `${PURPOSE} ${id}`

/** The folder's keys, sealed anew where they are not sealed as they should be now; undefined where there are none. */
export async function readModelKeys(
  fileSystem: FileSystem,
  data: string,
  sealer: Sealer,
): Promise<OpenedKeys | undefined> {
  const bytes = await readIfPresent(fileSystem, join(data, MODEL_KEY_FILE))
  // Destroyed, and not yet removed when the power went.
  if (!bytes || bytes[0] === 0) return undefined
  const kept = parse(Buffer.from(bytes).toString('utf8'))
  if (!kept) return refuse(`${MODEL_KEY_FILE} is damaged`)
  const opened = kept.by === 'device' ? await openWithDevice(kept, sealer) : openWithOuter(kept, sealer)
  if (!opened) return refuse(REASON[kept.by])
  if (!opened.isCurrent) await writeModelKeys(fileSystem, data, sealer, opened.keys)
  return { ok: true, keys: opened.keys }
}

/** Makes these the folder's keys. */
export async function writeModelKeys(
  fileSystem: FileSystem,
  data: string,
  { privateKey, outer }: Sealer,
  keys: ModelKeys,
): Promise<void> {
  const kept = outer?.[0] ? sealWithOuter(outer[0], keys) : await sealWithDevice(privateKey, keys)
  await writeAtomic(fileSystem, join(data, MODEL_KEY_FILE), JSON.stringify(kept), OWNER_ONLY)
}

/** A new key in front of those that are there, to which all files move at the next start. Gives its name. */
export async function rotateModelKey(fileSystem: FileSystem, data: string, sealer: Sealer): Promise<OpenedKeys> {
  const opened = await readModelKeys(fileSystem, data, sealer)
  if (opened === undefined)
    return { ok: false, message: 'models are not encrypted here; start with --encrypt-models on' }
  if (!opened.ok) return opened
  const keys: ModelKeys = [generateSealKey(), ...opened.keys]
  await writeModelKeys(fileSystem, data, sealer, keys)
  return { ok: true, keys }
}

/** From here on nobody reads what lies under it. */
export const destroyModelKey = (fileSystem: FileSystem, data: string): Promise<void> =>
  destroyFile(fileSystem, join(data, MODEL_KEY_FILE))

export type SealKeyFile = { ok: true; keys: Uint8Array[]; isReadableByAll: boolean } | { ok: false; message: string }

const OTHERS = 0o007

/** The keys in the file that `--seal-key` names: 32 bytes each in base64, a line each. */
export async function readSealKeyFile(fileSystem: FileSystem, path: string): Promise<SealKeyFile> {
  const bytes = await readIfPresent(fileSystem, path).catch(() => undefined)
  if (!bytes) return { ok: false, message: `${path} (--seal-key) cannot be read` }
  const lines = Buffer.from(bytes).toString('utf8').split('\n')
  const keys = lines.filter((line) => line.trim() !== '').map((line) => Buffer.from(line.trim(), 'base64'))
  if (keys.length === 0 || keys.some(({ length }) => length !== KEY_BYTES)) {
    return {
      ok: false,
      message: `${path} (--seal-key) must hold 32 bytes in base64; openssl rand -base64 32 makes them`,
    }
  }
  return { ok: true, keys, isReadableByAll: ((await stat(path)).mode & OTHERS) !== 0 }
}

const REASON = {
  device: `${MODEL_KEY_FILE} is sealed with the key of another device`,
  'seal-key': `${MODEL_KEY_FILE} cannot be opened with the key in --seal-key`,
} as const

const refuse = (reason: string) => ({
  ok: false as const,
  message: `${reason}, so the device cannot read the models on its disk; restore the right key, or delete ${MODEL_KEY_FILE} to fetch them again`,
})

function parse(text: string): Kept | undefined {
  try {
    return Kept.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

type Opened = { keys: ModelKeys; isCurrent: boolean }

async function openWithDevice(
  { encapsulated, keys: entries }: Extract<Kept, { by: 'device' }>,
  { privateKey, outer }: Sealer,
): Promise<Opened | undefined> {
  const about = { privateKey, encapsulated: Buffer.from(encapsulated, 'base64'), info: PURPOSE }
  const recipient = await openHpkeRecipient(about)
  const keys: SealKey[] = []
  for (const { id, sealed } of entries) {
    const key = await recipient?.open(Buffer.from(sealed, 'base64'), purposeOf(id))
    if (!key) return undefined
    keys.push({ id, key })
  }
  return openedOf(keys, outer === undefined)
}

function openWithOuter({ keys: entries }: Kept, { outer = [] }: Sealer): Opened | undefined {
  for (const [at, outerKey] of outer.entries()) {
    const keys = entries.map(({ id, sealed }) => {
      const key = openBox(outerKey, Buffer.from(sealed, 'base64'), purposeOf(id))
      return key && { id, key }
    })
    const known = keys.filter((key) => key !== undefined)
    if (known.length === entries.length) return openedOf(known, at === 0)
  }
  return undefined
}

function openedOf([first, ...others]: readonly SealKey[], isCurrent: boolean): Opened | undefined {
  return first && { keys: [first, ...others], isCurrent }
}

async function sealWithDevice(privateKey: string, keys: ModelKeys): Promise<Kept> {
  const sender = await openHpkeSender({ recipient: keyPairOf(privateKey).publicKeyPem, info: PURPOSE })
  const sealed: { id: string; sealed: string }[] = []
  for (const { id, key } of keys) sealed.push({ id, sealed: base64(await sender.seal(key, purposeOf(id))) })
  return { v: 1, by: 'device', encapsulated: base64(sender.encapsulated), keys: sealed }
}

const sealWithOuter = (outerKey: Uint8Array, keys: ModelKeys): Kept => ({
  v: 1,
  by: 'seal-key',
  keys: keys.map(({ id, key }) => ({ id, sealed: base64(sealBox(outerKey, key, purposeOf(id))) })),
})

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
