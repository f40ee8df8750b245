import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { OCI_CONFIG, OCI_LAYER } from '@skerry/contract/apps/oci'
import { Digest } from '@skerry/contract/values/digest'
import { digestOf } from '@skerry/platform/files/hash'
import { expect, onTestFinished, test } from 'vitest'
import { type BlobReader, imageArchive, tarHeader } from './image-tar.ts'

const layer = Buffer.alloc(1_300, 'l')
const config = Buffer.from('{"rootfs":{}}')
const descriptor = (mediaType: string, bytes: Buffer) => ({ mediaType, digest: digestOf(bytes), size: bytes.length })
const manifest = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    config: descriptor(OCI_CONFIG, config),
    layers: [descriptor(OCI_LAYER, layer), descriptor(OCI_LAYER, layer)],
  }),
)

function readerOf(...files: Buffer[]): BlobReader {
  const known = new Map(files.map((bytes) => [digestOf(bytes), bytes]))
  return (digest) => {
    const bytes = known.get(digest)
    return (
      bytes && {
        sizeBytes: bytes.length,
        async *read() {
          yield bytes
        },
      }
    )
  }
}

const archive = (blob: BlobReader) => imageArchive(Digest.parse(digestOf(manifest)), 'skerry.local/d/a:v1-0', blob)

test('the archive is one that tar unpacks: a layout, and the manifest of docker save', async () => {
  const made = await archive(readerOf(manifest, config, layer))
  if (!made.ok) throw new Error(made.message)
  const folder = mkdtempSync(join(tmpdir(), 'skerry-archive-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'a.tar'), await buffer(made.stream))
  const tar = (...args: string[]) => execFileSync('tar', [...args, '-f', join(folder, 'a.tar')], { encoding: 'buffer' })
  const path = (bytes: Buffer) => `blobs/sha256/${digestOf(bytes).slice(7)}`
  expect(tar('-t').toString().trim().split('\n')).toEqual([
    'oci-layout',
    'manifest.json',
    'index.json',
    path(manifest),
    path(config),
    path(layer),
  ])
  expect(execFileSync('tar', ['-xOf', join(folder, 'a.tar'), path(layer)])).toEqual(layer)
  expect(
    JSON.parse(execFileSync('tar', ['-xOf', join(folder, 'a.tar'), 'manifest.json'], { encoding: 'utf8' })),
  ).toEqual([{ Config: path(config), RepoTags: ['skerry.local/d/a:v1-0'], Layers: [path(layer), path(layer)] }])
})

test('an incomplete image is reported before a byte is sent', async () => {
  expect(await archive(readerOf(manifest, config))).toMatchObject({
    ok: false,
    message: expect.stringContaining('is not among the files'),
  })
  expect(await archive(readerOf(config))).toMatchObject({ ok: false, message: expect.stringContaining('is missing') })
  expect(await imageArchive(Digest.parse(digestOf(config)), 'x', readerOf(config))).toMatchObject({ ok: false })
})

test('a file past eight gigabytes has the header of GNU tar', () => {
  const header = tarHeader('blobs/x', 8 ** 11 + 5)
  expect(header[124]).toBe(0x80)
  expect(header.readBigUInt64BE(128)).toBe(BigInt(8 ** 11 + 5))
  expect(tarHeader('blobs/x', 8 ** 11 - 1).toString('latin1', 124, 135)).toBe('77777777777')
})
