/**
 * Installed parts: the programs of installed versions of the agent, which stand on the disk as they are in the package.
 * Node is most of a package. An installation leaves no other copy of it, so the first update takes it from here. The
 * archives of the package are unpacked. Their files share chunks with the archives of the next version.
 */
import { join } from 'node:path'
import { AgentPackage } from '@skerry/contract/agents/agent-package'
import { AGENT_PATH } from '@skerry/contract/kinds/agent'
import type { Digest } from '@skerry/contract/values/digest'
import { parseJson } from '@skerry/core/values/parse-json'
import type { FileHandle, FileSystem } from '@skerry/platform/files/file-system'
import { digestOfFile } from '@skerry/platform/files/hash'
import { readLaunch, versionFolder } from '../launcher/launch-files.ts'

/** A file of fewer bytes is no program. The folders are not read for each of the small files of a model. */
const PROGRAM_BYTES_MIN = 1024 ** 2

type Wanted = { digest: Digest; sizeBytes: number }

/** Opens the program if its bytes have the digest: somebody may have changed them, or the disk has. */
export async function openInstalledPart(
  { root, fileSystem }: { root: string; fileSystem: FileSystem },
  { digest, sizeBytes }: Wanted,
  signal: AbortSignal,
): Promise<FileHandle | undefined> {
  if (sizeBytes < PROGRAM_BYTES_MIN) return undefined
  for (const version of readLaunch(root).versions) {
    const home = versionFolder(root, version)
    const text = Buffer.from((await fileSystem.readFile(join(home, AGENT_PATH))) ?? []).toString()
    const manifest = AgentPackage.safeParse(parseJson(text))
    const part = manifest.data?.parts.find((one) => one.form === 'program' && one.digest === digest)
    if (!part) continue
    const path = join(home, part.path)
    const found = (await fileSystem.stat(path)) && (await digestOfFile(fileSystem, path, signal))
    if (found?.digest === digest) return fileSystem.open(path, 'r')
  }
  return undefined
}
