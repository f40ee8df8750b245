import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DocumentMessage } from '@skerry/contract/devices/desired'
import { buildDesiredItem, fakeDigest } from '@skerry/testkit/simulation/desired-item'
import { expect, onTestFinished, test } from 'vitest'
import { type AgentStore, openAgentStore } from './agent-store.ts'

const clock = { nowMs: () => 1_000 }
const item = buildDesiredItem({ version: 1 })
const cause = { code: 'golden_mismatch', message: 'other numbers' }

function newPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-store-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'agent.sqlite')
}

function open(path: string): AgentStore {
  const opened = openAgentStore(path, clock)
  if (!opened.ok) throw new Error(opened.message)
  return opened.store
}

test('remembers everything over a restart', () => {
  const path = newPath()
  const document = DocumentMessage.parse({
    v: 1,
    deviceId: 'dev_aaaaaaaa',
    generation: 3,
    digest: fakeDigest(3),
    items: [item],
  })
  {
    using store = open(path)
    store.saveDocument(document)
    store.tell(item, { kind: 'targeted', item })
    store.tell(item, { kind: 'fetch-started' })
    store.saveLastGoodGeneration(2)
    store.saveLatestTime(77)
  }
  using store = open(path)
  expect(store.document()).toEqual({ ...document, rejected: [], sinceMs: 1_000 })
  expect(store.lives()).toMatchObject([{ state: 'fetching', target: item }])
  expect([store.lastGoodGeneration(), store.latestTimeMs()]).toEqual([2, 77])
})

test('is empty at first', () => {
  using store = open(newPath())
  expect([store.document(), store.lives(), store.lastGoodGeneration(), store.latestTimeMs()]).toEqual([
    undefined,
    [],
    0,
    0,
  ])
})

test('what failed stays remembered when its item is forgotten', () => {
  const path = newPath()
  {
    using store = open(path)
    store.tell(item, { kind: 'targeted', item })
    store.tell(item, { kind: 'fetch-started' })
    store.tell(item, { kind: 'failed', cause })
    store.forget('m')
    expect(store.lives()).toEqual([])
  }
  using store = open(path)
  expect(store.tell(item, { kind: 'targeted', item })).toMatchObject({ state: 'failed', cause })
})

test('a write that fails changes neither the disk nor what it says', () => {
  const path = newPath()
  const store = open(path)
  store.tell(item, { kind: 'targeted', item })
  store[Symbol.dispose]()
  expect(() => store.tell(item, { kind: 'fetch-started' })).toThrow()
  expect(store.lives()).toMatchObject([{ state: 'absent' }])
  using again = open(path)
  expect(again.lives()).toMatchObject([{ state: 'absent' }])
})

test('says when the file is no database', () => {
  const path = newPath()
  writeFileSync(path, 'x'.repeat(10_000))
  expect(openAgentStore(path, clock)).toMatchObject({ ok: false, code: 'database_damaged' })
})
