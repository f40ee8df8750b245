import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { cli, openTestFolder, type TestFolder } from '../../../../test/stage/cli.ts'

let folder: TestFolder

beforeEach(async () => {
  folder = await openTestFolder()
  await cli(['market', 'init', 'level-watch', '--folder', at('level-watch')])
  await cli(['market', 'key', at('key.pem')])
  return () => folder[Symbol.asyncDispose]()
})

const at = (...parts: string[]) => join(folder.path, ...parts)
const publish = (catalogue = 'plant', key = 'key.pem') =>
  cli(['market', 'publish', at('level-watch'), '--catalogue', at(catalogue), '--key', at(key)])

async function edit(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(at('level-watch', file), 'utf8')
  expect(text).toContain(from)
  await writeFile(at('level-watch', file), text.replace(from, to))
}

const lint = () => cli(['market', 'lint', at('level-watch')])

/** Each anchor names the one before nine times: nine levels are half a billion words. */
const bomb = Array.from({ length: 9 }, (_, level) => {
  const inner = level === 0 ? 'lol' : Array.from({ length: 9 }, () => `*a${level - 1}`).join(', ')
  return `a${level}: &a${level} [${inner}]`
}).join('\n')

test('a YAML bomb, a huge file and a path that climbs end with a message about the file', async () => {
  const good = await readFile(at('level-watch/tank.yaml'), 'utf8')
  await writeFile(at('level-watch/tank.yaml'), bomb)
  expect(await lint()).toMatchObject({ code: 1, err: expect.stringContaining('file_invalid') })
  await writeFile(at('level-watch/tank.yaml'), `${good}\n#${'x'.repeat(300_000)}`)
  expect(await lint()).toMatchObject({ code: 1, err: expect.stringContaining('is over 256 KiB') })
  await writeFile(at('level-watch/tank.yaml'), good)
  await edit('listing.yaml', 'file: tank.yaml', 'file: ../../etc/passwd')
  expect(await lint()).toMatchObject({ code: 1, err: expect.stringContaining('must be a plain relative path') })
})

test('an icon with a script does not pass, and a listing that does not pass is not published', async () => {
  await writeFile(at('level-watch/icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg" onload="x()"></svg>')
  await edit('listing.yaml', 'description:', 'icon: icon.svg\ndescription:')
  const { code, out } = await lint()
  expect(code).toBe(1)
  expect(out).toContain('content: the icon has an event attribute')
  expect(await publish()).toMatchObject({ code: 1, err: expect.stringContaining('does not pass level 1') })
  await expect(readFile(at('plant/index.json'), 'utf8')).rejects.toThrow()
})

test('a published version never changes, and only its publisher adds to a catalogue', async () => {
  expect(await publish()).toMatchObject({ code: 0, out: expect.stringContaining('index 1') })
  expect(await publish()).toMatchObject({ code: 0, out: expect.stringContaining('index 2') })
  await edit('listing.yaml', 'Level watch', 'Another title')
  expect(await publish()).toMatchObject({ code: 1, err: expect.stringContaining('is published with other content') })
  await cli(['market', 'key', at('other.pem')])
  expect(await publish('plant', 'other.pem')).toMatchObject({ code: 1, err: expect.stringContaining('trusted keys') })
  await mkdir(at('Not A Name'))
  expect(await publish('Not A Name')).toMatchObject({ code: 1, err: expect.stringContaining('is no name') })
})

test('the listings that come with Skerry pass level 1, and all of them are published at once', async () => {
  const words = ['market', 'built-in', '--catalogue', at('skerry'), '--key', at('key.pem')]
  const { code, out } = await cli(words)
  expect([code, out]).toEqual([0, expect.stringContaining('published pump-air-guard@1.3.0')])
  expect(out.trim().split('\n').length).toBeGreaterThanOrEqual(12)
  expect(await cli(words), 'a repetition only renews the index').toMatchObject({ code: 0 })
})
