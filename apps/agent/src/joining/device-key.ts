/**
 * Device key: the private key that this device is known by, made here on first use. It lies in a file of its owner's, or sealed by the machine's
 * TPM: then the disk alone does not give it. A TPM seals 128 bytes at most, so it seals a key, and that encrypts the PEM.
 *
 * Moving between the two may be cut anywhere. Where both are there, the file in clear counts: it is removed last, and was written first.
 *
 *     device-key.pem ── seal, open, compare, write, read back ──→ device-key.sealed.json ── device-key.gone: overwritten, removed
 */
import { join } from 'node:path'
import { generateKeyPair, keyPairOf, readKeyPair, writePrivateKey } from '@skerry/platform/certificates/private-key'
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import { destroyFile } from '@skerry/platform/files/destroy-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Log } from '@skerry/platform/process/log'
import { generateSecretKey, openBox, sealBox } from '@skerry/platform/sealing/secret-box'
import type { AgentOptions } from '../options.ts'
import { SealedKey, type SealedObject } from '../tpm/sealed-key.ts'
import type { Tpm, TpmCode } from '../tpm/tpm.ts'

const KEY_FILE = 'device-key.pem'
export const SEALED_KEY_FILE = 'device-key.sealed.json'
/** The file in clear, once it is not needed any more: a name that nothing reads, so that it may be cut while it is overwritten. */
const GONE_FILE = 'device-key.gone'

const OWNER_ONLY = 0o600
const PURPOSE = 'skerry device key v1'

/** What Secure Boot lets start: it changes with the firmware's settings, and not with each update of a kernel. */
const PCRS: readonly number[] = [7]

export type DeviceKeyDeps = {
  fileSystem: FileSystem
  log: Log
  /** Loaded where one is needed only. */
  loadTpm: () => Promise<Tpm>
}

type KeyOptions = Pick<AgentOptions, 'data' | 'tpm' | 'tpmPcrs'>

/** The key cannot be had or kept as it was asked for; what is on disk is as it was. */
export class KeyRefused extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** The private key (PEM), lying as the options say from here on. Rejects with `KeyRefused`. */
export async function openDeviceKey(options: KeyOptions, deps: DeviceKeyDeps, signal: AbortSignal): Promise<string> {
  const { fileSystem } = deps
  const { data, tpm } = options
  await destroyFile(fileSystem, join(data, GONE_FILE))
  const clear = await readKeyPair(fileSystem, join(data, KEY_FILE))
  const sealed = await readSealed(fileSystem, data)
  const isWanted = tpm === undefined ? sealed !== undefined : tpm !== 'off'
  if (!clear && sealed) return openSealed(parse(sealed), options, deps, signal)
  const { privateKeyPem } = clear ?? generateKeyPair()
  if (isWanted && (await keepSealed(privateKeyPem, options, deps, signal))) return privateKeyPem
  if (!clear) await writePrivateKey(fileSystem, join(data, KEY_FILE), privateKeyPem)
  if (tpm === 'off') await destroyFile(fileSystem, join(data, SEALED_KEY_FILE))
  return privateKeyPem
}

async function openSealed(sealed: Sealed, options: KeyOptions, deps: DeviceKeyDeps, signal: AbortSignal) {
  const { fileSystem, log } = deps
  const { data, tpm, tpmPcrs } = options
  const privateKeyPem = await open(sealed, await deps.loadTpm(), signal)
  if (tpm === 'off') {
    await writePrivateKey(fileSystem, join(data, KEY_FILE), privateKeyPem)
    await destroyFile(fileSystem, join(data, SEALED_KEY_FILE))
    log.warn('device_key_unsealed', {})
  } else if (tpmPcrs && tpmPcrs.join() !== sealed.object.pcrs.join()) {
    await keepSealed(privateKeyPem, { ...options, tpm: 'required' }, deps, signal)
  }
  return privateKeyPem
}

/** False where `auto` finds no TPM. What was there before is replaced only by what has been opened. */
async function keepSealed(
  privateKeyPem: string,
  { data, tpm: mode, tpmPcrs }: KeyOptions,
  { fileSystem, log, loadTpm }: DeviceKeyDeps,
  signal: AbortSignal,
): Promise<boolean> {
  const tpm = await loadTpm()
  const wrapping = generateSecretKey()
  const pcrs = tpmPcrs ?? PCRS
  const made = await tpm.seal(wrapping, pcrs, signal)
  if (!made.ok && mode === 'auto' && (made.code === 'tpm_missing' || made.code === 'tpm_tools_missing')) {
    log.warn('device_key_in_file', { code: made.code, message: made.message })
    return false
  }
  if (!made.ok) throw refusalOf(made)
  const box = Buffer.from(sealBox(wrapping, Buffer.from(privateKeyPem), PURPOSE)).toString('base64')
  const text = JSON.stringify({ v: 1, object: made.object, box })
  if ((await open(parse(text), tpm, signal)) !== privateKeyPem) {
    throw new KeyRefused('tpm_failed', 'the TPM returned another key than the stored one')
  }
  const path = join(data, SEALED_KEY_FILE)
  await writeAtomic(fileSystem, path, text, OWNER_ONLY)
  const back = await readIfPresent(fileSystem, path)
  if (!back || Buffer.from(back).toString('utf8') !== text) throw new Error(`${path} differs from what was written`)
  await destroyClear(fileSystem, data)
  log.info('device_key_sealed', { pcrs })
  return true
}

async function destroyClear(fileSystem: FileSystem, data: string): Promise<void> {
  const path = join(data, KEY_FILE)
  if (!(await fileSystem.stat(path))) return
  await fileSystem.rename(path, join(data, GONE_FILE))
  await fileSystem.syncFolder(data)
  await destroyFile(fileSystem, join(data, GONE_FILE))
}

type Sealed = { object: SealedObject; box: Buffer }

async function readSealed(fileSystem: FileSystem, data: string): Promise<string | undefined> {
  const bytes = await readIfPresent(fileSystem, join(data, SEALED_KEY_FILE))
  // Destroyed, and not yet removed when the power went.
  return !bytes || bytes[0] === 0 ? undefined : Buffer.from(bytes).toString('utf8')
}

function parse(text: string): Sealed {
  try {
    const { object, box } = SealedKey.parse(JSON.parse(text))
    return { object, box: Buffer.from(box, 'base64') }
  } catch {
    throw damaged()
  }
}

async function open({ object, box }: Sealed, tpm: Tpm, signal: AbortSignal): Promise<string> {
  const opened = await tpm.unseal(object, signal)
  if (!opened.ok) throw refusalOf(opened)
  const pem = openBox(opened.secret, box, PURPOSE)
  if (!pem) throw damaged()
  return keyPairOf(pem.toString('utf8')).privateKeyPem
}

const JOIN_AGAIN = 'remove the device, empty its data folder, and join it with a new token'

const ADVICE: Partial<Record<TpmCode, string>> = {
  tpm_pcrs_changed: `restore the firmware and its settings, start with --tpm-pcrs none until the change is made, or ${JOIN_AGAIN}`,
  tpm_foreign: `run the agent on the machine where the key was sealed, or ${JOIN_AGAIN}`,
}

function refusalOf({ code, message }: { code: TpmCode; message: string }): KeyRefused {
  const advice = ADVICE[code]
  return new KeyRefused(code, `the device's key (--tpm): ${message}${advice === undefined ? '' : `; ${advice}`}`)
}

const damaged = () => new KeyRefused('device_key_damaged', `${SEALED_KEY_FILE} is damaged; ${JOIN_AGAIN}`)
