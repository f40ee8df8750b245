/**
 * Agent package: the software of a device as one file, which `skerry agent push` sends and `install.sh` installs. It is
 * a tar of `agent.json` and three parts: our code, the packages that it needs, and Node. They change at different
 * times, so that an update of our code moves only the code. Types are stripped by Node itself, as in development.
 */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import module from 'node:module'
import { dirname, join, relative } from 'node:path'
import { finished } from 'node:stream/promises'
import { AgentPackage } from '@skerry/contract/agents/agent-package'
import { AGENT_PATH } from '@skerry/contract/kinds/agent'
import { Digest } from '@skerry/contract/values/digest'
import { TAR_END, tarEntry, tarHeader, tarPadding } from '@skerry/platform/files/tar-write'
import * as z from 'zod'
import { STANDS_BY } from '../../apps/agent/src/launcher/launch-files.ts'
import { TAKES_OVER } from '../../apps/agent/src/runner/handover/predecessor.ts'
import { type Lock, neededBy, readLock } from '../lock.ts'
import { ROOT } from '../step.ts'

export type PackageWish = {
  /** The file to write. */
  target: string
  /** The version of the agent; that of its package if absent. */
  version?: string
  architecture?: 'x64' | 'arm64'
  /** Without them the package runs only beside the packages of this checkout, and with the Node of its launcher. */
  isWhole?: boolean
  /** Adds the runtime of language models as a part of its own: devices without them need not fetch it. Only of a whole package. */
  hasLanguage?: boolean
  /** Replaces sources and modules by their paths in the repository: tests make other versions with it. */
  patch?: Readonly<Record<string, string>>
}

const PackageJson = z.looseObject({ name: z.string(), version: z.string(), devDependencies: z.unknown().optional() })

const ENTRY = 'node_modules/@skerry/agent/dist/main.js'
const LAUNCHER = 'node_modules/@skerry/agent/dist/launcher/launcher.js'

