import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { filesBelow, filesWith } from './files-below.ts'

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-files-below-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await mkdir(join(folder, 'b', 'deeper'), { recursive: true })
  await mkdir(join(folder, 'c'))
  for (const path of ['a', 'b/deeper/one', 'b/two', 'c/three']) await writeFile(join(folder, path), `the file ${path}`)
  return folder
}

test('all files are found, with their bytes', async () => {
  const folder = await newFolder()
  const found = new Map<string, string>()
  for await (const { path, bytes } of filesBelow(folder)) found.set(path.slice(folder.length + 1), String(bytes))
  expect(Object.fromEntries(found)).toEqual({
    a: 'the file a',
    'b/deeper/one': 'the file b/deeper/one',
    'b/two': 'the file b/two',
    'c/three': 'the file c/three',
  })
  expect(await filesWith(folder, 'two', Buffer.from('three'))).toEqual(['b/two', 'c/three'].map((p) => join(folder, p)))
})

test('files and folders that are removed during the search count as absent', async () => {
  const folder = await newFolder()
  const found: string[] = []
  for await (const { path } of filesBelow(folder)) {
    found.push(path.slice(folder.length + 1))
    for (const name of ['b/two', 'c']) await rm(join(folder, name), { recursive: true, force: true })
  }
  expect(found.toSorted()).toEqual(['a', 'b/deeper/one'])
})

test('a folder that is not there is a mistake of the test', async () => {
  await expect(filesWith(join(tmpdir(), 'skerry-no-such-folder'), 'text')).rejects.toMatchObject({ code: 'ENOENT' })
})
