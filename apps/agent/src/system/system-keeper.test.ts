import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { systemClock } from '@skerry/platform/process/clock'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { programRunner } from './run-program.ts'
import { createSystemKeeper } from './system-keeper.ts'
import { systemOf, systemTrouble } from './system-options.ts'

let folder: string
const signal = new AbortController().signal

/** Stand-ins of the programs of systemd: the clock of a machine has no namespaces, so a test must not set the real one. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skerry-system-'))
  const program = (name: string, script: string) => {
    writeFileSync(join(folder, name), `#!/bin/sh\necho "${name} $*" >> ${join(folder, 'calls')}\n${script}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  program('hostnamectl', `env | grep -c TOKEN >> ${join(folder, 'secrets')}; true`)
  program('timedatectl', 'case "$*" in show*) echo Etc/UTC;; *Mars*) echo "Invalid time zone" >&2; exit 1;; esac')
  program('systemctl', 'true')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const calls = () => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n')

const keeper = (allowed: string) =>
  createSystemKeeper({
    switches: systemOf({ 'allow-system': allowed }),
    run: programRunner({ PATH: `${folder}:${process.env.PATH}`, TOKEN: 'of the agent' }),
    fileSystem: nodeFileSystem,
    data: folder,
    clock: systemClock,
    secrets: () => ({}),
    isHubReached: async () => true,
    onChange: () => undefined,
    timesyncFolder: join(folder, 'timesyncd.conf.d'),
  })

test('the device applies only what its own command line allows, and says how to allow the rest', async () => {
  const it = keeper('name')
  await it.apply({ hostName: 'press-4', timeZone: 'Europe/Berlin', network: [] }, signal)
  expect(it.readings()).toMatchObject([
    { setting: 'hostName', state: 'applied' },
    { setting: 'timeZone', state: 'refused', problem: expect.stringContaining('--allow-system time') },
    { setting: 'network', state: 'refused', problem: expect.stringContaining('--allow-system network') },
  ])
  expect(calls()).toEqual(['hostnamectl set-hostname -- press-4'])
  // The programs do not get the variables of the agent.
  expect(readFileSync(join(folder, 'secrets'), 'utf8')).toBe('0\n')
})

test('time zone and time servers are set once, and servers that are removed restore those of the machine', async () => {
  const it = keeper('time')
  const settings = { timeZone: 'Europe/Berlin', timeServers: ['10.0.0.1', 'time.example.com'] }
  await it.apply(settings, signal)
  expect(it.readings().map(({ state }) => state)).toEqual(['applied', 'applied'])
  const file = join(folder, 'timesyncd.conf.d', '60-skerry.conf')
  expect(readFileSync(file, 'utf8')).toContain('[Time]\nNTP=10.0.0.1 time.example.com\n')
  await it.apply(settings, signal)
  expect(calls().filter((call) => call.startsWith('systemctl'))).toHaveLength(1)
  await it.apply({}, signal)
  expect(it.readings()).toEqual([])
  expect(() => readFileSync(file)).toThrow('ENOENT')
  expect(calls().filter((call) => call.startsWith('systemctl'))).toHaveLength(2)
})

test('a value that the system does not take is reported with its reason', async () => {
  const it = keeper('time')
  await it.apply({ timeZone: 'Mars/Base' }, signal)
  expect(it.readings()).toMatchObject([{ state: 'failed', problem: 'timedatectl: Invalid time zone' }])
})

test('the option names its kinds', () => {
  expect(systemOf({})).toEqual([])
  expect(systemTrouble({ 'allow-system': 'name,time,network,power' })).toBeUndefined()
  expect(systemTrouble({ 'allow-system': 'all' })).toContain('name, time, network, power')
})
