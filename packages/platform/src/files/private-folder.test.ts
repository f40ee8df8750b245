import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { nodeFileSystem } from './file-system.ts'
import { closeFolder } from './private-folder.ts'

const modeOf = async (path: string) => (await stat(path)).mode & 0o777

async function openFolder() {
  const outside = await mkdtemp(join(tmpdir(), 'skerry-private-'))
  onTestFinished(() => rm(outside, { recursive: true, force: true }))
  const folder = join(outside, 'data')
  await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true })
  for (const path of [outside, folder, join(folder, 'blobs'), join(folder, 'blobs', 'sha256')]) await chmod(path, 0o755)
  const files = [join(folder, 'hub.sqlite'), join(folder, 'blobs', 'sha256', 'a'), join(outside, 'theirs')]
  for (const path of files) {
    await writeFile(path, 'x')
    await chmod(path, 0o644)
  }
  return { outside, folder, files }
}

test('an open folder is closed with all that is in it, and nothing that a link leads to', async () => {
  const { outside, folder, files } = await openFolder()
  await symlink(join(outside, 'theirs'), join(folder, 'link'))
  await writeFile(join(folder, 'run'), 'x')
  await chmod(join(folder, 'run'), 0o755)
  expect(await closeFolder(folder)).toEqual({ closed: 6, refused: undefined })
  expect(await Promise.all(files.map(modeOf))).toEqual([0o600, 0o600, 0o644])
  expect(await Promise.all([folder, join(folder, 'blobs'), join(folder, 'run'), outside].map(modeOf))).toEqual([
    0o700, 0o700, 0o700, 0o755,
  ])
})

test("a folder within it that only somebody else may read, such as a volume's lost+found, ends no start", async () => {
  const { folder } = await openFolder()
  const theirs = join(folder, 'lost+found')
  await mkdir(theirs, { mode: 0o000 })
  // Root may read everything, so it is somebody else for a moment.
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(65_534)
  try {
    expect(await closeFolder(folder)).toMatchObject({ refused: expect.stringContaining(folder) })
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
})

test('a closed folder is not walked', async () => {
  const { folder, files } = await openFolder()
  await chmod(folder, 0o700)
  expect(await closeFolder(folder)).toEqual({ closed: 0, refused: undefined })
  expect(await modeOf(files[0] ?? '')).toBe(0o644)
})

test('files are made for their owner only; a mode that is said holds under any umask', async () => {
  const { folder } = await openFolder()
  const before = process.umask(0o077)
  try {
    await (await nodeFileSystem.open(join(folder, 'own'), 'wx')).close()
    await (await nodeFileSystem.open(join(folder, 'for-a-group'), 'wx', 0o640)).close()
  } finally {
    process.umask(before)
  }
  expect([await modeOf(join(folder, 'own')), await modeOf(join(folder, 'for-a-group'))]).toEqual([0o600, 0o640])
})
