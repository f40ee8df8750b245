import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { unpackLayer } from './unpack-layer.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-unpack-'))
  await mkdir(join(folder, 'packed/weights'), { recursive: true })
  return () => rm(folder, { recursive: true, force: true })
})

const write = (path: string, bytes: string | Buffer) => writeFile(join(folder, 'packed', path), bytes)

/** The tar of the system makes the archive of the folder `packed`. */
async function unpacked(...words: string[]): Promise<string[]> {
  const archive = join(folder, 'layer')
  const { stdout } = spawnSync('tar', ['-C', join(folder, 'packed'), '-c', ...words], { maxBuffer: 2 ** 28 })
  await writeFile(archive, stdout)
  return unpackLayer(archive, join(folder, 'files'), new AbortController().signal)
}

test.each([
  ['plain', []],
  ['gzip', ['-z']],
] as const)('the files of an archive in %s are unpacked', async (_, form) => {
  await write('press.onnx', 'model')
  await write('weights/empty.bin', '')
  expect((await unpacked(...form, './press.onnx', './weights')).toSorted()).toEqual(['press.onnx', 'weights/empty.bin'])
  expect(await readFile(join(folder, 'files/press.onnx'), 'utf8')).toBe('model')
  expect(await readFile(join(folder, 'files/weights/empty.bin'), 'utf8')).toBe('')
})

test('links, paths out of the folder, pickles and bombs are refused', async () => {
  await symlink('/etc/passwd', join(folder, 'packed/evil.onnx'))
  await expect(unpacked('evil.onnx')).rejects.toThrow('has a link')
  await write('press.onnx', 'model')
  await expect(unpacked('-P', '--transform', 's,^,../../,', 'press.onnx')).rejects.toThrow('../../press.onnx')
  await write('press.bin', Buffer.from([0x80, 4, 0x95]))
  await expect(unpacked('press.bin')).rejects.toThrow('a Python pickle')
  await write('zeros.onnx', Buffer.alloc(32 * 1024 * 1024))
  await expect(unpacked('-z', 'zeros.onnx')).rejects.toThrow('unfolds to more than')
})
