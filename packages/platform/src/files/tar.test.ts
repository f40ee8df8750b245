import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readTar, TarInvalid } from './tar-read.ts'
import { TAR_END, tarEntry } from './tar-write.ts'

const long = `${'folder-of-some-length/'.repeat(6)}file.js`
const files = [
  { path: 'empty', bytes: Buffer.alloc(0) },
  { path: 'bin/program', bytes: Buffer.alloc(1_024, 1), isProgram: true },
  { path: long, bytes: Buffer.from('long') },
]
const archive = Buffer.concat([...files.flatMap(tarEntry), TAR_END])

async function* inPieces(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(bytes: Buffer, size: number) {
  const found: { path: string; bytes: Buffer; isProgram: boolean }[] = []
  await readTar(inPieces(bytes, size), async ({ path, isProgram }, content) => {
    const pieces: Buffer[] = []
    for await (const piece of content) pieces.push(Buffer.from(piece))
    found.push({ path, isProgram, bytes: Buffer.concat(pieces) })
  })
  return found
}

test.each([1, 100, 512, 100_000])('an archive in pieces of %i bytes gives its files back', async (size) => {
  expect(await read(archive, size)).toEqual(files.map((file) => ({ isProgram: false, ...file })))
})

test('tar reads the archive', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-tar-'))
  try {
    writeFileSync(join(folder, 'a.tar'), archive)
    execFileSync('tar', ['xf', 'a.tar'], { cwd: folder })
    for (const { path, bytes } of files) expect(readFileSync(join(folder, path))).toEqual(bytes)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test.each(['../out', '/etc/passwd', 'a//b', 'a/./b'])('the path %s is rejected', async (path) => {
  const evil = Buffer.concat([...tarEntry({ path, bytes: Buffer.from('x') }), TAR_END])
  await expect(read(evil, 512)).rejects.toThrow(TarInvalid)
})

test('a link, a damaged header and a short archive are rejected', async () => {
  const link = Buffer.from(archive)
  link.write('2', 156)
  await expect(read(link, 512)).rejects.toThrow('damaged')
  await expect(read(archive.subarray(0, 700), 512)).rejects.toThrow('ends too early')
})
