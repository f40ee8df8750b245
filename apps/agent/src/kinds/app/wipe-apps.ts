/** Wipe apps: removes all that this device made in its container engine, also the data in the volumes of its apps. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { imageRepository, LABELS } from '@skerry/core/apps/container-body'
import { openEngine } from '@skerry/platform/containers/engine'
import type { FileSystem } from '@skerry/platform/files/file-system'
import { secretsRoot } from './app-secrets.ts'

/** The name of the data folder in the engine; undefined if the device never had one. */
export async function readAppsName(fileSystem: FileSystem, data: string): Promise<string | undefined> {
  const bytes = await fileSystem.readFile(join(data, 'kinds', 'app', 'name'))
  return (bytes && Buffer.from(bytes).toString('utf8').trim()) || undefined
}

/** Throws if the engine does not answer, or refuses. */
export async function wipeApps(device: string, engineSocket: string, signal: AbortSignal): Promise<void> {
  const engine = openEngine(engineSocket)
  try {
    await rm(secretsRoot(device), { recursive: true, force: true })
    await engine.version(signal)
    const labels = { [LABELS.device]: device }
    for (const { Id } of await engine.containers(labels, signal)) await engine.remove(Id, signal)
    for (const name of await engine.networkNames(labels, signal)) await engine.removeNetwork(name, signal)
    for (const name of await engine.volumeNames(labels, signal)) await engine.removeVolume(name, signal)
    const names = (await engine.images(signal)).flatMap(({ RepoTags }) => RepoTags ?? [])
    for (const name of names) if (name.startsWith(imageRepository(device))) await engine.removeImage(name, signal)
  } finally {
    engine.close()
  }
}
