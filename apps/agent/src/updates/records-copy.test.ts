import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { systemClock } from '@skerry/platform/process/clock'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openAgentStore } from '../store/agent-store.ts'
import { bringRecordsBack, keepRecords } from './records-copy.ts'

let data = ''
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'skerry-records-'))
})
afterEach(() => rm(data, { recursive: true, force: true }))

function withStore<T>(work: (store: Extract<ReturnType<typeof openAgentStore>, { ok: true }>['store']) => T): T {
  const opened = openAgentStore(join(data, 'agent.sqlite'), systemClock)
  if (!opened.ok) throw new Error(opened.code)
  using store = opened.store
  return work(store)
}

test('an older agent continues with its records after a newer one changed their form', async () => {
  withStore((store) => store.saveLastGoodGeneration(7))
  await keepRecords(data)
  const database = new DatabaseSync(join(data, 'agent.sqlite'))
  database.exec('pragma user_version = 1000')
  database.close()
  expect(() => withStore(() => undefined)).toThrow('database_too_new')
  expect(await bringRecordsBack(data)).toBe(true)
  expect(withStore((store) => store.lastGoodGeneration())).toBe(7)
  expect(await readdir(data)).toContain('agent.sqlite.newer')
})

test('without a copy nothing is moved', async () => {
  withStore((store) => store.saveLastGoodGeneration(7))
  expect(await bringRecordsBack(data)).toBe(false)
  expect(withStore((store) => store.lastGoodGeneration())).toBe(7)
})
