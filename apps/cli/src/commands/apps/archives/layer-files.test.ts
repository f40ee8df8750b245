import { createHash } from 'node:crypto'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { Digest } from '@skerry/contract/values/digest'
import { type TarFile, tarOf } from '@skerry/testkit/images/tar'
import { expect, test } from 'vitest'
import type { ArchivedBlob } from './image-archive.ts'
import { readLayerFiles } from './layer-files.ts'

const file = (path: string, text = ''): TarFile => ({ path, bytes: Buffer.from(text) })

/** The bytes come in pieces that end anywhere. */
function layerOf(bytes: Buffer, pieceBytes = 700): ArchivedBlob {
  const digest = Digest.parse(`sha256:${createHash('sha256').update(bytes).digest('hex')}`)
  const read = async function* (start: number) {
    for (let at = start; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
  }
  return { digest, sizeBytes: bytes.length, read, place: 'layer' }
}

const read = async (...layers: ArchivedBlob[]) =>
  Object.fromEntries(await readLayerFiles(layers, (path) => path.endsWith('.json')))

test('a later layer replaces and removes files of the earlier ones', async () => {
  const first = layerOf(
    tarOf([file('./a/x.json', '1'), file('a/y.json', '1'), file('b/z.json', '1'), file('a/note.txt')]),
  )
  const second = layerOf(
    tarOf([file('a/x.json', '2'), file('a/.wh.y.json'), file('b/.wh..wh..opq'), file('b/new.json', '2')]),
  )
  expect(await read(first, second)).toEqual({ 'a/x.json': '2', 'b/new.json': '2' })
  expect(await read(layerOf(tarOf([file('c/d/e.json')])), layerOf(tarOf([file('c/.wh.d')])))).toEqual({})
})

test('compressed layers are read, and long paths of pax', async () => {
  const long = `${'deep/'.repeat(30)}x.json`
  const record = ` path=${long}\n`
  const length = record.length + String(record.length + 3).length
  const pax: TarFile = { path: 'pax', type: 'x', bytes: Buffer.from(`${length}${record}`) }
  const tar = tarOf([file('big.bin', 'b'.repeat(5_000)), pax, file('cut', 'long'), file('y.json', 'short')])
  const expected = { [long]: 'long', 'y.json': 'short' }
  expect(await read(layerOf(tar))).toEqual(expected)
  expect(await read(layerOf(gzipSync(tar), 100))).toEqual(expected)
  expect(await read(layerOf(zstdCompressSync(tar), 100))).toEqual(expected)
})

test('a layer that is no archive is an error that names it', async () => {
  await expect(read(layerOf(Buffer.alloc(1_024, 'x')))).rejects.toThrow('layer')
})
