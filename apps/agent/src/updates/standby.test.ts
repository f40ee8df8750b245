import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@skerry/platform/process/clock'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { noteReady, readStandby, STANDS_BY, standbyState, versionFolder } from '../launcher/launch-files.ts'
import { prepareStandby, STANDBY_BYTES_MIN, type StandbyWish } from './standby.ts'

const DIGEST = 'b'.repeat(64)
const signal = new AbortController().signal

let root = ''
const kill = vi.spyOn(process, 'kill')

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'skerry-standby-'))
  mkdirSync(versionFolder(root, DIGEST), { recursive: true })
  writeFileSync(join(versionFolder(root, DIGEST), STANDS_BY), '1')
  kill.mockReset()
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const log = { info() {}, warn() {} }
const wishOf = (wish: Partial<StandbyWish> = {}): StandbyWish => ({
  root,
  launcherPid: process.ppid,
  availableBytes: () => STANDBY_BYTES_MIN,
  clock: systemClock,
  log,
  ...wish,
})

test('the launcher gets the note first, then the signal', async () => {
  kill.mockImplementation((pid, name) => {
    expect([pid, name, readStandby(root)]).toEqual([process.ppid, 'SIGUSR2', DIGEST])
    noteReady(root, DIGEST)
    return true
  })
  expect(await prepareStandby(wishOf(), DIGEST, signal)).toBe('ready')
  expect(kill).toHaveBeenCalledOnce()
})

test.each<[string, Partial<StandbyWish>, string]>([
  ['an older launcher, which the signal would end', { launcherPid: undefined }, 'impossible'],
  ['a process that is not the parent', { launcherPid: process.pid }, 'impossible'],
  ['any launcher while the memory has no room for two agents', { availableBytes: () => 1_000 }, 'no_memory'],
])('no signal goes to %s', async (_, wish, answer) => {
  expect(await prepareStandby(wishOf(wish), DIGEST, signal)).toBe(answer)
  expect(kill).not.toHaveBeenCalled()
})

test('a disk that is full costs only the time that a version would save', async () => {
  rmSync(join(root, 'versions'), { recursive: true })
  expect(await prepareStandby(wishOf(), DIGEST, signal)).toBe('impossible')
  mkdirSync(versionFolder(root, DIGEST), { recursive: true })
  writeFileSync(join(versionFolder(root, DIGEST), STANDS_BY), '1')
  mkdirSync(join(root, '.standby.json.new'))
  expect(await prepareStandby(wishOf(), DIGEST, signal)).toBe('impossible')
  expect(kill).not.toHaveBeenCalled()
})

test('an agent that stops does not wait for the version', async () => {
  const stop = new AbortController()
  kill.mockImplementation(() => {
    stop.abort()
    return true
  })
  await expect(prepareStandby(wishOf(), DIGEST, stop.signal)).rejects.toThrow()
  expect(standbyState(root, DIGEST)).toBe('pending')
})
