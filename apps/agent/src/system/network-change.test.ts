import { expect, test } from 'vitest'
import { changeNetwork, type NetworkChangeDeps, restoreNetwork } from './network-change.ts'
import { networkManager } from './network-manager.ts'

const profile = (id: string, secret?: string) => ({ id, words: ['type', 'ethernet'], secret })
const signal = new AbortController().signal

/** A NetworkManager that writes down its orders. */
function recorded(
  present: string[],
  change: Partial<NetworkChangeDeps> & { up?: () => void; active?: string[]; broken?: string[] } = {},
) {
  const orders: string[] = []
  const note = (order: string) => async () => void orders.push(order)
  const deps: NetworkChangeDeps = {
    manager: {
      profiles: async () => present,
      up: async () => change.active ?? present,
      bringUp: async (id) => {
        orders.push(`up ${id}`)
        if (change.broken?.includes(id)) throw new Error('nmcli: no suitable device')
      },
      checkpoint: async (seconds) => {
        orders.push(`checkpoint ${seconds}`)
        return '/checkpoint/1'
      },
      rollBack: (checkpoint) => note(`roll back ${checkpoint}`)(),
      release: (checkpoint) => note(`release ${checkpoint}`)(),
      tryProfile: async ({ id }, password) => {
        orders.push(`try ${id}${password === undefined ? '' : ' with a password'}`)
        change.up?.()
      },
      down: (id) => note(`down ${id}`)(),
      keep: (id) => note(`keep ${id}`)(),
      remove: (id) => note(`remove ${id}`)(),
    },
    passwordOf: () => undefined,
    isHubReached: async () => true,
    remember: async (checkpoint) => void orders.push(`remember ${checkpoint}`),
    // The time to wait for the hub is long, and the one between two requests short.
    sleep: (ms) => (ms > 10_000 ? new Promise(() => undefined) : Promise.resolve()),
    ...change,
  }
  return { orders, deps }
}

test('a network counts after the hub has answered: then the new profiles are written, and the old ones go', async () => {
  const { orders, deps } = recorded(['lo', 'skerry-a@1', 'skerry-b@1'])
  expect(await changeNetwork([profile('skerry-a@1'), profile('skerry-b@2')], deps, signal)).toEqual({
    state: 'applied',
  })
  expect(orders).toEqual([
    'checkpoint 135',
    'remember /checkpoint/1',
    'try skerry-b@2',
    'down skerry-b@1',
    'keep skerry-b@2',
    'remove skerry-b@1',
    'release /checkpoint/1',
    'remember undefined',
  ])
})

test('an unchanged network is not touched', async () => {
  const { orders, deps } = recorded(['skerry-a@1'])
  expect(await changeNetwork([profile('skerry-a@1')], deps, signal)).toEqual({ state: 'applied' })
  expect(orders).toEqual(['remember undefined'])
})

test('profiles that are on the disk alone are no network', async () => {
  const { deps } = recorded(['skerry-a@1', 'skerry-b@1'], { active: ['lo'] })
  const wanted = [profile('skerry-a@1'), profile('skerry-b@1')]
  expect(await changeNetwork(wanted, deps, signal)).toEqual({
    state: 'failed',
    problem: expect.stringContaining('the device has skerry-a@1, skerry-b@1, but no connection is up'),
  })
})

test('after an interrupted change the first profile that works comes up, unless one is up', async () => {
  const wanted = [profile('skerry-a@1'), profile('skerry-b@1'), profile('skerry-c@1'), profile('skerry-new@1')]
  const present = ['skerry-a@1', 'skerry-b@1', 'skerry-c@1']
  const down = recorded(present, { active: [], broken: ['skerry-a@1'] })
  await restoreNetwork(wanted, down.deps.manager)
  expect(down.orders).toEqual(['up skerry-a@1', 'up skerry-b@1'])
  const up = recorded(present, { active: ['skerry-c@1'] })
  await restoreNetwork(wanted, up.deps.manager)
  expect(up.orders).toEqual([])
})

test('without an answer, and with one that hangs, the network before comes back', async () => {
  for (const isHubReached of [async () => false, () => new Promise<boolean>(() => {})]) {
    const { orders, deps } = recorded([], {
      isHubReached,
      sleep: () => new Promise((resolve) => setTimeout(resolve, 1)),
    })
    const problem = 'the hub did not answer over the new network within 120 s'
    expect(await changeNetwork([profile('skerry-a@1')], deps, signal)).toEqual({ state: 'returned', problem })
    expect(orders.slice(-2)).toEqual(['roll back /checkpoint/1', 'remember undefined'])
    expect(orders.some((order) => order.startsWith('keep'))).toBe(false)
  }
})

test('a profile that does not come up returns with the reason', async () => {
  const up = () => {
    throw new Error('nmcli: no suitable device')
  }
  const { orders, deps } = recorded([], { up })
  const problem = 'nmcli: no suitable device'
  expect(await changeNetwork([profile('skerry-a@1')], deps, signal)).toEqual({ state: 'returned', problem })
  expect(orders).toContain('roll back /checkpoint/1')
})

test('newer settings in the middle of a change return first', async () => {
  const newer = new AbortController()
  const { orders, deps } = recorded([], {
    up: () => newer.abort(),
    isHubReached: async () => Promise.reject(newer.signal.reason),
  })
  await expect(changeNetwork([profile('skerry-a@1')], deps, newer.signal)).rejects.toThrow('aborted')
  expect(orders).toContain('roll back /checkpoint/1')
})

test.each([
  ['a missing secret', undefined, 'the device does not have the secret hall'],
  ['a short password', 'short', 'is no password of 8 to 63'],
  [
    'a password with a command after it',
    'long enough\nset connection.permissions user:eve',
    'is no password of 8 to 63',
  ],
])('%s changes nothing', async (_what, password, problem) => {
  const { orders, deps } = recorded([], { passwordOf: () => password })
  const outcome = await changeNetwork([profile('skerry-a@1', 'hall')], deps, signal)
  expect(outcome).toEqual({ state: 'failed', problem: expect.stringContaining(problem) })
  expect(orders).toEqual(['remember undefined'])
})

test('a password is never an argument, which other users of the machine see', async () => {
  const calls: { words: string[]; input: string | undefined }[] = []
  const manager = networkManager(async (program, args, given) => {
    calls.push({ words: [program, ...args], input: given?.input })
    return ''
  })
  await manager.tryProfile(profile('skerry-hall@1'), 'a secret of the hall')
  expect(calls.flatMap(({ words }) => words).join(' ')).not.toContain('a secret')
  expect(calls.filter(({ input }) => input?.includes('set wifi-sec.psk a secret of the hall\n'))).toHaveLength(1)
})
