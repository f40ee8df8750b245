/** Image archive: a container image without any software in it, in the forms that container tools write. */
import { createHash } from 'node:crypto'
import { type TarFile, tarOf } from './tar.ts'

const digestOf = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
const json = (value: unknown) => Buffer.from(JSON.stringify(value))

export type FakeImage = { name: string; layers: readonly string[]; architecture?: string }

type Made = { manifest: Buffer; config: Buffer; layers: Buffer[] }

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'

/** The documents of the image. Each layer is an archive with one file, which has this text. */
export function imageOf({ layers, architecture = 'amd64' }: Omit<FakeImage, 'name'>): Made {
  const tars = layers.map((text) => tarOf([{ path: 'note.txt', bytes: Buffer.from(text) }]))
  const config = json({
    os: 'linux',
    architecture,
    config: {},
    rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
  })
  const described = (bytes: Uint8Array, mediaType: string) => ({
    mediaType,
    digest: digestOf(bytes),
    size: bytes.length,
  })
  const manifest = json({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: described(config, 'application/vnd.oci.image.config.v1+json'),
    layers: tars.map((tar) => described(tar, 'application/vnd.oci.image.layer.v1.tar')),
  })
  return { manifest, config, layers: tars }
}

const blob = (bytes: Uint8Array): TarFile => ({ path: `blobs/sha256/${digestOf(bytes).slice(7)}`, bytes })

/** The files of an OCI image layout, as Docker 25 and later save them. */
export function layoutFiles(images: readonly FakeImage[]): TarFile[] {
  const made = images.map((image) => ({ ...image, ...imageOf(image) }))
  const manifests = made.map(({ name, manifest }) => ({
    mediaType: MANIFEST,
    digest: digestOf(manifest),
    size: manifest.length,
    annotations: { 'io.containerd.image.name': `docker.io/library/${name}` },
  }))
  return [
    { path: 'oci-layout', bytes: json({ imageLayoutVersion: '1.0.0' }) },
    { path: 'index.json', bytes: json({ schemaVersion: 2, manifests }) },
    ...made.flatMap(({ manifest, config, layers }) => [manifest, config, ...layers].map(blob)),
  ]
}

/** The files of an archive as Docker saved it before version 25. */
export function dockerFiles({ name, layers, architecture }: FakeImage): TarFile[] {
  const made = imageOf({ layers, ...(architecture !== undefined && { architecture }) })
  const config = `${digestOf(made.config).slice(7)}.json`
  const paths = made.layers.map((_, index) => `layer-${index}/layer.tar`)
  return [
    { path: 'manifest.json', bytes: json([{ Config: config, RepoTags: [name], Layers: paths }]) },
    { path: config, bytes: made.config },
    ...made.layers.map((bytes, index) => ({ path: paths[index] ?? '', bytes })),
  ]
}
