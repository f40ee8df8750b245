/**
 * Open sealing: finds the wanted form of models on this device, opens their folders, and converts every file to that
 * form while it serves.
 */
import { join } from 'node:path'
import { backoffMs } from '@skerry/core/values/backoff'
import { type FileSystem, systemCode } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import { generateSealKey } from '@skerry/platform/sealing/sealed-format'
import type { Conditions } from '../conditions.ts'
import type { AgentOptions } from '../options.ts'
import { type Converted, type ModelBlobs, openModelBlobs } from './model-blobs.ts'
import {
  destroyModelKey,
  type ModelKeys,
  type OpenedKeys,
  readModelKeys,
  readSealKeyFile,
  type Sealer,
  writeModelKeys,
} from './model-key.ts'

export type Sealing = {
  blobs: ModelBlobs
  /** Opens a folder of other files, in the same form and under the same key. */
  openBeside(folder: string): Promise<ModelBlobs>
  /** Converts files in the wrong form, and then ends. `clear` removes second names of files, when none is needed. */
  run(clear: () => Promise<void>, signal: AbortSignal): Promise<void>
}

export type SealingDeps = {
  fileSystem: FileSystem
  clock: Clock
  random: () => number
  log: Log
  conditions: Conditions
  /** The device's own key, in PEM. */
  privateKey: string
  freeBytesMin: () => number
}

/** In milliseconds. A full disk, or a transfer that holds the file, ends by itself or with a person's help. */
const BACKOFF = { baseMs: 1_000, maxMs: 300_000 }

type SealOptions = Pick<AgentOptions, 'data' | 'sealKey' | 'encryptModels'>

/**
 * Without `--encrypt-models`, models keep their form. Models of a new device are encrypted if it has a key from
 * elsewhere.
 */
export async function openSealing(options: SealOptions, deps: SealingDeps): Promise<Sealing> {
  const { data, sealKey, encryptModels } = options
  const { fileSystem, conditions } = deps
  const sealer = await openSealer(options, deps)
  const found = sealer.ok ? await readModelKeys(fileSystem, data, sealer.sealer) : sealer
  // Files under a lost key are lost.
  if (!found) await fileSystem.removeTree(join(data, 'sealed'))
  const isWanted = encryptModels ?? (found !== undefined || sealKey !== undefined)
  const opened = found ?? (isWanted && sealer.ok ? await makeKeys(sealer.sealer, options, deps) : undefined)
  if (opened && !opened.ok) conditions.raise({ code: 'model_key_refused', message: opened.message.slice(0, 1_000) })
  let keys = opened?.ok ? opened.keys : undefined
  const form = { wanted: isWanted ? 'sealed' : 'plain', keys: keys && (() => keys as ModelKeys) } as const
  const blobs = await openModelBlobs({ ...deps, ...form, data })
  return {
    blobs,
    openBeside: (folder) => openModelBlobs({ ...deps, ...form, data: folder }),
    async run(clear, signal) {
      if (opened && !opened.ok) return
      await insist(
        async () => {
          await convertAll(blobs, deps, signal)
          await blobs.clearOther()
          if (isWanted) await clear()
          if (!isWanted) await destroyModelKey(fileSystem, data)
          if (!isWanted || !keys || keys.length === 1 || !sealer.ok) return DONE
          keys = [keys[0]]
          await writeModelKeys(fileSystem, data, sealer.sealer, keys)
          return DONE
        },
        { ...deps, signal },
      )
    },
  }
}

type OpenedSealer = { ok: true; sealer: Sealer } | { ok: false; message: string }

async function openSealer(
  { sealKey }: SealOptions,
  { fileSystem, privateKey, log }: SealingDeps,
): Promise<OpenedSealer> {
  if (sealKey === undefined) return { ok: true, sealer: { privateKey, outer: undefined } }
  const read = await readSealKeyFile(fileSystem, sealKey)
  if (!read.ok) return read
  if (read.isReadableByAll) log.warn('seal_key_open_to_all', { path: sealKey })
  return { ok: true, sealer: { privateKey, outer: read.keys } }
}

async function makeKeys(sealer: Sealer, { data }: SealOptions, { fileSystem }: SealingDeps): Promise<OpenedKeys> {
  const keys: ModelKeys = [generateSealKey()]
  await writeModelKeys(fileSystem, data, sealer, keys)
  return { ok: true, keys }
}

async function convertAll(blobs: ModelBlobs, deps: SealingDeps, signal: AbortSignal): Promise<void> {
  const digests = await blobs.strays()
  for (const digest of digests) await insist(() => blobs.convert(digest, signal), { ...deps, signal })
  if (digests.length > 0) deps.log.info('models_converted', { files: digests.length })
}

const DONE: Converted = { ok: true }

type Insisting = Pick<SealingDeps, 'clock' | 'random' | 'log' | 'conditions'> & { signal: AbortSignal }

/** Repeats until the work is done. A damaged file also counts as done. A waiting conversion is reported. */
async function insist(work: () => Promise<Converted>, it: Insisting): Promise<void> {
  const { conditions, clock, random, signal } = it
  for (let failures = 0; ; failures++) {
    const outcome = await work().catch((error: unknown) => failureOf(error, it))
    if (outcome.ok || outcome.code === 'blob_damaged') return conditions.clear('model_conversion_waits')
    const message = `the encryption or decryption of models is interrupted: ${outcome.message}`.slice(0, 1_000)
    conditions.raise({ code: 'model_conversion_waits', message })
    await clock.sleep(backoffMs(failures, BACKOFF, 0.5 + random() / 2), signal)
  }
}

function failureOf(error: unknown, { log, signal }: Insisting): Converted {
  signal.throwIfAborted()
  log.error('model_conversion_failed', { error })
  const code = systemCode(error) ?? 'step_failed'
  return { ok: false, code, message: error instanceof Error ? error.message : String(error) }
}