/** Writes the package, and returns its manifest. */
export async function buildAgentPackage(wish: PackageWish): Promise<AgentPackage> {
  const architecture = wish.architecture ?? z.enum(['x64', 'arm64']).parse(process.arch)
  const work = `${wish.target}.work`
  await rm(work, { recursive: true, force: true })
  await mkdir(join(work, 'parts'), { recursive: true })
  const lock = readLock()
  const needed = neededBy(lock, ['apps/agent'])
  const own = needed.filter((path) => !path.startsWith('node_modules/')).toSorted()
  const version = wish.version ?? PackageJson.parse(await readJson(join(ROOT, 'apps/agent/package.json'))).version
  await writeTar(join(work, 'parts/code.tar'), ownFiles(own, { version, patch: wish.patch ?? {} }))
  const forms: [path: string, form: 'archive' | 'program'][] = [['parts/code.tar', 'archive']]
  if (wish.isWhole) {
    const modules = needed.filter((path) => path.startsWith('node_modules/')).toSorted()
    await writeTar(join(work, 'parts/modules.tar'), patched(moduleFiles(modules, architecture), wish.patch ?? {}))
    forms.push(['parts/modules.tar', 'archive'], ['node', 'program'])
    if (wish.hasLanguage) {
      await writeTar(join(work, LANGUAGE_PART), moduleFiles(languageModules(lock, needed, architecture), architecture))
      forms.push([LANGUAGE_PART, 'archive'])
    }
  }
  const nodePath = join(ROOT, `node_modules/node-linux-${architecture}/bin/node`)
  const placeOf = (path: string) => (path === 'node' ? nodePath : join(work, path))
  const parts = []
  for (const [path, form] of forms) parts.push({ path, form, ...(await measure(placeOf(path))) })
  const manifest = AgentPackage.parse({
    v: 1,
    version,
    architectures: [architecture],
    node: { version: process.versions.node, ...(wish.isWhole && { path: 'node' }) },
    entry: ENTRY,
    launcher: LAUNCHER,
    parts,
  })
  const text = Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`)
  await writeTar(join(work, 'package.tar'), [
    { path: AGENT_PATH, bytes: text },
    ...parts.map(({ path, sizeBytes }) => ({ path, from: placeOf(path), sizeBytes })),
  ])
  await rename(join(work, 'package.tar'), wish.target)
  await rm(work, { recursive: true })
  return manifest
}

const LANGUAGE_PART = 'parts/language.tar'

/** The folders of the packages that the runtime of language models needs, and that the agent does not have anyway. */
export function languageModules(lock: Lock, others: readonly string[], architecture: string): string[] {
  const roots = ['node_modules/node-llama-cpp', `node_modules/@node-llama-cpp/linux-${architecture}`]
  return neededBy(lock, roots)
    .filter((path) => !others.includes(path))
    .toSorted()
}

type Content = { path: string; bytes: Uint8Array } | { path: string; from: string; sizeBytes: number }

async function writeTar(target: string, files: AsyncIterable<Content> | Iterable<Content>): Promise<void> {
  const out = createWriteStream(target)
  const write = async (bytes: Uint8Array) => {
    if (!out.write(bytes)) await new Promise<void>((done) => out.once('drain', () => done()))
  }
  for await (const file of files) {
    if ('bytes' in file) {
      for (const piece of tarEntry(file)) await write(piece)
      continue
    }
    await write(tarHeader(file.path, file.sizeBytes))
    for await (const chunk of createReadStream(file.from)) await write(chunk)
    await write(tarPadding(file.sizeBytes))
  }
  out.end(TAR_END)
  await finished(out)
}

async function measure(path: string) {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return { digest: Digest.parse(`sha256:${hash.digest('hex')}`), sizeBytes: (await stat(path)).size }
}

/** Our packages as JavaScript. Node strips no types below node_modules. */
async function* ownFiles(
  folders: readonly string[],
  { version, patch }: { version: string; patch: Readonly<Record<string, string>> },
): AsyncGenerator<Content> {
  // The agent before leaves its runner to a version with this file. In the manifest, agents of 0.1.0 would reject it.
  yield { path: TAKES_OVER, bytes: Buffer.from('1\n') }
  yield { path: STANDS_BY, bytes: Buffer.from('1\n') }
  for (const folder of folders) {
    const { devDependencies: _, ...manifest } = PackageJson.parse(await readJson(join(ROOT, folder, 'package.json')))
    const home = `node_modules/${manifest.name}`
    const published = { ...manifest, exports: { './*': './dist/*.js' }, ...(folder === 'apps/agent' && { version }) }
    yield { path: `${home}/package.json`, bytes: Buffer.from(`${JSON.stringify(published, undefined, 2)}\n`) }
    for (const path of await filesBelow(join(ROOT, folder, 'proto'))) {
      yield { path: `${home}/proto/${path}`, bytes: await readFile(join(ROOT, folder, 'proto', path)) }
    }
    for (const path of await filesBelow(join(ROOT, folder, 'src'))) {
      if (path.endsWith('.test.ts')) continue
      const bytes = await readFile(join(ROOT, folder, 'src', path))
      yield builtFile({ home, path, bytes, replaced: patch[`${folder}/src/${path}`] })
    }
  }
}

type Source = { home: string; path: string; bytes: Uint8Array; replaced: string | undefined }

function builtFile({ home, path, bytes, replaced }: Source): Content {
  if (!path.endsWith('.ts')) return { path: `${home}/dist/${path}`, bytes }
  const text = replaced ?? Buffer.from(bytes).toString()
  return { path: `${home}/dist/${path.slice(0, -'.ts'.length)}.js`, bytes: Buffer.from(javascriptOf(text)) }
}

const IMPORTED = /(\bfrom\s*|\bimport\s*\(?\s*)(['"])(\.{1,2}\/[^'"]+)\.ts\2/g

const javascriptOf = (source: string) =>
  module
    .stripTypeScriptTypes(source)
    .replaceAll(IMPORTED, (_, before, quote, path) => `${before}${quote}${path}.js${quote}`)

/** Files that nothing reads at run time. */
const IDLE = /\.(map|md|markdown|ts|mts|cts|flow)$|(^|\/)(test|tests|__tests__|docs|example|examples|\.github)\//i

/** llama.cpp's own sources, from which a device never builds: 34 MB. */
const UNBUILT = /node_modules\/node-llama-cpp\/(llama\/(gitRelease\.bundle$|addon\/|cmake\/|toolchains\/)|templates\/)/

/** The files of packages that a device needs at run time. */
export async function* moduleFiles(folders: readonly string[], architecture: string): AsyncGenerator<Content> {
  for (const folder of folders) {
    for (const path of await filesBelow(join(ROOT, folder), 'node_modules')) {
      if (IDLE.test(path) || UNBUILT.test(`${folder}/${path}`) || !isForArchitecture(`${folder}/${path}`, architecture))
        continue
      yield { path: `${folder}/${path}`, bytes: await readFile(join(ROOT, folder, path)) }
    }
  }
}

async function* patched(
  files: AsyncIterable<Content>,
  patch: Readonly<Record<string, string>>,
): AsyncGenerator<Content> {
  for await (const file of files) {
    const text = patch[file.path]
    yield text === undefined ? file : { path: file.path, bytes: Buffer.from(text) }
  }
}

/** Packages with native parts bring them for every system. */
function isForArchitecture(path: string, architecture: string): boolean {
  const [, system] = /onnxruntime-node\/bin\/napi-v6\/([^/]+\/[^/]+)\//.exec(path) ?? []
  if (system !== undefined) return system === `linux/${architecture}`
  const [, prebuilt] = /\/prebuilds\/([^/]+)\//.exec(path) ?? []
  return prebuilt === undefined || prebuilt === `linux-${architecture}`
}

async function filesBelow(folder: string, except?: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => except === undefined || !path.split('/').includes(except))
    .toSorted()
}

const readJson = async (path: string) => JSON.parse(await readFile(path, 'utf8'))

/** The place of the package that `npm run pack` makes. */
export const packagePath = (folder: string, hasLanguage: boolean) =>
  join(folder, `skerry-agent-${hasLanguage ? 'language-' : ''}linux-${process.arch}.tar`)

/** As a program: `agent-package.ts [--language] [FILE]`. */
if (process.argv[1] === import.meta.filename) {
  const hasLanguage = process.argv.includes('--language')
  const [file] = process.argv.slice(2).filter((word) => word !== '--language')
  const target = file ?? packagePath(join(ROOT, '.skerry/packages'), hasLanguage)
  await mkdir(dirname(target), { recursive: true })
  const { version, parts } = await buildAgentPackage({ target, isWhole: true, hasLanguage })
  const bytes = parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  process.stdout.write(`${target}: agent ${version}, ${Math.round(bytes / 1e6)} MB\n`)
}
