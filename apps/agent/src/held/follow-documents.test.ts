/** Held documents of a device whose hub is a few functions: newer, older, or of the same age. */
import { setImmediate } from 'node:timers/promises'
import { until } from '@skerry/testkit/until'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { createConditions } from '../conditions.ts'
import { followDocuments } from './follow-documents.ts'
import type { HeldDocument } from './held-document.ts'
import { createHeldProblems } from './held-problems.ts'

type Client = Parameters<typeof followDocuments>[1]
type Toy = HeldDocument<{ words: string }, { words: string }>

/** A document of a few words, which the device takes when the test lets it. */
function toyDocument(name: string, begins: Toy['begins'] = 'at-once') {
  const taken: string[] = []
  let gate = Promise.resolve()
  const document: Toy = {
    kind: { name, document: z.object({ words: z.string() }), held: z.object({ words: z.string() }) },
    begins,
    held: () => ({ words: taken.at(-1) ?? '' }),
    async take({ words }) {
      await gate
      taken.push(words)
      return 'report'
    },
  }
  return {
    document,
    taken,
    hold() {
      const held = Promise.withResolvers<void>()
      gate = held.promise
      return held.resolve
    },
  }
}

/** The hub's side: it sends what the test offers, and notes what the device reports. */
function toyHub(unknownName?: string) {
  const reports: { name: string; held: unknown }[] = []
  const offers: unknown[] = []
  let offered = Promise.withResolvers<void>()
  const names: string[][] = []
  async function* stream() {
    for (;;) {
      while (offers.length > 0) yield offers.shift()
      await offered.promise
      offered = Promise.withResolvers()
    }
  }
  const client = {
    documents: async (asked: { names: string[] }) => {
      names.push(asked.names)
      return stream()
    },
    held: async (report: { name: string; held: unknown }) => {
      reports.push(report)
      return report.name === unknownName ? { problem: 'unknown' as const } : {}
    },
  } as unknown as Client
  return {
    client,
    reports,
    names,
    offer(name: string, document: unknown) {
      offers.push({ name, document })
      offered.resolve()
    },
  }
}

function follow(hub: ReturnType<typeof toyHub>, toys: ReturnType<typeof toyDocument>[], proved = Promise.resolve()) {
  const logged: { event: string; held?: string }[] = []
  const log = { info() {}, warn: (event: string, fields: object) => void logged.push({ event, ...fields }) }
  const conditions = createConditions(log as never, () => {})
  const problems = createHeldProblems({ conditions, log: log as never })
  let proofs = 0
  const it = { documents: toys.map(({ document }) => document), problems, proved, onProof: () => void proofs++ }
  const link = new AbortController()
  const begin = () => {
    const ended = followDocuments(it, hub.client, link.signal)
    ended.catch(() => undefined)
    return ended
  }
  return {
    begin,
    end: () => link.abort(),
    conditions,
    proofs: () => proofs,
    events: () => logged.map(({ event, held }) => `${event} ${held}`),
  }
}

test('a document is taken and reported, and the device names all that it follows', async () => {
  const hub = toyHub()
  const note = toyDocument('note')
  void follow(hub, [note, toyDocument('other')]).begin()
  hub.offer('note', { words: 'hello' })
  await until(() => hub.reports.length === 3)
  expect(hub.names).toEqual([['note', 'other']])
  expect(hub.reports.filter(({ name }) => name === 'note').map(({ held }) => held)).toEqual([
    { words: '' },
    { words: 'hello' },
  ])
})

test('a document of a name that the agent does not know is skipped, and the device says so while the others go on', async () => {
  const hub = toyHub()
  const note = toyDocument('note')
  const device = follow(hub, [note])
  void device.begin()
  hub.offer('monitors', { v: 1 })
  hub.offer('monitors', { v: 2 })
  hub.offer('note', { words: 'still here' })
  await until(() => note.taken.length === 1)
  expect(device.conditions.list()).toMatchObject([
    {
      code: 'document_unreadable',
      message: expect.stringContaining('"monitors" (the agent does not know this document)'),
    },
  ])
  expect(device.events().filter((event) => event.startsWith('document_skipped'))).toEqual(['document_skipped monitors'])
})

test('a document that does not parse is skipped, and the next one that does clears the condition', async () => {
  const hub = toyHub()
  const note = toyDocument('note')
  const device = follow(hub, [note])
  void device.begin()
  hub.offer('note', { words: 7 })
  await until(() => device.conditions.list().length === 1)
  hub.offer('note', { words: 'well' })
  await until(() => note.taken.length === 1)
  expect(device.conditions.list()).toEqual([])
})

test('a hub that does not know a document ends no link, and is logged once however often the link begins', async () => {
  const hub = toyHub('note')
  const note = toyDocument('note')
  const other = toyDocument('other')
  const device = follow(hub, [note, other])
  void device.begin()
  void device.begin()
  hub.offer('other', { words: 'one' })
  await until(() => other.taken.length === 1)
  expect(device.events()).toEqual(['held_rejected note'])
  expect(device.conditions.list()).toEqual([])
})

test('a document that takes long keeps no other waiting, and of its own name only the newest waits', async () => {
  const hub = toyHub()
  const slow = toyDocument('slow')
  const quick = toyDocument('quick')
  const release = slow.hold()
  void follow(hub, [slow, quick]).begin()
  hub.offer('slow', { words: 'first' })
  await setImmediate()
  hub.offer('slow', { words: 'second' })
  hub.offer('slow', { words: 'third' })
  hub.offer('quick', { words: 'at once' })
  await until(() => quick.taken.length === 1)
  expect(slow.taken).toEqual([])
  release()
  await until(() => slow.taken.length === 2)
  expect(slow.taken).toEqual(['first', 'third'])
})

test('a document that waits when the link ends is not taken: the next link may have brought a newer one', async () => {
  const hub = toyHub()
  const slow = toyDocument('slow')
  const release = slow.hold()
  const device = follow(hub, [slow])
  const ended = device.begin()
  hub.offer('slow', { words: 'first' })
  await until(() => hub.reports.length === 1)
  await setImmediate()
  hub.offer('slow', { words: 'second' })
  await setImmediate()
  device.end()
  release()
  await expect(ended).rejects.toThrow('aborted')
  expect(slow.taken).toEqual(['first'])
})

test('what another hub must not learn is reported only after the proof, which the first message of that document gives', async () => {
  const hub = toyHub()
  const trust = toyDocument('trust', 'proof')
  const note = toyDocument('note', 'proved')
  const proof = Promise.withResolvers<void>()
  const device = follow(hub, [trust, note], proof.promise)
  void device.begin()
  hub.offer('note', { words: 'early' })
  hub.offer('trust', { words: 'signed' })
  await until(() => device.proofs() === 1)
  expect(new Set(hub.reports.map(({ name }) => name))).toEqual(new Set(['trust']))
  expect(note.taken).toEqual([])
  proof.resolve()
  await until(() => note.taken.length === 1)
  expect(hub.reports.at(-1)).toEqual({ name: 'note', held: { words: 'early' } })
})
