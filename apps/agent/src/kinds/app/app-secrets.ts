/**
 * App secrets: the secrets of a container, as files in memory. The container sees them below /run/secrets, and can only
 * read them. Their values are in no image, no variable and no description of a container. After a reboot the files are
 * gone, and the agent lays them again before it starts the container.
 */
import { randomBytes } from 'node:crypto'
import { chmod, lstat, mkdir, readdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { containerName } from '@skerry/core/apps/container-body'
import type { DriverAnswer } from '../driver.ts'
import type { Release } from './releases.ts'

/** The value of a secret of this device; undefined if it has none of this name. */
export type SecretValues = (name: string) => Uint8Array | undefined

/** [Filesystem Hierarchy Standard 3.0; Linux] A file system in memory that each Linux has, for all users. */
const MEMORY = '/dev/shm'

/** [linux/magic.h] tmpfs and ramfs. */
const IN_MEMORY = [0x01021994, 0x858458f6]

/** Other users of the machine cannot enter it. */
const ROOT_MODE = 0o700
/** An image chooses its user, so every user of the container can read these. */
const FOLDER_MODE = 0o755
const FILE_MODE = 0o444

/** The folder of all secrets of a device. */
export const secretsRoot = (device: string): string => join(MEMORY, `skerry-apps-${device}`)

/** The folder that a container sees as /run/secrets. */
export const secretsFolder = (device: string, release: Pick<Release, 'item' | 'app'>, service: string): string =>
  join(secretsRoot(device), containerName(release, service))

/**
 * Lays the files of all services of the release. A file that is there is replaced as a whole. The answer is the reason
 * why the release cannot start.
 */
export async function laySecrets(
  device: string,
  release: Release,
  secretOf: SecretValues,
): Promise<DriverAnswer | undefined> {
  const wanted = Object.entries(release.app.services).filter(([, { secrets = [] }]) => secrets.length > 0)
  if (wanted.length === 0) return undefined
  const names = [...new Set(wanted.flatMap(([, { secrets = [] }]) => secrets))]
  const missing = names.filter((name) => secretOf(name) === undefined)
  if (missing.length > 0) {
    const message = `the device has no secret ${missing.join(', ')}; set it for the device, its site or the organisation`
    return { ok: false, code: 'app_secret_missing', message }
  }
  const refusal = await openRoot(secretsRoot(device))
  if (refusal !== undefined) return { ok: false, code: 'app_secrets_refused', message: refusal }
  for (const [service, { secrets = [] }] of wanted) {
    const folder = secretsFolder(device, release, service)
    await mkdir(folder, { recursive: true })
    await chmod(folder, FOLDER_MODE)
    for (const name of secrets)
      await layFile(secretsRoot(device), join(folder, name), secretOf(name) ?? new Uint8Array())
  }
  return undefined
}

/** Removes the folders of all other releases, and the folder of the device with the last one. */
export async function keepSecrets(device: string, releases: readonly Release[]): Promise<void> {
  const root = secretsRoot(device)
  const kept = new Set(
    releases.flatMap((release) =>
      Object.entries(release.app.services)
        .filter(([, { secrets = [] }]) => secrets.length > 0)
        .map(([service]) => containerName(release, service)),
    ),
  )
  if (kept.size === 0) return rm(root, { recursive: true, force: true })
  for (const name of await readdir(root).catch(() => []))
    if (!kept.has(name)) await rm(join(root, name), { recursive: true, force: true })
}

/** The folder belongs to this user alone, and is in memory. */
async function openRoot(root: string): Promise<string | undefined> {
  const type = await statfs(MEMORY).then(
    (found) => found.type,
    () => undefined,
  )
  if (type === undefined || !IN_MEMORY.includes(type)) return `${MEMORY} is not in memory; mount a tmpfs there`
  await mkdir(root, { recursive: true, mode: ROOT_MODE })
  const found = await lstat(root)
  if (!found.isDirectory() || found.uid !== process.getuid?.()) return `${root} belongs to somebody else; remove it`
  await chmod(root, ROOT_MODE)
  return undefined
}

/** An unchanged file is not written, so that a container that watches it gets no event. */
async function layFile(root: string, path: string, value: Uint8Array): Promise<void> {
  const there = await readFile(path).catch(() => undefined)
  if (there && Buffer.compare(there, value) === 0) return
  const temporary = join(root, `.${randomBytes(6).toString('hex')}.tmp`)
  try {
    await writeFile(temporary, value, { mode: 0o600, flag: 'wx' })
    await chmod(temporary, FILE_MODE)
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true })
    throw cause
  }
}
