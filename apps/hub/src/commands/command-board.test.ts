import type { CommandMessage } from '@skerry/contract/devices/device-command'
import type { CommandId, DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { systemClock } from '@skerry/platform/process/clock'
import { expect, onTestFinished, test } from 'vitest'
import { createCommandBoard, type Question } from './command-board.ts'

const DEVICE = 'dev_abcdefgh234567' as DeviceId
const PAYER = 'org_abcdefgh234567' as OrganisationId
const KINDS = ['write-tag', 'read-tags']

function boardOf() {
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  let last = 0
  const nextId = () => {
    last += 1
    return `cmd_abcdefgh23456${last}` as CommandId
  }
  return createCommandBoard({ clock: systemClock, nextId, signal: stop.signal })
}

const WRITE: Question<'write-tag'> = {
  kind: 'write-tag',
  payer: PAYER,
  command: { source: 'press-7', tag: 'lamp', value: true },
  timeoutMs: 60_000,
}
const READ: Question<'read-tags'> = {
  kind: 'read-tags',
  payer: PAYER,
  command: { source: 'press-7' },
  timeoutMs: 60_000,
}

test('a device that connects anew is asked again what it was asked, but never to write: that may have been done', async () => {
  const board = boardOf()
  using _leaving = { [Symbol.dispose]: board.arrive(DEVICE) }
  const asked = new AbortController()
  const [first, second]: CommandMessage[][] = [[], []]
  using _one = board.follow(DEVICE, KINDS, (message) => void first?.push(message))
  const writing = board.ask(DEVICE, WRITE, asked.signal)
  const reading = board.ask(DEVICE, READ, asked.signal)
  expect(first?.map(({ kind }) => kind)).toEqual(['write-tag', 'read-tags'])

  using _two = board.follow(DEVICE, KINDS, (message) => void second?.push(message))
  expect(second?.map(({ kind }) => kind)).toEqual(['read-tags'])
  using written = await writing
  expect(written).toMatchObject({
    ok: false,
    code: 'device_unreachable',
    message: expect.stringMatching(/reconnected/),
  })
  asked.abort()
  using read = await reading
  expect(read).toMatchObject({ ok: false, code: 'command_cancelled' })
})

test('a write that no stream has been told waits for the first', async () => {
  const board = boardOf()
  using _leaving = { [Symbol.dispose]: board.arrive(DEVICE) }
  const asked = new AbortController()
  const writing = board.ask(DEVICE, WRITE, asked.signal)
  const told: CommandMessage[] = []
  using _one = board.follow(DEVICE, KINDS, (message) => void told.push(message))
  expect(told.map(({ kind }) => kind)).toEqual(['write-tag'])
  asked.abort()
  using written = await writing
  expect(written).toMatchObject({ code: 'command_cancelled' })
})
