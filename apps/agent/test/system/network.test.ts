/**
 * The network of a device through a real NetworkManager: a network over which the hub answers is kept, and any other one
 * returns by itself, also if the agent dies in the middle.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NetworkConnection } from '@skerry/contract/settings/system-settings'
import { networkProfile } from '@skerry/core/settings/network-profile'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { systemClock } from '@skerry/platform/process/clock'
import { deep } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { networkManager } from '../../src/system/network-manager.ts'
import { programRunner } from '../../src/system/run-program.ts'
import { createSystemKeeper } from '../../src/system/system-keeper.ts'
import {
  DEVICE,
  networkManagerRoot,
  OTHER_ADDRESS,
  type RunningManager,
  startNetworkManager,
} from '../stage/network-manager.ts'

const isDeep = process.env.SKERRY_TEST_TIER === 'deep'
const root = isDeep ? networkManagerRoot() : undefined

let folder: string
let manager: RunningManager

const uplink = (address: string) =>
  NetworkConnection.parse({
    kind: 'ethernet',
    name: 'uplink',
    interface: DEVICE,
    ipv4: { method: 'manual', addresses: [address] },
    ipv6: { method: 'disabled' },
  })

const addresses = () => manager.inside('ip', '-4', '-brief', 'address', 'show', 'dev', DEVICE)

/** The other end stands for the hub. It has no program at this port, and answers so over a right network only. */
const isHubReached = async () => manager.inside('bash', '-c', `: </dev/tcp/${OTHER_ADDRESS}/9`).includes('refused')

const keeper = (confirmSeconds: number, isReached: (signal: AbortSignal) => Promise<boolean> = isHubReached) =>
  createSystemKeeper({
    switches: ['network'],
    run: programRunner(manager.environment),
    fileSystem: nodeFileSystem,
    data: folder,
    clock: systemClock,
    secrets: () => ({}),
    isHubReached: isReached,
    onChange: () => undefined,
    confirmSeconds,
  })

const signal = new AbortController().signal

describe.skipIf(!root)('the network', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-network-'))
    manager = await startNetworkManager(root ?? '', folder)
  })

  afterAll(async () => {
    await manager?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  test(
    'a right network is kept, a wrong one returns by itself, and an agent that dies leaves the way back',
    deep('starts NetworkManager in a network of its own; network-change.test.ts shows the decisions'),
    async () => {
      const right = keeper(60)
      await right.apply({ network: [uplink('192.0.2.2/24')] }, signal)
      expect(right.readings()).toMatchObject([{ setting: 'network', state: 'applied' }])
      expect(addresses()).toContain('192.0.2.2/24')
      const kept = manager.kept()
      expect(kept).toHaveLength(1)

      const wrong = keeper(3)
      await wrong.apply({ network: [uplink('10.9.9.9/24')] }, signal)
      expect(wrong.readings()).toMatchObject([{ state: 'returned', problem: expect.stringContaining('within 3 s') }])
      await until(() => addresses().includes('192.0.2.2/24'))
      expect(manager.kept()).toEqual(kept)
      // It is not tried again until the settings change, also by the next agent.
      let questions = 0
      const next = keeper(3, async () => {
        questions += 1
        return false
      })
      await next.apply({ network: [uplink('10.9.9.9/24')] }, signal)
      expect(next.readings()).toMatchObject([{ state: 'returned' }])
      expect(questions).toBe(0)

      // This agent dies while it waits for the hub. The next one finds the change, and returns first.
      const waiting = Promise.withResolvers<void>()
      const hanging = () => {
        waiting.resolve()
        return new Promise<boolean>(() => undefined)
      }
      void keeper(600, hanging)
        .apply({ network: [uplink('10.8.8.8/24')] }, signal)
        .catch(() => undefined)
      await waiting.promise
      await until(() => addresses().includes('10.8.8.8/24'))
      expect(await readFile(join(folder, 'network-trial'), 'utf8')).toMatch(/\/Checkpoint\/\d+$/)
      const after = keeper(60)
      await after.apply({ network: [uplink('192.0.2.2/24')] }, signal)
      expect(after.readings()).toMatchObject([{ state: 'applied' }])
      await until(() => addresses().includes('192.0.2.2/24'))

      // An agent that died later still has taken the network down as its last order. The next one brings it up again.
      const last = networkManager(programRunner(manager.environment))
      await writeFile(join(folder, 'network-trial'), '/org/freedesktop/NetworkManager/Checkpoint/999')
      for (const id of await last.up()) if (id.startsWith('skerry-')) await last.down(id)
      await until(() => !addresses().includes('192.0.2.2/24'))
      const third = keeper(60)
      await third.apply({ network: [uplink('192.0.2.2/24')] }, signal)
      expect(third.readings()).toMatchObject([{ state: 'applied' }])
      expect(addresses()).toContain('192.0.2.2/24')

      // No agent ever comes back: NetworkManager itself returns.
      const alone = networkManager(programRunner(manager.environment))
      await alone.checkpoint(5)
      await alone.tryProfile(networkProfile(uplink('10.7.7.7/24'), 'r9'), undefined)
      await until(() => addresses().includes('10.7.7.7/24'))
      await until(() => addresses().includes('192.0.2.2/24'))
      expect(await alone.profiles()).not.toContain('skerry-uplink@r9')
      expect(manager.kept()).toEqual(kept)
    },
  )
})
