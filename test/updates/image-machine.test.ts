/**
 * An image of `skerry image build` in a virtual machine with UEFI, shim and GRUB. The computer joins the hub by the token of
 * the image. A bundle goes to slot B, also over a cut of the power while it is written. GRUB leaves a bundle without a
 * kernel. Both slots prove the same identity by SSH.
 *
 * @module-tag deep it makes Debian twice, and starts a virtual machine several times
 */
import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '@skerry/testkit/free-port'
import { hasFirmware, imageMachine } from '@skerry/testkit/machines/image-machine'
import { canRunMachines } from '@skerry/testkit/machines/machine-disk'
import type { MachineProcess } from '@skerry/testkit/machines/machine-process'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeBundle } from '../../apps/cli/src/commands/images/system/bundle.ts'
import { missingPackages } from '../../apps/cli/src/commands/images/system/image-program.ts'
import { type CommandLine, commandLine } from '../../examples/stage/command-line.ts'
import { type HubProgram, newHubHome, startHub } from '../../examples/stage/fleet.ts'
import { buildAgentPackage } from '../../scripts/agent/agent-package.ts'
import { buildDeb, canBuildDeb } from '../../scripts/agent/deb-package.ts'

const CACHE = join(import.meta.dirname, '../../node_modules/.cache/image-packages')
const OS = 'plant-os'
const PROGRAMS = [
  'mmdebstrap',
  'sfdisk',
  'mkfs.vfat',
  'mcopy',
  'mke2fs',
  'rauc',
  'mksquashfs',
  'openssl',
  'ssh-keyscan',
]
const canRun =
  canBuildDeb() &&
  canRunMachines() &&
  hasFirmware() &&
  existsSync('/dev/loop0') &&
  (await missingPackages(PROGRAMS, process.env)).length === 0

/** Measured with two quiet processors: an emulated machine needs some three minutes for a start, a busy one eight. */
const START_MS = 12 * PATIENCE_MS

let folder: string
let hub: HubProgram
let skerry: CommandLine
let machine: MachineProcess
let sshPort: number

const at = (name: string) => join(folder, name)

/** Prints the time of a step, because nobody waits for half an hour without a word. */
async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const begunMs = performance.now()
  try {
    return await work()
  } finally {
    process.stderr.write(`${what}: ${Math.round((performance.now() - begunMs) / 1_000)} s\n`)
  }
}

/** The machine reaches the hub by the address in its certificate, on a port of its own. */
async function writeOverlay(port: number): Promise<void> {
  const units = at('overlay/etc/systemd/system')
  await mkdir(join(units, 'sockets.target.wants'), { recursive: true })
  await writeFile(join(units, 'hub.socket'), `[Socket]\nListenStream=127.0.0.1:${port}\n`)
  const proxy = `/usr/lib/systemd/systemd-socket-proxyd 10.0.2.2:${port}`
  await writeFile(join(units, 'hub.service'), `[Service]\nExecStart=${proxy}\n`)
  await symlink('../hub.socket', join(units, 'sockets.target.wants/hub.socket'))
  const tells =
    '[Service]\nType=oneshot\nExecStart=/bin/sh -c \'echo "machine id $(cat /etc/machine-id)" >/dev/console\'\n'
  await writeFile(join(units, 'tell-id.service'), tells)
  await mkdir(join(units, 'multi-user.target.wants'), { recursive: true })
  await symlink('../tell-id.service', join(units, 'multi-user.target.wants/tell-id.service'))
  // An overloaded emulator needs longer than the usual 90 seconds for a service.
  await mkdir(at('overlay/etc/systemd/system.conf.d'), { recursive: true })
  await writeFile(at('overlay/etc/systemd/system.conf.d/slow.conf'), '[Manager]\nDefaultTimeoutStartSec=900\n')
}

const systemWords = () => [
  ...['--agent', at('agent.deb'), '--keyring', at('maker.pem'), '--compatible', 'plant', '--hostname', 'press'],
  ...['--files', at('overlay'), '--package', 'openssh-server', '--cache', CACHE],
]

const signing = () => ({ cert: at('maker.pem'), key: at('maker.key'), keyring: at('maker.pem') })

const push = (file: string, version: string) =>
  skerry('os', 'push', OS, file, '--image-version', version, '--compatible', 'plant')

const deploy = (version: number) =>
  hub.client.deployment.apply({ name: OS, deployable: OS, version: String(version), probation: { seconds: 5 } })

const itemOf = async () =>
  (await hub.client.device.get({ device: 'press' }).catch(() => undefined))?.items.find(({ name }) => name === OS)

const waitFor = <T>(what: string, look: () => Promise<T | false | undefined>) =>
  timed(what, () =>
    until(look, {
      what,
      patienceMs: START_MS,
      everyMs: 1_000,
      seen: async () => (await machine.console()).slice(-2_000),
    }),
  )

