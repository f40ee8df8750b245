/**
 * App settings: the file with the settings of a release of which some change while its containers run. The containers
 * see its folder, and can only read it. The file is replaced as a whole, so a reader finds old or new settings.
 */
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { hasHotSettings, SETTINGS_FILE, settingsText } from '@skerry/core/apps/app-environment'
import { containerKey } from '@skerry/core/apps/container-body'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import { type FileSystem, systemCode } from '@skerry/platform/files/file-system'
import type { DriverAnswer } from '../driver.ts'
import type { Release } from './releases.ts'

/** An image chooses its user, so every user of the container can read these. The folder of the agent is closed. */
const FOLDER_MODE = 0o755
const FILE_MODE = 0o444

type Place = { fileSystem: FileSystem; settingsRoot: string }

const folderName = (key: string) => key.replace('sha256:', '')

/** The folder that the containers of the release see. */
export const settingsFolder = ({ settingsRoot }: Pick<Place, 'settingsRoot'>, release: Release): string =>
  join(settingsRoot, folderName(containerKey(release)))

/**
 * Writes the settings of the release. An unchanged file is not written, so that a container gets no event. The answer is
 * the reason why the release cannot start yet.
 */
export async function laySettings(it: Place, release: Release): Promise<DriverAnswer | undefined> {
  const { item, app } = release
  if (!hasHotSettings(app.config)) return undefined
  const text = settingsText(app.config, 'config' in item.spec ? (item.spec.config ?? {}) : {})
  const folder = settingsFolder(it, release)
  const path = join(folder, SETTINGS_FILE)
  const there = await it.fileSystem.readFile(path)
  if (there && Buffer.from(there).toString('utf8') === text) return undefined
  try {
    await it.fileSystem.makeFolder(folder)
    await chmod(folder, FOLDER_MODE)
    await writeAtomic(it.fileSystem, path, text, FILE_MODE)
    return undefined
  } catch (error) {
    if (!['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '')) throw error
    return { ok: false, code: 'storage_full', message: 'the disk has no room for the settings of the app; make room' }
  }
}

/** Removes the folders of all other containers. */
export async function keepSettings({ fileSystem, settingsRoot }: Place, keys: ReadonlySet<string>): Promise<void> {
  const kept = new Set([...keys].map(folderName))
  for (const name of await fileSystem.list(settingsRoot)) {
    if (!kept.has(name)) await fileSystem.removeTree(join(settingsRoot, name))
  }
}
