/**
 * SWUpdate through the agent: the real agent, hub, swupdate and fw_setenv. Two files are the slots, and a program in place
 * of systemctl is the restart of the machine.
 *
 * @module-tag deep several restarts of a machine with an agent, and kills of the agent
 */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { until } from '@skerry/testkit/until'
import { type ImageMaker, newImageMaker } from '@skerry/testkit/updates/swu'
import { hasSwupdate } from '@skerry/testkit/updates/swupdate'
import { expect, test } from 'vitest'
import { deploy } from '../../apps/cli/test/stage/anomaly.ts'
import { type Fleet, openFleet } from '../../apps/cli/test/stage/fleet.ts'
import { GOOD, openGateway } from './stage/gateway.ts'

const OS = 'gateway-os'
/** A device with two slots, whose machine the test restarts. */
async function openMachine(fleet: Fleet) {
  const gateway = await openGateway(fleet.folder)
  await writeFile(gateway.at('check'), `#!/bin/sh\ntest ! -f ${gateway.at('pump-is-dead')}\n`, { mode: 0o755 })
  await fleet.hub.client.site.apply({ name: 'lab', kind: 'edge' })
  const { token } = await fleet.hub.client.token.create({ site: 'lab' })
  const check = ['--os-check', gateway.at('check'), '--os-check-seconds', '2']
  const agent = await fleet.newAgent('press', token, [...gateway.words, ...check])
  const start = () => agent.start(gateway.env)
  return {
    ...gateway,
    agent,
    start,
    /** Waits until the agent asks for the restart of the machine. The boot loader starts the wanted slot. */
    restarted: () => gateway.restarted({ stop: () => agent.end(), start }),
    async push(version: string, by?: ImageMaker) {
      expect(await fleet.cli(['os', 'push', OS, await gateway.image(version, by)])).toMatchObject({ code: 0 })
    },
    async deploy(version: number) {
      await deploy(fleet, version, { name: OS, deployable: OS })
    },
  }
}

const serves = (fleet: Fleet, version: number) =>
  fleet.item('press', ({ state, serving }) => state === 'active' && serving?.version === version)

test.skipIf(!hasSwupdate)(
  'an image goes out in a rollout, and one that fails its check or is forged leaves the system from before',
  async () => {
    await using fleet = await openFleet()
    const gateway = await openMachine(fleet)
    await gateway.start()
    await gateway.push('1.0')
    await gateway.deploy(1)
    expect(await gateway.restarted()).toBe('b')
    await serves(fleet, 1)
    expect(await gateway.slotText('b')).toBe('system 1.0')
    await until(() => gateway.variables().upgrade_available === '0')
    expect(gateway.variables()).toMatchObject({ skerry_slot: 'b', ustate: '0', ...GOOD })

    await gateway.push('2.0')
    await writeFile(gateway.at('pump-is-dead'), '')
    await gateway.deploy(2)
    expect(await gateway.restarted()).toBe('a')
    expect(await gateway.restarted()).toBe('b')
    await rm(gateway.at('pump-is-dead'))
    const failed = await fleet.item('press', ({ state, serving }) => state === 'failed' && serving?.version === 1)
    expect(failed.cause?.code).toBe('os_check_failed')
    expect(gateway.variables()).toMatchObject({ skerry_slot: 'b', ...GOOD })

    await gateway.push('3.0', await newImageMaker(fleet.folder, 'forger'))
    await gateway.deploy(3)
    const forged = await fleet.item('press', ({ state, target }) => state === 'failed' && target?.version === 3)
    expect(forged.cause).toMatchObject({
      code: 'os_image_refused',
      message: expect.stringContaining('Signature verification failed'),
    })
    expect(await gateway.slotText('a')).toBe('system 2.0')
  },
  6 * PATIENCE_MS,
)

const ROUNDS = 6

/** A version that is interrupted three times while it loads counts as broken. */
const KILLS = 2

test.skipIf(!hasSwupdate)(
  'an agent that is killed at any time of an installation reaches each version, and never trusts a slot that is half written',
  { timeout: 6 * PATIENCE_MS },
  async () => {
    await using fleet = await openFleet()
    const gateway = await openMachine(fleet)
    await gateway.start()
    for (let version = 1; version <= ROUNDS; version++) {
      const slot = version % 2 === 1 ? 'b' : 'a'
      const text = `system ${version}.0`
      await gateway.push(`${version}.0`)
      await gateway.deploy(version)
      for (let kill = 0; kill < KILLS; kill++) {
        await sleep(250 * version * (kill + 1))
        await gateway.agent.end('SIGKILL')
        if (gateway.variables().skerry_slot === slot) expect(await gateway.slotText(slot)).toBe(text)
        await gateway.start()
      }
      expect(await gateway.restarted()).toBe(slot)
      await serves(fleet, version)
      const written = await readFile(gateway.at(`${slot}.img`), 'utf8')
      expect(written.startsWith(`${text} `.repeat(500_000))).toBe(true)
    }
  },
)