const starts = async (slot: 'A' | 'B') => (await machine.console()).split(`skerry: slot ${slot}, start`).length - 1

/** The machine id of each start. */
const machineIds = async () => [...(await machine.console()).matchAll(/machine id ([0-9a-f]{32})/g)].map(([, id]) => id)

/** The key by which the server of SSH proves its identity. */
const hostKey = () =>
  waitFor('the key of SSH', async () => {
    const scan = promisify(execFile)('ssh-keyscan', ['-t', 'ed25519', '-p', String(sshPort), '127.0.0.1'])
    const { stdout } = await scan.catch(() => ({ stdout: '' }))
    return /ssh-ed25519 (\S+)/.exec(stdout)?.[1]
  })

describe.skipIf(!canRun)('an image', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-image-'))
    const home = await newHubHome(at('hub'))
    hub = await startHub(home)
    skerry = commandLine(hub, folder)
    await skerry('site', 'create', 'hamburg', '--kind', 'edge', '--country', 'DE')
    await timed('the package of the agent', async () => {
      await buildAgentPackage({ target: at('agent.tar'), version: '0.1.0', isWhole: true })
      await buildDeb({ packageFile: at('agent.tar'), target: at('agent.deb') })
    })
    const key = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=plant']
    execFileSync('openssl', [...key, '-keyout', at('maker.key'), '-out', at('maker.pem')], { stdio: 'ignore' })
    await writeFile(at('token'), await skerry('device', 'token', 'create', '--site', 'hamburg'))
    await writeOverlay(home.port)
    const build = ['image', 'build', '--out', at('plant.img'), '--token-file', at('token')]
    await timed('image build', () => skerry(...build, '--size', '6GiB', ...systemWords()))
    const { cert, key: signKey } = signing()
    const bundle = ['image', 'bundle', '--out', at('plant-2.0.raucb'), '--image-version', '2.0']
    await timed('image bundle', () => skerry(...bundle, '--cert', cert, '--key', signKey, ...systemWords()))
    await push(at('plant-2.0.raucb'), '2.0')
    await pushWithoutKernel()
    sshPort = await freePort()
    machine = await imageMachine({
      image: at('plant.img'),
      folder: at('machine'),
      forwards: [{ from: sshPort, to: 22 }],
    })
    await machine.start()
  }, 4 * START_MS)

  afterAll(async () => {
    await machine?.cutPower()
    if (process.env.SKERRY_MACHINE_LOG)
      await writeFile(process.env.SKERRY_MACHINE_LOG, (await machine?.console()) ?? '')
    await hub?.stop()
    if (folder) await rm(folder, { recursive: true, force: true })
  })

  /** A system that no boot loader can start. */
  async function pushWithoutKernel(): Promise<void> {
    for (const name of ['empty', 'work']) await mkdir(at(name))
    await writeFile(at('empty/README'), 'no kernel')
    const session = { signal: AbortSignal.timeout(PATIENCE_MS), io: { env: process.env } } as never
    const wish = { version: '3.0', compatible: 'plant', ...signing() }
    await push(await makeBundle(at('work'), { folder: at('empty') }, wish, session), '3.0')
  }

  let key: string

  test(
    'the computer joins the hub at its first start, and its token is gone',
    async () => {
      await waitFor('slot A has joined', async () => {
        const device = await hub.client.device.get({ device: 'press' }).catch(() => undefined)
        return device?.link.connected
      })
      expect(await starts('A')).toBeGreaterThan(0)
      key = await hostKey()
    },
    2 * START_MS,
  )

  test(
    'a bundle goes to slot B although the power is cut while it is written, and both slots prove the same identity',
    async () => {
      await deploy(1)
      await waitFor('the bundle is written', async () => (await itemOf())?.state === 'loading')
      await machine.cutPower()
      await machine.start()
      const serves = async () => {
        const item = await itemOf()
        return item?.state === 'active' && item.serving?.version === 1
      }
      await waitFor('slot B serves', serves)
      expect(await starts('B')).toBe(1)
      expect(await hostKey()).toBe(key)
      const ids = await machineIds()
      expect(ids.length).toBeGreaterThanOrEqual(3)
      expect(new Set(ids).size).toBe(1)
    },
    3 * START_MS,
  )

  test(
    'GRUB leaves a system without a kernel after three starts, and the hub learns it',
    async () => {
      const before = await starts('A')
      await deploy(2)
      const failed = await waitFor('slot A is given up', async () => {
        const item = await itemOf()
        return item?.state === 'failed' && item
      })
      expect(failed.cause?.code).toBe('os_boot_failed')
      expect(failed.serving?.version).toBe(1)
      expect(await machine.console()).toContain('skerry: slot A has no kernel')
      expect((await starts('A')) - before).toBe(3)
    },
    3 * START_MS,
  )
})
