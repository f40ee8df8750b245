/** Pairs: two real devices stand in for each other at their site, on a network of their own, and without a hub. */
import { namespacesLack } from '@skerry/testkit/faults/namespaces'
import { hasModbus } from '@skerry/testkit/peers/modbus-peer'
import { strict } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { expect, test } from 'vitest'
import { type Member, openPairStage, overlaps } from './pair-stage.ts'

const lack = namespacesLack()

test.skipIf(lack !== undefined || !hasModbus)(
  'the other device takes over the address and the equipment without the hub, and no two write at once',
  strict('the active device is killed'),
  async () => {
    await using stage = await openPairStage()
    const { hub, agents, writes } = stage
    await until(() => writes.length > 2, { what: 'writes of one member' })
    await until(async () => (await stage.pair()).state === 'protected', { what: 'a protected pair' })
    const { active, devices } = await stage.pair()
    const first: Member = active?.device === 'b' ? 'b' : 'a'
    const other: Member = first === 'a' ? 'b' : 'a'
    expect(active).toMatchObject({ device: first, reason: 'start' })
    const roleOf = (name: string) => devices.find(({ device }) => device === name)?.role
    expect([first, other, 'w'].map(roleOf)).toEqual(['active', 'passive', 'witness'])
    await until(() => only(stage.holders(), first), { what: 'the address to be on the active device' })
    await until(stage.serves, { what: 'the address to serve' })
    expect(writes.filter(({ by }) => by !== first)).toEqual([])

    // Planned work: the hub orders the switch, and the devices carry it out.
    await hub.client.pair.switch({ name: 'press-line', to: other })
    await stage.writesOf(other)
    await until(async () => (await stage.pair()).active?.device === other, { what: 'the hub to know' })
    // If the lease ended before the order came, the switch is none. The device tells which of both it was.
    const { reason } = await agents[first].waitFor('pair_passive')
    expect((await stage.pair()).active).toMatchObject({ reason: reason === 'switch' ? 'switched' : 'lost' })
    expect(overlaps(writes, 1)).toEqual([])

    await hub.kill()
    const killedMs = performance.now()
    await agents[other].kill()
    // No limit of time: a busy machine must not fail this test.
    await until(() => writes.some(({ by, atMs }) => by === first && atMs > killedMs), { what: 'a write' })
    await until(stage.serves, { what: 'the address to serve again' })
    await until(() => only(stage.holders(), first), { what: 'the address to be on one device' })
    expect(overlaps(writes, 2)).toEqual([])
  },
)

const only = (holders: readonly Member[], name: Member) => holders.length === 1 && holders[0] === name
