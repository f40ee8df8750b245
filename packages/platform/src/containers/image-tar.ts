/**
 * Image tar: one image of a release as the tar stream that a container engine loads. The stream has an OCI image
 * layout, and the `manifest.json` of `docker save`, because Docker without containerd reads only that. It is written
 * here, because each entry is a file of a known size with a short name: a library for all other archives would be
 * larger than the rest of this driver.
 */
import { Readable } from 'node:stream'
import { blobPath } from '@skerry/contract/apps/app'
import { OCI_DOCUMENT_BYTES_MAX, OCI_MANIFEST, OciManifest } from '@skerry/contract/apps/oci'
import type { Digest } from '@skerry/contract/values/digest'
import { parseJson } from '@skerry/core/values/parse-json'

/** A file of the version, read piece by piece. */
export type BlobReader = (digest: Digest) => { sizeBytes: number; read(): AsyncIterable<Uint8Array> } | undefined

const BLOCK_BYTES = 512

export type ArchiveResult = { ok: true; stream: Readable } | { ok: false; message: string }

/** `name` is the name of the image in the engine. */
export async function imageArchive(manifestDigest: Digest, name: string, blob: BlobReader): Promise<ArchiveResult> {
  const found = blob(manifestDigest)
  if (!found || found.sizeBytes > OCI_DOCUMENT_BYTES_MAX)
    return { ok: false, message: 'the manifest of the image is missing' }
  const text = await textOf(found.read())
  const parsed = OciManifest.safeParse(parseJson(text))
  if (!parsed.success) return { ok: false, message: 'the manifest of the image cannot be read' }
  const { config, layers, mediaType } = parsed.data
  // Two layers may be the same file.
  const digests = [...new Set([config, ...layers].map(({ digest }) => digest))]
  const missing = digests.find((digest) => blob(digest) === undefined)
  if (missing !== undefined) return { ok: false, message: `${blobPath(missing)} is not among the files of the release` }
  const heads = headFiles({ manifestDigest, mediaType, sizeBytes: found.sizeBytes, name, config, layers })
  return { ok: true, stream: Readable.from(entries(heads, [manifestDigest, ...digests], blob), { objectMode: false }) }
}

type Head = {
  manifestDigest: Digest
  mediaType: OciManifest['mediaType'] | undefined
  sizeBytes: number
  name: string
} & Pick<OciManifest, 'config' | 'layers'>

function headFiles({ manifestDigest, mediaType, sizeBytes, name, config, layers }: Head): [string, Buffer][] {
  const path = ({ digest }: { digest: Digest }) => blobPath(digest)
  const tag = name.slice(name.lastIndexOf(':') + 1)
  const annotations = { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': tag }
  const type = mediaType ?? OCI_MANIFEST
  const files: [string, unknown][] = [
    ['oci-layout', { imageLayoutVersion: '1.0.0' }],
    ['manifest.json', [{ Config: path(config), RepoTags: [name], Layers: layers.map(path) }]],
    [
      'index.json',
      { schemaVersion: 2, manifests: [{ mediaType: type, digest: manifestDigest, size: sizeBytes, annotations }] },
    ],
  ]
  return files.map(([file, content]) => [file, Buffer.from(JSON.stringify(content))])
}

async function* entries(heads: [string, Buffer][], digests: Digest[], blob: BlobReader): AsyncGenerator<Uint8Array> {
  for (const [path, bytes] of heads) {
    yield Buffer.concat([tarHeader(path, bytes.length), bytes, padding(bytes.length)])
  }
  for (const digest of digests) {
    const file = blob(digest)
    if (!file) throw new Error(`${digest} is gone`)
    yield tarHeader(blobPath(digest), file.sizeBytes)
    yield* file.read()
    yield padding(file.sizeBytes)
  }
  yield Buffer.alloc(2 * BLOCK_BYTES)
}

const padding = (sizeBytes: number) => Buffer.alloc((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES)

/** [POSIX.1-2017, pax, ustar] A regular file; the header of a size past eight gigabytes is that of GNU tar. */
export function tarHeader(path: string, sizeBytes: number): Buffer {
  const header = Buffer.alloc(BLOCK_BYTES)
  const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, '0')}\0`
  header.write(path, 0, 100)
  header.write(octal(0o644, 8), 100)
  header.write(octal(0, 8), 108)
  header.write(octal(0, 8), 116)
  if (sizeBytes < 8 ** 11) header.write(octal(sizeBytes, 12), 124)
  else {
    header[124] = 0x80
    header.writeBigUInt64BE(BigInt(sizeBytes), 128)
  }
  header.write(octal(0, 12), 136)
  header.write('0', 156)
  header.write('ustar\x0000', 257)
  header.write(' '.repeat(8), 148)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

async function textOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Buffer[] = []
  for await (const piece of pieces) all.push(Buffer.from(piece))
  return Buffer.concat(all).toString('utf8')
}
