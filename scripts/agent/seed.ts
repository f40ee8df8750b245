/**
 * Seed: an agent package laid out so that a .deb or a container image can carry it: the version, the launcher, and the
 * program that starts both.
 */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { cp, link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { AgentPackage } from '@skerry/contract/agents/agent-package'
import { AGENT_PATH } from '@skerry/contract/kinds/agent'
import { readTar } from '@skerry/platform/files/tar-read'
import { ROOT } from '../step.ts'

/** The folder of the program files, in both forms. */
export const PROGRAM_FOLDER = 'usr/lib/skerry-agent'

/** Lays the package out in `folder`, and returns its manifest. */
export async function layOutSeed(folder: string, packageFile: string): Promise<AgentPackage> {
  const part = join(folder, 'seed.part')
  await mkdir(part, { recursive: true })
  const archives: string[] = []
  await readTar(createReadStream(packageFile), async ({ path }, bytes) => {
    if (path.endsWith('.tar')) archives.push(path)
    await put(join(part, path), bytes, path === 'node')
  })
  const text = await readFile(join(part, AGENT_PATH), 'utf8')
  const manifest = AgentPackage.parse(JSON.parse(text))
  // The launcher knows versions by digests. The hub names a pushed version otherwise, because its digest has a number.
  const version = join(folder, 'seed', createHash('sha256').update(text).digest('hex'))
  await mkdir(dirname(version))
  for (const path of archives) await unpack(join(part, path), version)
  for (const name of [AGENT_PATH, ...(manifest.node.path === undefined ? [] : [manifest.node.path])]) {
    await rename(join(part, name), join(version, name))
  }
  await rm(part, { recursive: true })
  await takeLauncher(folder, join(version, dirname(manifest.launcher)))
  return manifest
}

/**
 * The launcher runs with the Node that came with it, because an update must not take it away. A hard link holds it once
 * in the archive.
 */
export async function shareNode(folder: string, target: string, { node }: AgentPackage): Promise<void> {
  if (node.path === undefined) throw new Error('the package brings no Node.js, and nothing else does')
  const [seed = ''] = await readdir(join(folder, 'seed'))
  await mkdir(dirname(target), { recursive: true })
  await link(join(folder, 'seed', seed, node.path), target)
}

async function unpack(archive: string, target: string): Promise<void> {
  await readTar(createReadStream(archive), async ({ path, isProgram }, bytes) => {
    await put(join(target, path), bytes, isProgram)
  })
}

/** It stands beside the versions, because an update does not replace it. */
async function takeLauncher(folder: string, source: string): Promise<void> {
  await mkdir(join(folder, 'launcher'))
  for (const name of (await readdir(source)).filter((file) => file.endsWith('.js'))) {
    await cp(join(source, name), join(folder, 'launcher', name))
  }
  await writeFile(join(folder, 'launcher/package.json'), '{"type":"module"}\n')
  await cp(join(ROOT, 'deploy/agent-start.mjs'), join(folder, 'agent-start.mjs'))
}

async function put(path: string, bytes: AsyncIterable<Uint8Array>, isProgram: boolean): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await pipeline(bytes, createWriteStream(path, { mode: isProgram ? 0o755 : 0o644 }))
}
