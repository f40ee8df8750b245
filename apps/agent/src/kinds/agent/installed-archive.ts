/**
 * Installed archive: the unpacked files of the installed version of the agent, as an archive that may share chunks with
 * the archives of the next version. An installation keeps no archive, so the first update would fetch all of them.
 */
import { join } from 'node:path'
import { AgentPackage } from '@skerry/contract/agents/agent-package'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { AGENT_PATH } from '@skerry/contract/kinds/agent'
import type { Digest } from '@skerry/contract/values/digest'
import { parseJson } from '@skerry/core/values/parse-json'
import type { Seed } from '@skerry/platform/chunks/find-seeds'
import type { FileSystem } from '@skerry/platform/files/file-system'
import { digestOfHex } from '@skerry/platform/files/hash'
import { openTarView, type TarViewFile } from '@skerry/platform/files/tar-view'
import { readLaunch, versionFolder } from '../../launcher/launch-files.ts'

/** A package has ten thousand files. More would keep a small computer busy for minutes. */
const FILES_MAX = 100_000

export type InstalledDeps = {
  /** The folder of the launcher. */
  root: string
  fileSystem: FileSystem
  /** Whether the device has the file itself. */
  has(digest: Digest): Promise<boolean>
}

/**
 * The seed for a file of an item of that kind. Undefined if the archives of the current version are files of the device:
 * they are the better seeds.
 */
export async function installedSeed(
  { root, fileSystem, has }: InstalledDeps,
  kind: DesiredItem['kind'] | undefined,
): Promise<Seed | undefined> {
  // Files of other kinds share nothing with the agent, and to read all of its files takes seconds.
  if (kind !== 'agent') return undefined
  const { current } = readLaunch(root)
  if (current === undefined) return undefined
  const home = versionFolder(root, current)
  const text = Buffer.from((await fileSystem.readFile(join(home, AGENT_PATH))) ?? []).toString()
  const { data: manifest } = AgentPackage.safeParse(parseJson(text))
  if (!manifest) return undefined
  const archives = manifest.parts.filter(({ form }) => form === 'archive')
  const kept = await Promise.all(archives.map(({ digest }) => has(digest)))
  if (kept.every(Boolean)) return undefined
  const others = new Set([AGENT_PATH, ...manifest.parts.map(({ path }) => path)])
  const all = await filesBelow(fileSystem, home)
  const files = packedOrder(all.filter(({ path }) => !others.has(path)))
  return { digest: digestOfHex(current), open: async () => openTarView({ folder: home, fileSystem }, files) }
}

async function filesBelow(fileSystem: FileSystem, home: string): Promise<TarViewFile[]> {
  const files: TarViewFile[] = []
  const folders = ['']
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const name of await fileSystem.list(join(home, folder))) {
      const path = join(folder, name)
      const found = await fileSystem.stat(join(home, path))
      if (!found) continue
      if (!found.isFile) folders.push(path)
      else if (files.push({ path, sizeBytes: found.sizeBytes }) >= FILES_MAX) return files
    }
  }
  return files
}

/**
 * The order of a package: module after module, and the files of each by their paths. Chunks at the end of a small file
 * have bytes of the next one, so most chunks differ in another order.
 */
function packedOrder(files: readonly TarViewFile[]): TarViewFile[] {
  const placed = files.map((file) => ({ file, place: placeOf(file.path) }))
  return placed
    .sort(
      (one, other) =>
        compareTexts(one.place.module, other.place.module) || compareTexts(one.place.path, other.place.path),
    )
    .map(({ file }) => file)
}

const MODULE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\/(.+)$/

function placeOf(path: string): { module: string; path: string } {
  const [, module = '', inner = path] = MODULE.exec(path) ?? []
  return { module, path: inner }
}

/** By code units, as the package is built, and not by a language. */
function compareTexts(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
