/**
 * Agent image: the agent with its launcher as a container image in one file, made without a container engine. `docker
 * load`, `podman load` and tools for OCI layouts read it. It holds Node with its libraries, and no shell.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgentPackage } from '@skerry/contract/agents/agent-package'
import { librariesOf } from './libraries.ts'
import { layOutSeed, PROGRAM_FOLDER, shareNode } from './seed.ts'

/** [OCI image specification, config.md] */
const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' } as const

/** The user of the hub's image too. */
const USER = '10001'

const STATE = '/var/lib/skerry-agent'

/** Writes the image. Its libraries come from this computer, so that it is for the processor of this computer. */
export async function buildAgentImage({ packageFile, target }: { packageFile: string; target: string }): Promise<void> {
  const work = await mkdtemp(`${target}.work-`)
  try {
    const rootfs = join(work, 'rootfs')
    const manifest = await layOutRoot(rootfs, packageFile)
    const layer = join(work, 'layer.tar')
    tar(['--owner=0', '--group=0', '-cf', layer, '-C', rootfs, ...(await readdir(rootfs)).toSorted()])
    // The folders that the user of the container may write to.
    for (const path of [STATE.slice(1), 'tmp']) await mkdir(join(work, 'own', path), { recursive: true })
    tar([
      `--owner=${USER}`,
      `--group=${USER}`,
      '--no-recursion',
      '-rf',
      layer,
      '-C',
      join(work, 'own'),
      STATE.slice(1),
      'tmp',
    ])
    await writeArchive({ work, layer, manifest, target })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** The same content gives the same bytes. */
const tar = (words: readonly string[]) =>
  execFileSync('tar', ['--sort=name', '--mtime=@0', '--numeric-owner', '--format=gnu', ...words], { stdio: 'inherit' })

async function layOutRoot(rootfs: string, packageFile: string): Promise<AgentPackage> {
  const programs = join(rootfs, PROGRAM_FOLDER)
  for (const path of [programs, join(rootfs, 'usr/bin'), join(rootfs, 'etc')]) await mkdir(path, { recursive: true })
  const manifest = await layOutSeed(programs, packageFile)
  const [seed = ''] = await readdir(join(programs, 'seed'))
  const node = join(rootfs, 'usr/bin/node')
  await shareNode(programs, node, manifest)
  const binding = `node_modules/onnxruntime-node/bin/napi-v6/linux/${process.arch}/onnxruntime_binding.node`
  for (const library of new Set([node, join(programs, 'seed', seed, binding)].flatMap(librariesOf))) {
    if (!library.startsWith(rootfs)) await cp(library, join(rootfs, library), { dereference: true })
  }
  await writeFile(join(rootfs, 'etc/passwd'), `skerry:x:${USER}:${USER}::${STATE}:/nonexistent\n`)
  await writeFile(join(rootfs, 'etc/nsswitch.conf'), 'hosts: files dns\n')
  return manifest
}

type Archive = { work: string; layer: string; manifest: AgentPackage; target: string }

/**
 * [OCI image specification, image-layout.md] An image layout, with the manifest.json that older engines read. Both name
 * the same files.
 */
async function writeArchive({ work, layer, manifest, target }: Archive): Promise<void> {
  const out = join(work, 'out')
  const blobs = join(out, 'blobs/sha256')
  await mkdir(blobs, { recursive: true })
  const place = async (path: string) => {
    const found = { digest: `sha256:${await sha256Of(path)}`, size: (await stat(path)).size }
    await rename(path, join(out, blobPath(found.digest)))
    return found
  }
  const placeJson = async (value: unknown) => {
    await writeFile(join(work, 'document'), JSON.stringify(value))
    return place(join(work, 'document'))
  }
  const layerBlob = await place(layer)
  const config = await placeJson(configOf(manifest, layerBlob.digest))
  const described = await placeJson({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...layerBlob }],
  })
  const tag = `skerry/agent:${manifest.version}`
  const annotations = {
    'io.containerd.image.name': `docker.io/${tag}`,
    'org.opencontainers.image.ref.name': manifest.version,
  }
  await writeFile(join(out, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  const manifests = [{ mediaType: MANIFEST, ...described, annotations }]
  await writeFile(join(out, 'index.json'), JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests }))
  const saved = { Config: blobPath(config.digest), RepoTags: [tag], Layers: [blobPath(layerBlob.digest)] }
  await writeFile(join(out, 'manifest.json'), JSON.stringify([saved]))
  tar([
    '--owner=0',
    '--group=0',
    '-czf',
    `${target}.part`,
    '-C',
    out,
    'oci-layout',
    'index.json',
    'manifest.json',
    'blobs',
  ])
  await rename(`${target}.part`, target)
}

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const INDEX = 'application/vnd.oci.image.index.v1+json'

const blobPath = (digest: string) => `blobs/sha256/${digest.replace('sha256:', '')}`

/** The launcher gets SIGTERM from the engine, and passes it on. */
const configOf = ({ version }: AgentPackage, layer: string) => ({
  os: 'linux',
  architecture: ARCHITECTURES[process.arch === 'arm64' ? 'arm64' : 'x64'],
  config: {
    User: `${USER}:${USER}`,
    Env: ['HOME=/tmp', 'PATH=/usr/bin'],
    Entrypoint: ['/usr/bin/node', `/${PROGRAM_FOLDER}/agent-start.mjs`, STATE],
    WorkingDir: '/',
    Volumes: { [STATE]: {} },
    Labels: { 'org.opencontainers.image.version': version, 'org.opencontainers.image.licenses': 'Apache-2.0' },
  },
  rootfs: { type: 'layers', diff_ids: [layer] },
  history: [{ created_by: 'npm run pack' }],
})

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}
