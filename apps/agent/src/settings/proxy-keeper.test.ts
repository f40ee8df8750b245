import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { systemClock } from '@skerry/platform/process/clock'
import { createLog } from '@skerry/platform/process/log'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openProxyKeeper, readKeptProxy } from './proxy-keeper.ts'
import { proxyOf, proxyTrouble } from './proxy-options.ts'

const GOOD = 'http://good.example:3128'
const WRONG = 'http://wrong.example:3128'
const signal = new AbortController().signal

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skerry-proxy-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** The hub answers over these ways. */
async function opened(good: readonly (string | undefined)[], option?: string) {
  const network = { way: undefined as string | undefined, questions: 0, good }
  const keeper = await openProxyKeeper({
    fileSystem: nodeFileSystem,
    data: folder,
    clock: systemClock,
    log: createLog({ name: 'test', level: 'silent' }),
    proxy: option,
    setProxy: (address) => {
      network.way = address
    },
    isHubReached: async () => {
      network.questions += 1
      return network.good.includes(network.way)
    },
    onChange: () => undefined,
    confirmSeconds: 0,
  })
  return { keeper, network }
}

const kept = () => readKeptProxy(nodeFileSystem, folder)

test('a way counts after the hub has answered over it, and the next agent begins with it', async () => {
  const { keeper, network } = await opened([GOOD])
  await keeper.apply(GOOD, signal)
  expect(keeper.reading()).toMatchObject({ setting: 'proxy', state: 'applied' })
  expect(network.way).toBe(GOOD)
  const next = await opened([GOOD])
  expect(next.network.way).toBe(GOOD)
  await next.keeper.apply(GOOD, signal)
  expect(next.keeper.reading()).toMatchObject({ state: 'applied' })
})

test('a wrong way returns to the last good one, which stays on the disk', async () => {
  const { keeper, network } = await opened([GOOD])
  await keeper.apply(GOOD, signal)
  await keeper.apply(WRONG, signal)
  const problem = `the hub did not answer through ${WRONG}; the device uses ${GOOD}`
  expect(keeper.reading()).toMatchObject({ state: 'returned', problem })
  expect(network.way).toBe(GOOD)
  expect(await kept()).toBe(GOOD)
})

test('a way that no longer works after a restart returns to the one of the command line', async () => {
  await (await opened([GOOD])).keeper.apply(GOOD, signal)
  const { keeper, network } = await opened([undefined])
  await keeper.apply(GOOD, signal)
  expect(keeper.reading()).toMatchObject({ state: 'returned', problem: expect.stringContaining('uses direct') })
  expect(network.way).toBeUndefined()
  expect(await kept()).toBeUndefined()
})

test('without any way the keeper fails, so that it is tried again, and keeps the last good way', async () => {
  const { keeper, network } = await opened([GOOD])
  await keeper.apply(GOOD, signal)
  network.good = []
  await keeper.apply(WRONG, signal)
  expect(keeper.reading()).toMatchObject({ state: 'failed' })
  expect(network.way).toBe(GOOD)
  expect(await kept()).toBe(GOOD)
})

test('settings that are removed restore the way of the command line', async () => {
  const { keeper, network } = await opened([GOOD, WRONG], WRONG)
  await keeper.apply(GOOD, signal)
  await keeper.apply(undefined, signal)
  expect(keeper.reading()).toBeUndefined()
  expect(network.way).toBe(WRONG)
  expect(await kept()).toBeUndefined()
})

test('an agent without settings asks nobody, and a damaged file counts as none', async () => {
  writeFileSync(join(folder, 'proxy.json'), '{"v":1,"proxy":"ftp://x"}')
  const { keeper, network } = await opened([])
  await keeper.apply(undefined, signal)
  expect(network).toMatchObject({ questions: 0, way: undefined })
})

test('newer settings in the middle of a trial restore the way before', async () => {
  const newer = new AbortController()
  const { keeper, network } = await opened([])
  const applying = keeper.apply(WRONG, newer.signal)
  newer.abort()
  await expect(applying).rejects.toThrow('aborted')
  expect(network.way).toBeUndefined()
})

test('the option takes an HTTP proxy without a password', () => {
  expect(proxyOf({ proxy: 'http://proxy.example.com' })).toBe('http://proxy.example.com:80')
  expect(proxyOf({ proxy: 'http://[fd00::1]:3128/' })).toBe('http://[fd00::1]:3128')
  expect(proxyTrouble({})).toBeUndefined()
  for (const proxy of [
    'proxy.example.com:3128',
    'https://proxy.example.com',
    `http://ann:${'secret'}@proxy.example.com`,
  ])
    expect(proxyTrouble({ proxy })).toContain('--proxy must be http://HOST:PORT')
})
