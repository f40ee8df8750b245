import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { JournalHeld } from '@skerry/contract/audit/device-journal'
import { takePage } from '@skerry/core/audit/device-journal'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { digestOf } from '@skerry/platform/files/hash'
import { journalVerifier } from '@skerry/platform/signatures/journal-signature'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openAgentStore } from '../store/agent-store.ts'
import { openDeviceJournal } from './device-journal.ts'

const keys = generateKeyPair()
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skerry-journal-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function manualClock() {
  let nowMs = 1_000_000
  let monotonicMs = 0
  const sleepers: { ms: number; wake: () => void }[] = []
  return {
    nowMs: () => nowMs,
    monotonicMs: () => monotonicMs,
    jump(ms: number) {
      nowMs += ms
    },
    pass(ms: number) {
      nowMs += ms
      monotonicMs += ms
      for (const { wake } of sleepers.splice(0)) wake()
    },
    sleep: (ms: number, signal: AbortSignal) =>
      new Promise<void>((wake, reject) => {
        sleepers.push({ ms, wake })
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      }),
  }
}

function open(clock = manualClock()) {
  const errors: string[] = []
  const opened = openAgentStore(join(folder, 'agent.sqlite'), clock)
  if (!opened.ok) throw new Error(opened.message)
  const { store } = opened
  const log = { error: (event: string) => void errors.push(event) }
  const journal = openDeviceJournal({ journal: store.audit, privateKey: keys.privateKeyPem, clock, log })
  return { journal, store, clock, errors, [Symbol.dispose]: () => store[Symbol.dispose]() }
}

const doors = { hash: digestOf, isSigned: journalVerifier(keys.publicKeyPem) }

/** A hub that takes what it gets. */
function hubOf() {
  let held: JournalHeld = {}
  const actions: string[] = []
  const problems: string[] = []
  return {
    actions,
    problems,
    held: () => held,
    take({ journal }: ReturnType<typeof open>) {
      do {
        const verdict = takePage(held.place, journal.pageAfter(held), doors)
        for (const step of verdict.steps) {
          if (step.kind === 'entry') actions.push(step.entry.action)
          else problems.push(step.problem)
        }
        held = verdict.place ? { place: verdict.place } : {}
        journal.heard(held)
      } while (journal.hasMore(held))
    },
  }
}

test('what is written is handed in once, in order, over restarts', () => {
  const hub = hubOf()
  {
    using device = open()
    device.journal.note('agent-started')
    device.journal.note('wipe-begun')
    hub.take(device)
    hub.take(device)
    device.journal.note('agent-stopped')
  }
  using device = open()
  device.journal.note('agent-started')
  hub.take(device)
  expect(hub.actions).toEqual(['agent-started', 'wipe-begun', 'agent-stopped', 'agent-started'])
  expect(hub.problems).toEqual([])
  expect(device.store.audit.count()).toBe(0)
})

test('an answer that was lost costs nothing', () => {
  using device = open()
  const hub = hubOf()
  device.journal.note('agent-started')
  const page = device.journal.pageAfter({})
  // The hub has it, and the device does not know.
  takePage(undefined, page, doors)
  hub.take(device)
  hub.take(device)
  expect(hub.actions).toEqual(['agent-started'])
})

test('what floods is counted, and told when there is room again', () => {
  using device = open()
  for (let at = 0; at < 1_000; at++) device.journal.note('version-refused', { at })
  device.journal.note('agent-started')
  expect(device.store.audit.count()).toBe(21)
  device.clock.pass(10 * 60_000)
  device.journal.note('version-refused', { at: 1_000 })
  expect(device.journal.pageAfter({}).entries.at(-1)?.detail).toEqual({ at: 1_000, missed: 980 })
})

