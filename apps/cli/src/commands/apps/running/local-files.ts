/** Local files: the secrets and data of a local run, in the form in which containers of a device see them. */
import { chmod, copyFile, cp, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { App } from '@skerry/contract/apps/app'
import type { AppConfig } from '@skerry/contract/apps/config-schema'
import { SETTINGS_FILE, settingsText } from '@skerry/core/apps/app-environment'
import { unreadable } from '../../../program/input-file.ts'

export type LocalFiles = AsyncDisposable & {
  secretsOf(service: string): string
  /** By name: folders in which `current` has the files. */
  data: ReadonlyMap<string, string>
  /** The folder with the file of all settings. */
  settings: string
}

type Wanted = Pick<LocalFiles, 'data'> & { app: App; config: AppConfig; secrets: ReadonlyMap<string, string> }

/** [Filesystem Hierarchy Standard 3.0; Linux] In memory. Secrets are not written to a disk if there is one. */
const MEMORY = '/dev/shm'

/** Copies the files. Each user of a container can read them, and no other user of this machine can enter their folder. */
export async function openLocalFiles({ app, config, secrets, data }: Wanted): Promise<LocalFiles> {
  const hasMemory = (await stat(MEMORY).catch(() => undefined))?.isDirectory() ?? false
  const folder = await mkdtemp(join(hasMemory ? MEMORY : tmpdir(), 'skerry-run-'))
  const files = {
    secretsOf: (service: string) => join(folder, 'secrets', service),
    settings: join(folder, 'settings'),
    data: new Map([...data.keys()].map((name) => [name, join(folder, 'data', name)])),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
  try {
    for (const [service, spec] of Object.entries(app.services)) {
      await mkdir(files.secretsOf(service), { recursive: true })
      for (const name of spec.secrets ?? []) {
        await laySecret(secrets.get(name) ?? name, join(files.secretsOf(service), name))
      }
    }
    await mkdir(files.settings, { recursive: true })
    await writeFile(join(files.settings, SETTINGS_FILE), settingsText(app.config, config), { mode: 0o444 })
    for (const [name, from] of data) await copyFolder(from, join(files.data.get(name) ?? '', 'current'))
    return files
  } catch (error) {
    await files[Symbol.asyncDispose]()
    throw error
  }
}

async function laySecret(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to)
  } catch (cause) {
    throw unreadable(from, cause)
  }
  await chmod(to, 0o444)
}

async function copyFolder(from: string, to: string): Promise<void> {
  try {
    await cp(from, to, { recursive: true })
  } catch (cause) {
    throw unreadable(from, cause)
  }
}
