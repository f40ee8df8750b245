import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { lockFolder } from './folder-lock.ts'

test('one process at a time has a folder; whoever comes second is told who has it and what to do, and may have it afterwards', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-lock-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const first = lockFolder(folder, 'hub')
  expect(lockFolder(folder, 'agent')).toEqual({
    ok: false,
    code: 'folder_in_use',
    message: `another agent runs with ${folder}; stop it first, or give this one its own folder with --data`,
  })
  if (first.ok) first.lock[Symbol.dispose]()
  const second = lockFolder(folder, 'agent')
  expect(second.ok).toBe(true)
  if (second.ok) second.lock[Symbol.dispose]()
})