test('a device that is never heard keeps 2,000 entries, and says how many it could not', () => {
  using device = open()
  const hub = hubOf()
  for (let at = 0; at < 2_005; at++) {
    device.clock.pass(3 * 60_000)
    device.journal.note('clock-jumped', { at })
  }
  expect(device.store.audit.count()).toBe(2_000)
  hub.take(device)
  device.clock.pass(3 * 60_000)
  device.journal.note('clock-jumped', {})
  expect(device.journal.pageAfter(hub.held()).entries.at(-1)?.detail).toEqual({ missed: 5 })
  hub.take(device)
  expect(hub.problems).toEqual([])
})

test('a journal that cannot be written stops nobody, and is told of later', () => {
  const device = open()
  device.store[Symbol.dispose]()
  device.journal.note('agent-started')
  expect(device.errors).toEqual(['journal_not_written'])
})

test('a change is written down with what was before; the first time is none', () => {
  using device = open()
  device.journal.noteChange('options', { locks: '/a', name: 'x' }, 'options-changed')
  device.journal.noteChange('options', { locks: '/a', name: 'x' }, 'options-changed')
  expect(device.store.audit.count()).toBe(0)
  device.journal.noteChange('options', { locks: '/b', name: 'x' }, 'options-changed')
  expect(device.journal.pageAfter({}).entries).toMatchObject([
    { action: 'options-changed', detail: { locks: ['/a', '/b'] } },
  ])
})

test('a clock that jumps is written down, one that passes is not', async () => {
  using device = open()
  const stop = new AbortController()
  const running = device.journal.run(stop.signal).catch(() => undefined)
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  for (const byMs of [0, 60_000, -3_600_000, 1_000]) {
    await turn()
    device.clock.jump(byMs)
    device.clock.pass(15_000)
  }
  await turn()
  stop.abort()
  await running
  expect(device.journal.pageAfter({}).entries.map(({ detail }) => detail.byMs)).toEqual([60_000, -3_600_000])
})

/** What somebody does who has the disk, and no key. */
test.each([
  [
    'edited',
    `UPDATE journal SET entry = replace(entry, 'wipe-begun', 'agent-started') WHERE sequence = 2`,
    /was changed/,
  ],
  ['deleted', 'DELETE FROM journal WHERE sequence = 2', /entries 2 to 2 are missing/],
  ['made unreadable', `UPDATE journal SET entry = 'x' WHERE sequence = 2`, /entries 2 to 2 are missing/],
  [
    'moved',
    `UPDATE journal SET entry = CASE sequence WHEN 2 THEN (SELECT entry FROM journal WHERE sequence = 3) ELSE (SELECT entry FROM journal WHERE sequence = 2) END WHERE sequence IN (2, 3)`,
    /are missing/,
  ],
  ['all deleted, with the end', 'DELETE FROM journal; DELETE FROM journal_note', /starts again; the hub has 1 entries/],
])('entries that were %s are found', (_, sql, problem) => {
  const hub = hubOf()
  {
    using device = open()
    device.journal.note('agent-started')
    hub.take(device)
    device.journal.note('wipe-begun')
    device.journal.note('agent-stopped')
    device.journal.note('agent-started')
  }
  {
    using database = new DatabaseSync(join(folder, 'agent.sqlite'))
    database.exec(sql)
  }
  using device = open()
  device.journal.note('agent-stopped')
  hub.take(device)
  expect(hub.problems[0]).toMatch(problem)
  const { length } = hub.problems
  device.journal.note('agent-started')
  hub.take(device)
  expect(hub.problems).toHaveLength(length)
})

test('an older copy of the disk is found, and the device goes on with a journal of its own', () => {
  const hub = hubOf()
  using device = open()
  device.journal.note('agent-started')
  const old = device.store.audit.end()
  device.journal.note('agent-stopped')
  hub.take(device)
  if (old) device.store.audit.begin(old)
  const verdict = takePage(hub.held().place, device.journal.pageAfter(hub.held()), doors)
  expect(verdict.steps).toMatchObject([{ kind: 'broken', sequence: 2 }])
  device.journal.heard(hub.held())
  hub.take(device)
  expect(hub.actions.at(-1)).toBe('journal-begun')
  expect(hub.problems).toEqual([expect.stringMatching(/starts again/)])
})
