import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sumOfWrite, type TagWrite, type TagWriteSum } from '@skerry/core/audit/tag-write-sum'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { expect, onTestFinished, test } from 'vitest'
import { openAgentStore } from '../store/agent-store.ts'
import { openDeviceJournal } from './device-journal.ts'
import { createTagWriteNotes } from './tag-write-notes.ts'

const MINUTE_MS = 60_000

function open() {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-flow-writes-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  let nowMs = 1_000_000
  const clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    sleep: () => new Promise<void>(() => {}),
  }
  const opened = openAgentStore(join(folder, 'agent.sqlite'), clock)
  if (!opened.ok) throw new Error(opened.message)
  const { store } = opened
  const warned: object[] = []
  const log = { error: (event: string) => expect.unreachable(event) }
  const { privateKeyPem: privateKey } = generateKeyPair()
  let others = 0
  const audit = { ...store.audit, count: () => store.audit.count() + others }
  const journal = openDeviceJournal({ journal: audit, privateKey, clock, log })
  const noteWrites = createTagWriteNotes({
    journal,
    clock,
    log: { warn: (event, detail) => warned.push({ event, ...detail }) },
  })
  return {
    journal,
    warned,
    /** After a second of the runner, with what was written in it. */
    second(...sums: TagWriteSum[]) {
      nowMs += 1_000
      noteWrites(sums)
    },
    pass(ms: number) {
      nowMs += ms
    },
    /** So many entries of other kinds wait for the hub. */
    hold(count: number) {
      others = count
    },
    told: () => store.audit.after(0, 2_000).map(({ action, detail }) => ({ action, ...detail })),
    [Symbol.dispose]: () => store[Symbol.dispose](),
  }
}

const lamp = { flow: 'guard', source: 'plc', tag: 'lamp' }
const wrote = (value: boolean | number, tag = 'lamp') => sumOfWrite({ ...lamp, tag, value }, undefined)
const again = (value: boolean): TagWriteSum => ({ ...wrote(value), changes: 0 })
const refused = (code: string): TagWriteSum => {
  const write: TagWrite = { ...lamp, value: true, refusal: { code, message: 'not now' } }
  return sumOfWrite(write, undefined)
}

test('what a flow switched and what was refused to it stand in the journal, what it only says again does not', () => {
  using device = open()
  device.second(wrote(true))
  for (let second = 0; second < 100; second += 1) device.second(again(true))
  device.second(refused('tag_interlocked'))
  device.second(wrote(false))
  expect(device.told()).toEqual([
    { action: 'flow-wrote', ...lamp, value: true },
    {
      action: 'flow-refused',
      ...lamp,
      value: true,
      code: 'tag_interlocked',
      message: 'not now',
      written: 100,
      refused: 1,
      changes: 1,
      sinceMs: 1_002_000,
    },
    { action: 'flow-wrote', ...lamp, value: false },
  ])
})

test('a control loop is told now and then, with how much came between, and holds up no other tag', () => {
  using device = open()
  for (let second = 0; second < 60; second += 1) device.second(wrote(second, 'setpoint'))
  expect(device.told()).toHaveLength(20)
  device.second(wrote(true))
  expect(device.told().at(-1)).toEqual({ action: 'flow-wrote', ...lamp, value: true })
  device.pass(10 * MINUTE_MS)
  // Nothing is written now: what had to wait is told all the same.
  device.second()
  expect(device.told()).toHaveLength(22)
  expect(device.told().at(-1)).toMatchObject({ tag: 'setpoint', value: 59, written: 40, refused: 0, changes: 40 })
})

test('half of the journal stays for what else happens, and what a flow wrote meanwhile is told, whole, once there is room', () => {
  using device = open()
  device.hold(1_000)
  device.second(wrote(true))
  device.second(wrote(false))
  expect(device.told()).toEqual([])
  device.journal.note('agent-stopped')
  device.hold(0)
  device.second()
  expect(device.told()).toEqual([
    { action: 'agent-stopped' },
    { action: 'flow-wrote', ...lamp, value: false, written: 2, refused: 0, changes: 2, sinceMs: 1_001_000 },
  ])
})

test('many tags that are written at once wait for each other in turn', () => {
  using device = open()
  device.second(...Array.from({ length: 150 }, (_, tag) => wrote(1, `t${tag}`)))
  expect(device.told()).toHaveLength(100)
  for (let minute = 0; minute < 50; minute += 1) {
    device.pass(MINUTE_MS)
    device.second(wrote(minute, 't0'))
  }
  expect(new Set(device.told().map((entry) => 'tag' in entry && entry.tag)).size).toBe(150)
})

test('a long value is cut, so that an entry stays one line', () => {
  using device = open()
  device.second(sumOfWrite({ ...lamp, value: 'x'.repeat(5_000) }, undefined))
  expect(device.told()).toMatchObject([{ value: `"${'x'.repeat(199)}` }])
})

test('what hosts wrote through a sink is told apart from what flows wrote, and what was refused to them is logged, too', () => {
  using device = open()
  const host = { sink: 'plant', broker: '10.0.0.9:1883' }
  const refusal = { code: 'tag_range', message: '9000 is outside the bounds for writing (at most 3000)' }
  device.second(
    wrote(true),
    sumOfWrite({ ...host, source: 'plc', tag: 'lamp', value: true }, undefined),
    sumOfWrite({ ...host, source: 'plc', tag: 'setpoint', value: 9_000, refusal }, undefined),
    sumOfWrite({ ...host, source: 'plc', refusal: { code: 'command_unknown', message: 'no such metric' } }, undefined),
  )
  const tooMuch = { ...host, source: 'plc', tag: 'setpoint', value: 9_000, ...refusal }
  const unknown = { ...host, source: 'plc', code: 'command_unknown', message: 'no such metric' }
  expect(device.told()).toEqual([
    { action: 'flow-wrote', ...lamp, value: true },
    { action: 'sink-wrote', ...host, source: 'plc', tag: 'lamp', value: true },
    { action: 'sink-refused', ...tooMuch },
    { action: 'sink-refused', ...unknown },
  ])
  expect(device.warned).toEqual([
    { event: 'command_refused', ...tooMuch },
    { event: 'command_refused', ...unknown },
  ])
})
