import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { claimFolder, lockFolder } from './folder-lock.ts'

test('one process at a time has a folder; a second one learns the owner and what to do, and may have it afterwards', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-lock-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const first = lockFolder(folder, 'hub')
  expect(lockFolder(folder, 'agent')).toEqual({
    ok: false,
    code: 'folder_in_use',
    message: `another agent runs with ${folder}; stop it first, or give this one its own folder and ports with --data, --listen and --grpc`,
  })
  if (first.ok) first.lock[Symbol.dispose]()
  const second = lockFolder(folder, 'agent')
  expect(second.ok).toBe(true)
  if (second.ok) second.lock[Symbol.dispose]()
})

test('a path that cannot be a folder is a problem with a code and advice, and no exception', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-lock-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'file')
  await writeFile(path, 'no folder')
  for (const taken of [path, join(path, 'below')]) {
    const claimed = await claimFolder(taken, 'agent', { warn: () => undefined })
    expect(claimed).toMatchObject({ ok: false, code: 'folder_unusable', message: expect.stringContaining('--data') })
  }
})
