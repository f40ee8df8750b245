import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf } from '@skerry/platform/files/hash'
import { dockerFiles, imageOf, layoutFiles } from '@skerry/testkit/images/image-archive'
import { type TarFile, tarOf } from '@skerry/testkit/images/tar'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findImages } from './app-images.ts'
import { readImageArchive } from './image-archive.ts'
import { readTarIndex } from './tar-index.ts'

const { signal } = new AbortController()

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-archive-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

let count = 0
async function archive(files: readonly TarFile[] | Buffer): Promise<string> {
  count += 1
  const path = join(folder, `${count}.tar`)
  await writeFile(path, Buffer.isBuffer(files) ? files : tarOf(files))
  return path
}

async function textOf(chunks: AsyncIterable<Uint8Array> | undefined): Promise<string> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks ?? []) all.push(chunk)
  return Buffer.concat(all).toString('utf8')
}

const web = { name: 'web:1', layers: ['one', 'two'] }

test('an OCI layout gives its images with their names, platforms and blobs', async () => {
  const path = await archive(layoutFiles([web, { name: 'db', layers: ['one'], architecture: 'arm64' }]))
  const [first, second] = await readImageArchive(path, signal)
  const made = imageOf(web)
  expect(first).toMatchObject({
    names: ['web:1'],
    manifest: digestOf(made.manifest),
    config: digestOf(made.config),
    os: 'linux',
    architecture: 'amd64',
  })
  expect(first?.blobs.map(({ digest }) => digest)).toEqual([made.manifest, made.config, ...made.layers].map(digestOf))
  expect(await textOf(first?.blobs[1]?.read(0))).toBe(made.config.toString('utf8'))
  expect(await textOf(first?.blobs[1]?.read(10)), 'from a place').toBe(made.config.toString('utf8').slice(10))
  expect(await textOf(first?.blobs[1]?.read(made.config.length))).toBe('')
  expect(second).toMatchObject({ names: ['db:latest'], architecture: 'arm64' })
})

test('an archive of an older Docker gives the same blobs, with a manifest of its own', async () => {
  const [image] = await readImageArchive(await archive(dockerFiles(web)), signal)
  const made = imageOf(web)
  expect(image).toMatchObject({ names: ['web:1'], config: digestOf(made.config) })
  expect(image?.blobs.slice(1).map(({ digest }) => digest)).toEqual([made.config, ...made.layers].map(digestOf))
  const [again] = await readImageArchive(await archive(dockerFiles(web)), signal)
  expect(again?.manifest, 'the same image has the same manifest').toBe(image?.manifest)
})

test('a layer that an older Docker wrote as a link is found, and a missing one is named', async () => {
  const files = dockerFiles({ name: 'web', layers: ['one', 'one'] })
  const linked = files.map((file) =>
    file.path === 'layer-1/layer.tar' ? { ...file, bytes: Buffer.alloc(0), linkTo: '../layer-0/layer.tar' } : file,
  )
  const [image] = await readImageArchive(await archive(linked), signal)
  expect(image?.blobs[2]?.digest).toBe(image?.blobs[3]?.digest)
  await expect(readImageArchive(await archive(files.slice(0, 3)), signal)).rejects.toThrow(
    'layer-1/layer.tar is missing',
  )
})

test('an archive without images, a compressed, a cut and a damaged one are rejected', async () => {
  const good = tarOf(layoutFiles([web]))
  await expect(readImageArchive(await archive([]), signal)).rejects.toThrow('no archive of container images')
  await expect(readImageArchive(await archive(Buffer.alloc(600, 'x')), signal)).rejects.toThrow('no tar archive')
  const zipped = Buffer.concat([Buffer.of(0x1f, 0x8b), good])
  await expect(readImageArchive(await archive(zipped), signal)).rejects.toThrow('compressed')
  await expect(readImageArchive(await archive(good.subarray(0, 1_100)), signal)).rejects.toThrow('ends within')
  await expect(readImageArchive(join(folder, 'none'), signal)).rejects.toThrow('there is no such file')
  const other = await archive([{ path: 'index.json', bytes: Buffer.from('{"schemaVersion":1}') }])
  await expect(readImageArchive(other, signal)).rejects.toThrow('index.json is not the document of an image')
})

test('long paths of pax and GNU are read', async () => {
  const path = `${'folder/'.repeat(30)}file`
  const record = ` path=${path}\n`
  const length = record.length + 3
  const bytes = Buffer.from('x')
  const pax = await readTarIndex(
    await archive([
      { path: 'PaxHeader', bytes: Buffer.from(`${length}${record}`), type: 'x' },
      { path: 'short', bytes },
    ]),
  )
  const gnu = await readTarIndex(
    await archive([
      { path: '././@LongLink', bytes: Buffer.from(`${path}\0`), type: 'L' },
      { path: './short', bytes },
      { path: './other', bytes },
    ]),
  )
  expect([...pax.keys()]).toEqual([path])
  expect([...gnu.keys()]).toEqual([path, 'other'])
})

test('an image is found by each spelling of its name, by its digest, and by a name on the command line', async () => {
  const file = await archive(layoutFiles([web]))
  const { manifest } = imageOf(web)
  const names = new Set(['web:1', 'docker.io/library/web:1', `web@${digestOf(manifest)}`, 'other'])
  const found = await findImages({ names, sources: [{ name: undefined, file }], platform: undefined }, signal)
  expect([...found.facts.keys()]).toEqual(['web:1', 'docker.io/library/web:1', `web@${digestOf(manifest)}`])
  expect(found.blobs, 'each blob once').toHaveLength(4)
  const named = await findImages({ names, sources: [{ name: 'other', file }], platform: undefined }, signal)
  expect([...named.facts.keys()]).toEqual(['other'])
})

test('an image for several platforms needs a choice', async () => {
  const both = [web, { ...web, architecture: 'arm64' }]
  const wanted = {
    names: new Set(['web:1']),
    sources: [{ name: undefined, file: await archive(layoutFiles(both)) }],
    platform: undefined,
  }
  await expect(findImages(wanted, signal)).rejects.toThrow('choose one with --platform')
  const { facts } = await findImages({ ...wanted, platform: 'linux/arm64' }, signal)
  expect(facts.get('web:1')?.platform.architecture).toBe('arm64')
  const rare = await archive(layoutFiles([{ ...web, architecture: 'riscv64' }]))
  await expect(findImages({ ...wanted, sources: [{ name: undefined, file: rare }] }, signal)).rejects.toThrow('riscv64')
})
