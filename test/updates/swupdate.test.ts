/**
 * SWUpdate through the agent: the real agent, hub, swupdate and fw_setenv. Two files are the slots, and a program in place
 * of systemctl is the restart of the machine.
 *
 * @module-tag deep several restarts of a machine with an agent, and kills of the agent
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { until } from '@skerry/testkit/until'
import { type ImageMaker, makeSlotImage, newImageMaker } from '@skerry/testkit/updates/swu'
import { hasSwupdate } from '@skerry/testkit/updates/swupdate'
import { expect, test } from 'vitest'
import { deploy } from '../../apps/cli/test/stage/anomaly.ts'
import { type Fleet, openFleet } from '../../apps/cli/test/stage/fleet.ts'

const OS = 'gateway-os'
const TRIAL = { upgrade_available: '1', bootcount: '0' }
const GOOD = { upgrade_available: '0', bootcount: '0' }

/** The agent finds its slot by a word of the kernel. This machine was started with the first word, and without the second. */
const HERE = readFileSync('/proc/cmdline', 'utf8').trim().split(/\s+/)[0] ?? ''
const ELSEWHERE = 'skerry.slot=elsewhere'

/** A device with two slots, whose machine the test restarts. */
async function openGateway(fleet: Fleet) {
  const at = (name: string) => join(fleet.folder, name)
  const maker = await newImageMaker(fleet.folder)
  for (const slot of ['a.img', 'b.img']) await writeFile(at(slot), Buffer.alloc(8_000_000))
  await writeFile(at('env.bin'), Buffer.alloc(0x4000))
  await writeFile(at('env'), `${at('env.bin')} 0x0 0x4000\n`)
  await writeFile(at('first'), 'skerry_slot=a\nustate=0\n')
  execFileSync('fw_setenv', ['-c', at('env'), '-f', at('first'), '-s', at('first')], { stdio: 'ignore' })
  await writeFile(at('swupdate.cfg'), `globals: { bootloader = "uboot"; fwenv-config-location = "${at('env')}"; };\n`)
  await mkdir(at('bin'))
  await writeFile(at('bin/systemctl'), `#!/bin/sh\necho restart >>${at('restarts')}\n`, { mode: 0o755 })
  await writeFile(at('check'), `#!/bin/sh\ntest ! -f ${at('pump-is-dead')}\n`, { mode: 0o755 })
  const describe = (running: string) => {
    const slot = (name: string) => ({ select: `stable,${name}`, kernelWord: name === running ? HERE : ELSEWHERE })
    const settings = {
      hardware: 'gateway:1.0',
      certificate: maker.certificatePath,
      configuration: at('swupdate.cfg'),
      slots: { a: slot('a'), b: slot('b') },
      environment: { kind: 'u-boot', file: at('env'), trial: TRIAL, good: GOOD },
    }
    return writeFile(at('settings.json'), JSON.stringify(settings))
  }
  await describe('a')
  await fleet.hub.client.site.apply({ name: 'lab', kind: 'edge' })
  const { token } = await fleet.hub.client.token.create({ site: 'lab' })
  const words = ['--allow-os', 'swupdate,reboot', '--swupdate-settings', at('settings.json')]
  const agent = await fleet.newAgent('press', token, [...words, '--os-check', at('check'), '--os-check-seconds', '2'])
  const environment = { PATH: `${at('bin')}${delimiter}${process.env.PATH}` }
  const restarts = async () => (await readFile(at('restarts'), 'utf8').catch(() => '')).split('\n').length - 1
  const variables = (): Record<string, string> => {
    const text = execFileSync('fw_printenv', ['-c', at('env')])
      .toString()
      .trim()
    return Object.fromEntries(text.split('\n').map((line) => line.split('=') as [string, string]))
  }
  let [wanted, known] = ['a', 0]
  return {
    at,
    agent,
    variables,
    start: () => agent.start(environment),
    slotText: async (slot: string) => (await readFile(at(`${slot}.img`), 'utf8')).slice(0, 10),
    /** Waits until the agent asks for the restart of the machine. The boot loader starts the wanted slot. */
    async restarted(): Promise<string> {
      await until(async () => (await restarts()) > known, { what: 'a restart of the machine' })
      await agent.end()
      known = await restarts()
      wanted = variables().skerry_slot ?? ''
      await describe(wanted)
      await agent.start(environment)
      return wanted
    },
    async push(version: string, by: ImageMaker = maker) {
      const devices = { a: at('a.img'), b: at('b.img') }
      const content = Buffer.from(`system ${version} `.repeat(500_000))
      const file = at(`${version}.swu`)
      await writeFile(file, await makeSlotImage({ version, content, hardware: '1.0', devices }, by))
      expect(await fleet.cli(['os', 'push', OS, file])).toMatchObject({ code: 0 })
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
    const gateway = await openGateway(fleet)
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
    const gateway = await openGateway(fleet)
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
