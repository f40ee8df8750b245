/**
 * The agent in a machine: the .deb under a real systemd in a virtual machine, which is restarted and whose power is cut,
 * also during an update of the agent. Each time the machine comes back with an agent that works.
 *
 * @module-tag deep it builds a disk with Debian, and starts a virtual machine six times
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '@skerry/testkit/free-port'
import { type Machine, payloadDone, startMachine } from '@skerry/testkit/machines/machine'
import { canRunMachines, machineDisk } from '@skerry/testkit/machines/machine-disk'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { commandLine } from '../../examples/stage/command-line.ts'
import { type HubProgram, newHubHome, startHub } from '../../examples/stage/fleet.ts'
import { buildAgentPackage } from '../../scripts/agent/agent-package.ts'
import { buildDeb, canBuildDeb } from '../../scripts/agent/deb-package.ts'
import { deployModel, requestModel } from './devices.ts'

const ROOT = join(import.meta.dirname, '../..')

/** An emulated machine, whose processor is twelve times slower, needs a few minutes for each start. */
const MACHINE_MS = 12 * PATIENCE_MS

/** In milliseconds of an unslowed machine. The power fails at a random moment of this time after a step of an update has begun. */
const CUT_WITHIN_MS = 400

const canRun = canBuildDeb() && canRunMachines()

let folder: string
let hub: HubProgram
let machine: Machine
let restUrl: string

/** The machine reaches the hub by the address in the token of the hub, on a port of its own. */
const scriptOf = (port: number, token: string) => `
cat > /etc/systemd/system/hub.socket <<END
[Socket]
ListenStream=127.0.0.1:${port}
[Install]
WantedBy=sockets.target
END
cat > /etc/systemd/system/hub.service <<END
[Service]
ExecStart=/usr/lib/systemd/systemd-socket-proxyd 10.0.2.2:${port}
END
systemctl daemon-reload
systemctl enable --now hub.socket
dpkg --install /payload/skerry-agent.deb
echo 'SKERRY_OPTIONS=--name press --listen 0.0.0.0:8500' > /etc/default/skerry-agent
skerry-agent-join ${token}
`

describe.skipIf(!canRun)('a machine', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-machine-test-'))
    const home = await newHubHome(join(folder, 'hub'))
    hub = await startHub(home)
    const skerry = commandLine(hub, folder)
    await skerry('site', 'create', 'hamburg', '--kind', 'edge', '--country', 'DE')
    const file = join(folder, 'agent.tar')
    await buildAgentPackage({ target: file, version: '0.1.0', isWhole: true })
    await skerry('agent', 'push', file)
    const next = join(folder, 'next.tar')
    await buildAgentPackage({ target: next, version: '0.1.1', isWhole: true })
    await skerry('agent', 'push', next)
    const payload = join(folder, 'payload')
    await mkdir(payload)
    await buildDeb({ packageFile: file, target: join(payload, 'skerry-agent.deb') })
    const token = (await skerry('device', 'token', 'create', '--site', 'hamburg')).trim()
    await writeFile(join(payload, 'run.sh'), scriptOf(home.port, token))
    const rest = await freePort()
    restUrl = `http://127.0.0.1:${rest}`
    const disk = await machineDisk(join(ROOT, 'node_modules/.cache'))
    machine = await startMachine({
      disk,
      payload,
      folder: join(folder, 'machine'),
      forwards: [{ from: rest, to: 8500 }],
    })
    await payloadDone(machine)
    await deployModel(hub)
  }, 4 * MACHINE_MS)

  afterAll(async () => {
    await machine?.cutPower()
    const text = await machine?.console().catch(() => '')
    if (process.env.SKERRY_MACHINE_LOG) await writeFile(process.env.SKERRY_MACHINE_LOG, text ?? '')
    await hub?.stop()
    if (folder) await rm(folder, { recursive: true, force: true })
  })

  const deviceOf = () => hub.client.device.get({ device: 'press' })

  const waitFor = (look: () => Promise<void>) =>
    vi.waitFor(look, { timeout: 3 * PATIENCE_MS * machine.slowness, interval: 200 })

  /** The device runs this version, is connected, and its model answers. */
  async function works(agentVersion: string): Promise<void> {
    await waitFor(async () => {
      expect(await deviceOf()).toMatchObject({ agentVersion, link: { connected: true } })
      expect(await requestModel({ restUrl })).toBe(200)
    })
  }

  /** Waits until the device has connected after this moment. */
  const returned = (cutAtMs: number) =>
    waitFor(async () => {
      const { connected, sinceMs = 0 } = (await deviceOf()).link
      expect(connected && sinceMs > cutAtMs).toBe(true)
    })

  test(
    'the .deb installs the agent as a service, which joins, serves, and comes back after a restart and after a cut of the power',
    async () => {
      await works('0.1.0')
      await machine.shutDown()
      expect(await requestModel({ restUrl })).not.toBe(200)
      await machine.start()
      await works('0.1.0')
      await machine.cutPower()
      const cutAtMs = Date.now()
      await machine.start()
      await returned(cutAtMs)
      await works('0.1.0')
    },
    4 * MACHINE_MS,
  )

  /** The item of the agent at the hub, and whether the device is connected. */
  async function updateOf() {
    const { items, link, agentVersion } = await deviceOf()
    const item = items.find(({ name }) => name === 'skerry-agent')
    return { state: item?.state, version: item?.target?.version, isConnected: link.connected, agentVersion }
  }
  type Update = Awaited<ReturnType<typeof updateOf>>

  /** The new version runs on trial, or has committed. */
  const isNew = ({ agentVersion }: Update) => agentVersion === '0.1.1'

  /** The files have arrived, and the device unpacks or checks them, if it is not further already. */
  const isPreparing = (update: Update) =>
    isNew(update) || (update.version === 2 && ['loading', 'golden', 'ready'].includes(update.state ?? ''))

  /** The steps of an update at which the power fails, in their order. The test of the launcher covers each call of the disk. */
  const STEPS: readonly [step: string, hasBegun: (update: Update) => boolean][] = [
    ['the files are unpacked', isPreparing],
    ['the version takes over', (update) => isNew(update) || !update.isConnected],
    ['the version is on trial', isNew],
  ]

  test(
    'an update ends although the power fails at each of its steps, and each time one of the two versions comes back',
    async () => {
      await hub.client.deployment.apply({
        name: 'agents',
        deployable: 'skerry-agent',
        version: '2',
        probation: { seconds: 10 },
      })
      for (const [step, hasBegun] of STEPS) {
        await waitFor(async () => expect([step, await updateOf().then(hasBegun)]).toEqual([step, true]))
        await sleep(Math.random() * CUT_WITHIN_MS * machine.slowness)
        await machine.cutPower()
        const cutAtMs = Date.now()
        await machine.start()
        await returned(cutAtMs)
        expect(['0.1.0', '0.1.1']).toContain((await updateOf()).agentVersion)
      }
      await works('0.1.1')
      await waitFor(async () => {
        expect(await updateOf()).toMatchObject({ state: 'active', version: 2, agentVersion: '0.1.1' })
        expect(await hub.client.deployment.get({ deployment: 'agents' })).toMatchObject({ rolloutStatus: 'done' })
      })
    },
    (STEPS.length + 1) * MACHINE_MS,
  )
})
