import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import type { Log } from '@skerry/platform/process/log'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openUpdateLocks, parseLock } from './update-locks.ts'

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }

function makeFolder() {
  const data = mkdtempSync(join(tmpdir(), 'skerry-locks-'))
  onTestFinished(() => rmSync(data, { recursive: true, force: true }))
  const folder = join(data, 'locks')
  let nowMs = Date.parse('2026-11-26T00:00:00Z')
  const clock = { nowMs: () => nowMs }
  const onChange = vi.fn()
  return {
    folder,
    onChange,
    put: (name: string, text: string) => writeFileSync(join(folder, name), text),
    remove: (name: string) => rmSync(join(folder, name)),
    pass: (ms: number) => {
      nowMs += ms
    },
    boot: (bootId: string, fileSystem = nodeFileSystem) =>
      openUpdateLocks(folder, { fileSystem, data, log, clock, bootId, onChange }),
  }
}

const namesOf = async (locks: { read(): Promise<{ name: string }[]> }) => (await locks.read()).map(({ name }) => name)

test('a file is a lock for as long as it is there', async () => {
  const device = makeFolder()
  await using locks = await device.boot('a')
  expect(await locks.read()).toEqual([])
  device.put('robot', 'is welding\n')
  await expect.poll(() => device.onChange.mock.calls.length).toBeGreaterThan(0)
  expect(await locks.read()).toEqual([{ name: 'robot', reason: 'is welding' }])
  device.remove('robot')
  expect(await locks.read()).toEqual([])
})

test('dies with a reboot, whatever the clock says, but not with a restart of the agent', async () => {
  const device = makeFolder()
  {
    await using locks = await device.boot('a')
    device.put('robot', '')
    expect(await namesOf(locks)).toEqual(['robot'])
  }
  {
    await using restarted = await device.boot('a')
    expect(await namesOf(restarted)).toEqual(['robot'])
  }
  device.pass(-10_000_000)
  await using rebooted = await device.boot('b')
  expect(await namesOf(rebooted)).toEqual([])
  expect(await namesOf(rebooted)).toEqual([])
  // Taken anew, under the same name.
  device.put('robot', 'again')
  expect(await namesOf(rebooted)).toEqual(['robot'])
})

test('a lock that was taken before the agent started in this boot holds', async () => {
  const device = makeFolder()
  {
    await using locks = await device.boot('a')
    device.put('robot', '')
    await locks.read()
  }
  utimesSync(join(device.folder, 'robot'), 1, 2)
  device.put('door', '')
  await using rebooted = await device.boot('b')
  expect(await namesOf(rebooted)).toEqual(['door', 'robot'])
})

test('ends by itself where it says when', async () => {
  const device = makeFolder()
  await using locks = await device.boot('a')
  device.put('robot', 'is welding\nuntil 2026-11-26T01:00:00Z\n')
  expect(await locks.read()).toEqual([
    { name: 'robot', reason: 'is welding', untilMs: Date.parse('2026-11-26T01:00:00Z') },
  ])
  device.pass(3_600_000)
  expect(await locks.read()).toEqual([])
})

test('what cannot be read holds: a link, or the whole folder', async () => {
  const device = makeFolder()
  await using locks = await device.boot('a')
  symlinkSync('/etc/hostname', join(device.folder, 'link'))
  mkdirSync(join(device.folder, 'folder'))
  device.put('.hidden', '')
  expect(await locks.read()).toEqual([{ name: 'link', reason: 'it cannot be read (ELOOP)' }])
  rmSync(device.folder, { recursive: true })
  writeFileSync(device.folder, '')
  expect(await locks.read()).toMatchObject([{ name: device.folder, reason: 'the folder cannot be read (ENOTDIR)' }])
})

test('a disk on which nothing can be remembered changes nothing that holds now', async () => {
  const device = makeFolder()
  const full = { ...nodeFileSystem, open: () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })) }
  await using locks = await device.boot('a', full)
  device.put('robot', '')
  expect(await namesOf(locks)).toEqual(['robot'])
})

test('an end that cannot be read is none', () => {
  expect(parseLock('a', 'until tomorrow\nbusy')).toEqual({ name: 'a', reason: 'busy' })
})
