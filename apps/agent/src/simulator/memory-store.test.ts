import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DesiredItem, DocumentMessage } from '@skerry/contract/devices/desired'
import { DeviceId } from '@skerry/contract/values/ids'
import type { ItemEvent } from '@skerry/core/device/item-life'
import { buildDesiredItem, fakeDigest } from '@skerry/testkit/simulation/desired-item'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { type AgentStore, openAgentStore } from '../store/agent-store.ts'
import { createMemoryStore } from './memory-store.ts'

const clock = { nowMs: () => 1_000 }
const cause = { code: 'golden_mismatch', message: 'other numbers' }
const items = ['a', 'b'].flatMap((model) => [1, 2].map((version) => buildDesiredItem({ name: model, version })))

type Command = { item: DesiredItem; event: ItemEvent | { kind: 'forgotten' } }

const commands = fc.array(
  fc.record({
    item: fc.constantFrom(...items),
    kind: fc.constantFrom(
      'targeted',
      'fetch-started',
      'fetched',
      'verified',
      'loaded',
      'failed',
      'retired',
      'forgotten',
    ),
  }),
  { maxLength: 30 },
)

const commandOf = ({ item, kind }: { item: DesiredItem; kind: string }): Command =>
  ({ item, event: kind === 'targeted' ? { kind, item } : kind === 'failed' ? { kind, cause } : { kind } }) as Command

function obey(store: AgentStore, { item, event }: Command): void {
  if (event.kind === 'forgotten') store.forget(item.name)
  else store.tell(item, event)
}

test('it keeps what the store on disk keeps, whatever happens', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-memory-store-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  let run = 0
  fc.assert(
    fc.property(commands, (list) => {
      run += 1
      const opened = openAgentStore(join(folder, `${run}.sqlite`), clock)
      if (!opened.ok) throw new Error(opened.message)
      using onDisk = opened.store
      using inMemory = createMemoryStore(clock, new Map())
      for (const command of list.map(commandOf)) {
        obey(onDisk, command)
        obey(inMemory, command)
      }
      const byModel = (store: AgentStore) => Object.fromEntries(store.lives().map((life) => [life.target.name, life]))
      expect(byModel(inMemory)).toEqual(byModel(onDisk))
    }),
    { numRuns: 30 },
  )
})

test('devices that are asked the same hold it once', () => {
  const shared = new Map()
  const documentOf = (deviceId: string) =>
    DocumentMessage.parse({ v: 1, deviceId: DeviceId.parse(deviceId), generation: 1, digest: fakeDigest(1), items })
  const stores = ['dev_aaaaaaaa', 'dev_bbbbbbbb'].map((deviceId) => {
    const store = createMemoryStore(clock, shared)
    store.saveDocument(documentOf(deviceId))
    return store
  })
  expect(stores[1]?.document()?.items[0]).toBe(stores[0]?.document()?.items[0])
  expect(stores[1]?.document()?.deviceId).toBe('dev_bbbbbbbb')
})
