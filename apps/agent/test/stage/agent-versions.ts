/** Agent versions: the folder of a launcher with one version, and a package from which a test adds others. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { AgentPackage } from '@skerry/contract/agents/agent-package'
import type { FileSystem } from '@skerry/platform/files/file-system'
import { digestOf } from '@skerry/platform/files/hash'
import { TAR_END, tarEntry } from '@skerry/platform/files/tar-write'
import { addVersion, removeVersions } from '../../src/kinds/agent/version-folders.ts'
import { readLaunch, versionFolder } from '../../src/launcher/launch-files.ts'

/** A runs. The others are added. */
export const [A, B, C] = ['a', 'b', 'c'].map((letter) => letter.repeat(64)) as [string, string, string]

const CODE = { 'dist/main.js': 'main '.repeat(300), 'dist/deep/part.js': 'part' }
const archive = Buffer.concat([
  ...Object.entries(CODE).flatMap(([path, text]) => [...tarEntry({ path, bytes: Buffer.from(text) })]),
  TAR_END,
])
const program = Buffer.from('node '.repeat(200))
const PARTS = [
  { path: 'code.tar', form: 'archive', bytes: archive },
  { path: 'node', form: 'program', bytes: program },
] as const

const manifest = AgentPackage.parse({
  v: 1,
  version: '9.0.0',
  architectures: ['x64'],
  node: { version: '24.0.0', path: 'node' },
  entry: 'dist/main.js',
  launcher: 'dist/main.js',
  parts: PARTS.map(({ path, form, bytes }) => ({ path, form, digest: digestOf(bytes), sizeBytes: bytes.length })),
})
const text = JSON.stringify(manifest)

/** The files of an added version, and the files of A. */
const WHOLE = { ...CODE, node: program.toString(), 'agent.json': text }
const RUNNING = { 'agent.json': 'A' }

/** The folder of a launcher whose version A runs, with the files of the package beside it. */
export function newLauncherFolder(): string {
  const root = mkdtempSync(join(tmpdir(), 'skerry-versions-'))
  mkdirSync(join(root, 'blobs'))
  for (const { path, bytes } of PARTS) writeFileSync(join(root, 'blobs', path), bytes)
  mkdirSync(versionFolder(root, A), { recursive: true })
  for (const [path, content] of Object.entries(RUNNING)) writeFileSync(join(versionFolder(root, A), path), content)
  symlinkSync(join('versions', A), join(root, 'current'))
  return root
}

export const removeLauncherFolder = (root: string): void => rmSync(root, { recursive: true, force: true })

export function addFromPackage(root: string, digest: string, fileSystem: FileSystem): Promise<boolean> {
  const sources = PARTS.map(({ path }) => ({ name: path, path: join(root, 'blobs', path), seal: undefined }))
  return addVersion({ root, digest }, { fileSystem, sources, manifest, text }, AbortSignal.timeout(600_000))
}

/**
 * A version is added, removed, and another one is added: all changes that the agent makes to the folders. False: the
 * disk had no room.
 */
export async function replaceVersions(root: string, fileSystem: FileSystem): Promise<boolean> {
  if (!(await addFromPackage(root, B, fileSystem))) return false
  await removeVersions({ root, fileSystem }, (digest) => digest === A)
  return addFromPackage(root, C, fileSystem)
}

/** The versions that the launcher could start, and that lack a file or have another one. A must be one that is complete. */
export function tornVersions(root: string): string[] {
  const { versions, current } = readLaunch(root)
  const torn = [...versions].filter(
    (digest) => !isDeepStrictEqual(filesOf(versionFolder(root, digest)), digest === A ? RUNNING : WHOLE),
  )
  return current === A && versions.has(A) ? torn : [...torn, 'the running version is missing']
}

function filesOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  )
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
}
