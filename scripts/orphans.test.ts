import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { removeOrphans } from './orphans.ts'

let home = ''
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'skerry-orphans-'))
})
afterEach(() => rm(home, { recursive: true }))

async function put(...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(home, path)), { recursive: true })
    await writeFile(join(home, path), '')
  }
}

const filesBelow = async (folder: string) =>
  (await readdir(join(home, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .toSorted()

test('output without its source goes, and everything else stays', async () => {
  await put('src/here.ts', 'src/pages/view.tsx', 'src/generated/model_pb.js')
  await put('dist/here.js', 'dist/here.d.ts', 'dist/gone.js', 'dist/gone.d.ts', 'dist/tsconfig.tsbuildinfo')
  await put('dist/pages/view.js', 'dist/pages/gone.js', 'dist/generated/model_pb.js')
  expect(await removeOrphans(home)).toBe(3)
  expect(await filesBelow('dist')).toEqual(['here.d.ts', 'here.js', 'model_pb.js', 'tsconfig.tsbuildinfo', 'view.js'])
})

test('the pages of the console have no source of their name, and stay', async () => {
  await put('src/here.ts', 'dist/assets/index.js', 'dist/types/here.d.ts', 'dist/types/gone.d.ts')
  expect(await removeOrphans(home)).toBe(1)
  expect(await filesBelow('dist')).toEqual(['here.d.ts', 'index.js'])
})

test('a package that was never compiled has none', async () => {
  expect(await removeOrphans(home)).toBe(0)
})
