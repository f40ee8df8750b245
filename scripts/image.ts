/**
 * `npm run image`: the hub as a container image, or the agent with `-- --agent`, with its SBOM in /app/sbom.cdx.json. The content is laid out in
 * .skerry/image first: Node with its libraries, the packed hub, and the part of node_modules that the hub needs by
 * package-lock.json. So the image is built from nothing, the same everywhere, and holds no shell and no package
 * manager. Arguments go to `docker build`, such as `--tag registry.example.com/skerry/hub:0.1.0`.
 */
import { execFileSync } from 'node:child_process'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { librariesOf } from './agent/libraries.ts'
import { neededBy, readLock } from './lock.ts'
import { sbomDocument } from './sbom/sbom-document.ts'
import { ROOT, toolEnv } from './step.ts'

const image = join(ROOT, '.skerry/image')
const rootfs = join(image, 'rootfs')
const modules = join(rootfs, 'app/node_modules')

const lock = readLock()
const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')))

// A test that has packed already builds by itself.
const [isPacked, isAgent] = ['--packed', '--agent'].map((flag) => process.argv.includes(flag))
const app = isAgent ? 'agent' : 'hub'
if (!isPacked) {
  execFileSync(process.execPath, [join(ROOT, 'scripts/pack.ts')], { cwd: ROOT, env: toolEnv(), stdio: 'inherit' })
}
await layOut()
if (!isPacked) {
  const given = process.argv.slice(2).filter((argument) => argument !== '--agent')
  const file = join(ROOT, 'deploy', isAgent ? 'agent.Dockerfile' : 'Dockerfile')
  const tags = ['--tag', `skerry/${app}:${version}`, ...given]
  execFileSync('docker', ['build', '--file', file, ...tags, image], { stdio: 'inherit' })
}

async function layOut(): Promise<void> {
  await rm(image, { recursive: true, force: true })
  // Docker gives a folder to somebody only when it makes it, so those that the hub owns come out of an empty one.
  for (const folder of ['rootfs/usr/bin', 'rootfs/etc', 'empty']) await mkdir(join(image, folder), { recursive: true })
  const roots = [`apps/${app}`, ...(isAgent ? ['node_modules/@kubernetes/client-node'] : [])]
  const needed = neededBy(lock, roots)
  const own = [app, ...(isAgent ? [] : ['console']), ...needed.filter((path) => path.startsWith('packages/'))]
  for (const path of new Set(own.map((name) => name.replace('packages/', '')))) {
    await cp(join(ROOT, '.skerry/packages', path), join(modules, '@skerry', path), { recursive: true })
  }
  for (const path of needed.filter((found) => found.startsWith('node_modules/'))) {
    await cp(join(ROOT, path), join(rootfs, 'app', path), { recursive: true, filter: isForHere })
  }
  const node = join(rootfs, 'usr/bin/node')
  await cp(process.execPath, node)
  const binding = join(modules, 'onnxruntime-node/bin/napi-v6/linux', process.arch, 'onnxruntime_binding.node')
  for (const library of new Set([node, binding].flatMap(librariesOf))) {
    if (!library.startsWith(image)) await cp(library, join(rootfs, library), { dereference: true })
  }
  await cp(join(ROOT, 'deploy/health.mjs'), join(rootfs, 'app/health.mjs'))
  const sbom = sbomDocument({ lock, version, roots, kinds: ['dependencies'] })
  await writeFile(join(rootfs, 'app/sbom.cdx.json'), `${JSON.stringify(sbom, undefined, 2)}\n`)
  await writeFile(join(rootfs, 'etc/passwd'), 'skerry:x:10001:10001::/var/lib/skerry:/nonexistent\n')
  await writeFile(join(rootfs, 'etc/nsswitch.conf'), 'hosts: files dns\n')
}

/** The runtime brings its libraries for every system. */
function isForHere(path: string): boolean {
  const [, system] = /onnxruntime-node\/bin\/napi-v6\/(.+)/.exec(path) ?? []
  return (
    system === undefined ||
    `linux/${process.arch}/`.startsWith(`${system}/`) ||
    system.startsWith(`linux/${process.arch}`)
  )
}
