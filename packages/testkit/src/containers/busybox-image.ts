/**
 * BusyBox image: a container image of some files around Debian's static BusyBox, built without an engine or a registry,
 * in the form of an OCI image layout.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const BUSYBOX = '/bin/busybox'

/** Whether Debian's busybox-static is installed. */
export const hasBusybox = existsSync(BUSYBOX)

export type ImageDigest = `sha256:${string}`

/** `blobs` has the bytes by the path in a layout. */
export type TestImage = {
  manifest: ImageDigest
  id: ImageDigest
  architecture: 'amd64' | 'arm64'
  blobs: Record<string, Buffer>
}

const APPLETS = [
  'sh',
  'sleep',
  'httpd',
  'wget',
  'cat',
  'echo',
  'test',
  'kill',
  'touch',
  'rm',
  'id',
  'head',
  'tail',
  'true',
  'false',
  'dd',
]

let baseLayer: Promise<Buffer> | undefined

/** An image of these layers, each a tar. */
export function imageOf(layers: readonly Buffer[], command: readonly string[]): TestImage {
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64'
  const config = jsonOf({
    architecture,
    os: 'linux',
    config: { Cmd: command, Env: ['PATH=/bin:/usr/bin'] },
    rootfs: { type: 'layers', diff_ids: layers.map(digestOf) },
    history: layers.map(() => ({ created: '2026-01-01T00:00:00Z' })),
  })
  const manifest = jsonOf({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptorOf('application/vnd.oci.image.config.v1+json', config),
    layers: layers.map((layer) => descriptorOf('application/vnd.oci.image.layer.v1.tar', layer)),
  })
  const blobs = Object.fromEntries([...layers, config, manifest].map((bytes) => [pathOf(bytes), bytes]))
  return { manifest: digestOf(manifest), id: digestOf(config), architecture, blobs }
}

/** An image whose container runs the line in a shell. `files` lie in a second layer, and `further` in layers above. */
export async function busyboxImage(
  line: string,
  files: Readonly<Record<string, string>> = {},
  further: readonly Readonly<Record<string, string>>[] = [],
): Promise<TestImage> {
  baseLayer ??= layerOf(async (folder) => {
    await mkdir(join(folder, 'bin'))
    await mkdir(join(folder, 'tmp'))
    await copyFile(BUSYBOX, join(folder, 'bin/busybox'))
    for (const applet of APPLETS) await symlink('busybox', join(folder, 'bin', applet))
  })
  const layers = [await baseLayer]
  for (const each of [{ 'etc/release': line, ...files }, ...further])
    layers.push(await layerOf((to) => writeAll(to, each)))
  return imageOf(layers, ['/bin/sh', '-c', line])
}

/** Writes the image as an archive of an OCI image layout, with a name in it, and the manifest of `docker save`. */
export async function writeImageArchive(
  image: TestImage,
  { path, name }: { path: string; name: string },
): Promise<void> {
  await inFolder(async (folder) => {
    const bytes = image.blobs[`blobs/sha256/${image.manifest.slice(7)}`]
    if (!bytes) throw new Error('the image has no manifest')
    const annotations = {
      'io.containerd.image.name': name,
      'org.opencontainers.image.ref.name': name.split(':').at(-1),
    }
    const manifests = [{ ...descriptorOf('application/vnd.oci.image.manifest.v1+json', bytes), annotations }]
    await mkdir(join(folder, 'blobs/sha256'), { recursive: true })
    await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
    const { config, layers } = JSON.parse(bytes.toString('utf8'))
    const at = ({ digest }: { digest: ImageDigest }) => `blobs/sha256/${digest.slice(7)}`
    const legacy = [{ Config: at(config), RepoTags: [name], Layers: layers.map(at) }]
    await writeFile(join(folder, 'manifest.json'), jsonOf(legacy))
    await writeFile(join(folder, 'index.json'), jsonOf({ schemaVersion: 2, manifests }))
    for (const [file, blob] of Object.entries(image.blobs)) await writeFile(join(folder, file), blob)
    execFileSync('tar', ['-cf', path, '-C', folder, '.'])
  })
}

/** Writes the texts below the folder. */
export async function writeAll(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
}

/** The bytes of a layer with these files; the same files give the same bytes. */
export const layerOf = (fill: (folder: string) => Promise<void>): Promise<Buffer> =>
  inFolder(async (folder) => {
    const tree = join(folder, 'tree')
    const path = join(folder, 'layer.tar')
    await mkdir(tree)
    await fill(tree)
    const fixed = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--mode=u+rwX,go+rX']
    execFileSync('tar', [...fixed, '-cf', path, '-C', tree, '.'])
    return readFile(path)
  })

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-image-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const jsonOf = (value: unknown) => Buffer.from(JSON.stringify(value))
const digestOf = (bytes: Uint8Array): ImageDigest => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
const pathOf = (bytes: Uint8Array) => `blobs/sha256/${digestOf(bytes).slice(7)}`
const descriptorOf = (mediaType: string, bytes: Uint8Array) => ({
  mediaType,
  digest: digestOf(bytes),
  size: bytes.byteLength,
})
