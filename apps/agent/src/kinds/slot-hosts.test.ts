import { Serving } from '@skerry/contract/models/serving'
import { expect, test, vi } from 'vitest'
import type { SlotHost } from './slot-host.ts'
import { createSlotHosts } from './slot-hosts.ts'

const done = { ok: true } as const
const { signal } = new AbortController()
const settings = Serving.parse({})
const file = { name: 'flow.json', path: '/flow.json', seal: undefined }

const host = () =>
  ({
    load: vi.fn(async () => done),
    golden: vi.fn(async () => done),
    activate: vi.fn(() => done),
    deactivate: vi.fn(async () => {}),
    unload: vi.fn(async () => done),
    pulses: vi.fn(() => []),
    close: vi.fn(async () => {}),
  }) satisfies SlotHost<never>

function open() {
  const model = host()
  const flow = host()
  return { model, flow, hosts: createSlotHosts({ model, flow, gguf: host(), served: host(), chat: host() }) }
}

test('the host of the kind loads a slot, and gets each later order about it', async () => {
  const { model, flow, hosts } = open()
  expect(await hosts.obey({ kind: 'load', slot: 's', settings, source: { kind: 'flow', files: file } }, signal)).toBe(
    done,
  )
  await hosts.obey({ kind: 'golden', slot: 's', files: { golden: file } }, signal)
  await hosts.obey({ kind: 'activate', slot: 's', name: 'pump', version: '1' }, signal)
  await hosts.obey({ kind: 'unload', slot: 's' }, signal)
  expect([flow.load, flow.golden, flow.activate, flow.unload].map(({ mock }) => mock.calls.length)).toEqual([
    1, 1, 1, 1,
  ])
  expect([model.load, model.golden, model.activate, model.unload].map(({ mock }) => mock.calls.length)).toEqual([
    0, 0, 0, 0,
  ])
  expect(await hosts.obey({ kind: 'unload', slot: 's' }, signal)).toMatchObject({ code: 'slot_unknown' })
})

test('a name is deactivated in every host, since the order does not say its kind', async () => {
  const { model, flow, hosts } = open()
  expect(await hosts.obey({ kind: 'deactivate', name: 'pump' }, signal)).toEqual(done)
  expect([model.deactivate, flow.deactivate].map(({ mock }) => mock.calls)).toEqual([[['pump']], [['pump']]])
})

test('a kind without requests cannot be a shadow', async () => {
  const { hosts } = open()
  await hosts.obey({ kind: 'load', slot: 's', settings, source: { kind: 'flow', files: file } }, signal)
  const mirror = { kind: 'mirror', slot: 's', name: 'pump', rules: { share: 1 } as never, golden: undefined } as const
  expect(await hosts.obey(mirror, signal)).toMatchObject({ ok: false, code: 'shadow_signature_differs' })
})
