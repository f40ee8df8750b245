/**
 * Pairs under faults: pauses, kills, and cut lines on a network of real computers. Never do two devices write at once.
 *
 * @module-tag deep Each fault waits for leases, restarts and the hub; test/places/pairs.test.ts kills one device.
 */
import { execFileSync } from 'node:child_process'
import { randomOf } from '@skerry/testkit/faults/garbling-way'
import { namespacesLack } from '@skerry/testkit/faults/namespaces'
import { hasModbus } from '@skerry/testkit/peers/modbus-peer'
import { strict } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { describe, expect, test } from 'vitest'
import { type Member, openPairStage, overlaps, type PairStage } from './pair-stage.ts'

const KILLS = 8
const SEED = 24

describe.skipIf(namespacesLack() !== undefined || !hasModbus)('a pair', () => {
  test(
    'a device that was paused for longer than its lease writes nothing after it wakes',
    strict('a process is paused'),
    async () => {
      await using stage = await openPairStage()
      await stage.isReady()
      const { writes } = stage
      const first = await stage.active()
      const paused = stage.processes(first)
      expect(paused.length).toBeGreaterThan(1)
      for (const pid of paused) process.kill(pid, 'SIGSTOP')
      await stage.writesOf(otherOf(first))
      const wokenAt = writes.length
      for (const pid of paused) process.kill(pid, 'SIGCONT')
      await stage.writesOf(otherOf(first), 6)
      expect(writes.slice(wokenAt).filter(({ by }) => by === first)).toEqual([])
      expect(overlaps(writes, 1)).toEqual([])
      await stage.isReady()
      expect(await stage.active()).toBe(otherOf(first))
      await until(() => String(stage.holders()) === otherOf(first), { what: 'the address to be on one device' })
    },
  )

  test(
    `${KILLS} kills of any of the three devices, one after the other`,
    strict('the devices of a pair are killed'),
    async () => {
      await using stage = await openPairStage()
      await stage.isReady()
      const { agents, writes } = stage
      const random = randomOf(SEED)
      let moves = 0
      for (let kill = 0; kill < KILLS; kill++) {
        const victim = (['a', 'b', 'w'] as const)[Math.floor(random() * 3)] ?? 'w'
        const active = await stage.active()
        if (victim === active) moves += 1
        await stage.kill(victim)
        // The device that writes now is the other one, or the one of before.
        await stage.writesOf(victim === active ? otherOf(active) : active)
        agents[victim] = await agents[victim].again()
        await stage.isReady()
        expect(overlaps(writes, moves), `after kill ${kill + 1} (seed ${SEED}) of ${victim}`).toEqual([])
      }
      expect(moves).toBeGreaterThan(0)
      await until(stage.serves, { what: 'the address to serve' })
    },
  )

  test(
    'a line between the members that is cut moves nothing',
    strict('lines between the devices are cut'),
    async () => {
      await using stage = await openPairStage()
      await stage.isReady()
      const { net, writes } = stage
      const first = await stage.active()
      const other = otherOf(first)
      const cuts = [
        () => deafen(stage, first, other),
        () => deafen(stage, other, first),
        () => net.partition(first, other),
      ]
      for (const cut of cuts) {
        cut()
        await until(async () => (await stage.pair()).problems.some((problem) => /cannot reach/.test(problem)), {
          what: 'the problem',
          seen: stage.pair,
        })
        expect(await stage.pair()).toMatchObject({ state: 'unprotected', active: { device: first } })
        await stage.writesOf(first, 6)
        for (const name of [first, other]) net.heal(name)
        await stage.isReady()
      }
      expect(overlaps(writes, 0)).toEqual([])
    },
  )

  test(
    'a device that only reaches the equipment stops, and the other one takes over',
    strict('lines between the devices are cut'),
    async () => {
      await using stage = await openPairStage()
      await stage.isReady()
      const { net, writes } = stage
      const first = await stage.active()
      const other = otherOf(first)
      net.partition(first, other)
      net.partition(first, 'w')
      await stage.writesOf(other, 6)
      expect(overlaps(writes, 1)).toEqual([])
      net.heal(first)
      await stage.isReady()
      await stage.writesOf(other)
      expect(await stage.pair()).toMatchObject({ active: { device: other, reason: 'lost' } })
      expect(overlaps(writes, 1)).toEqual([])
    },
  )

  test(
    'without the witness the active device goes on, and the hub knows it',
    strict('the witness is killed'),
    async () => {
      await using stage = await openPairStage()
      await stage.isReady()
      const { agents, writes } = stage
      const first = await stage.active()
      await stage.kill('w')
      await until(async () => (await stage.pair()).state === 'unprotected', { what: 'the state', seen: stage.pair })
      await stage.writesOf(first, 10)
      expect(await stage.active()).toBe(first)
      agents.w = await agents.w.again()
      await stage.isReady()
      expect(overlaps(writes, 0)).toEqual([])
    },
  )

  test('after a power cut of the whole site one device is active', strict('all devices are killed'), async () => {
    await using stage = await openPairStage()
    await stage.isReady()
    const { agents, writes } = stage
    await Promise.all((['a', 'b', 'w'] as const).map((name) => stage.kill(name)))
    const cutAt = writes.length
    await Promise.all(
      (['a', 'b', 'w'] as const).map(async (name) => {
        agents[name] = await agents[name].again()
      }),
    )
    await stage.isReady()
    const active = await stage.active()
    await stage.writesOf(active, 6)
    expect(writes.slice(cutAt).filter(({ by }) => by !== active)).toEqual([])
    await until(() => String(stage.holders()) === active, { what: 'the address to be on one device' })
  })
})

const otherOf = (name: Member): Member => (name === 'a' ? 'b' : 'a')

/** The first device receives nothing from the other one; its own packets still arrive there. */
function deafen({ net }: PairStage, name: Member, other: Member): void {
  const [program = '', ...words] = net.under(name)
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }
  execFileSync(program, [...words, 'iptables', '-A', 'INPUT', '-s', net.address(other), '-j', 'DROP'], { env })
}
