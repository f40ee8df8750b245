/**
 * Devices without an agent: a real hub, and the SWUpdate of Debian as two devices. An image goes out in waves. A device
 * refuses a forged image, and its rollout goes back. A download is cancelled on the way.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DdiToken } from '@skerry/contract/ddi/ddi-device'
import { freePort } from '@skerry/testkit/free-port'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { until } from '@skerry/testkit/until'
import { type ImageMaker, makeImage, newImageMaker } from '@skerry/testkit/updates/swu'
import { hasSwupdate, type Swupdate, startSwupdate } from '@skerry/testkit/updates/swupdate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CommandLine } from '../../examples/stage/command-line.ts'
import { type HubProgram, newHubHome, startHub } from '../../examples/stage/fleet.ts'
import { pushFiles } from '../../examples/stage/push-files.ts'
import { commandLine } from '../stage/command-line.ts'

const OS = 'gateway-os'
const DEVICES = ['gate-1', 'gate-2'] as const
type DeviceName = (typeof DEVICES)[number]

let folder: string
let hub: HubProgram
let ddiUrl: string
let skerry: CommandLine
let maker: ImageMaker
const added = new Map<DeviceName, DdiToken>()
const running = new Map<DeviceName, Swupdate>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-ddi-'))
  const port = await freePort()
  ddiUrl = `https://localhost:${port}`
  const args = ['--ddi-listen', `127.0.0.1:${port}`, '--ddi-poll', '1']
  hub = await startHub({ ...(await newHubHome(folder)), args })
  skerry = commandLine(hub, folder)
  maker = await newImageMaker(folder)
  await hub.client.site.apply({ name: 'hamburg', kind: 'edge', country: 'DE' })
  const words = ['device', 'ddi', 'add', 'gate-1', '--site', 'hamburg', '--label', 'ring=first', '--json']
  added.set('gate-1', JSON.parse(await skerry(...words)))
  added.set('gate-2', await hub.client.ddi.add({ name: 'gate-2', site: 'hamburg', controllerId: '00:1b:1e:4f:aa:08' }))
}, PATIENCE_MS)

afterAll(async () => {
  for (const updater of running.values()) await updater.stop()
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** SWUpdate writes the image into the folder in which the device runs. */
const installed = async (device: DeviceName) =>
  (await readFile(join(folder, device, 'root.bin'), 'utf8').catch(() => undefined))?.slice(0, 3)

const image = (version: string, { by = maker, sizeBytes = 5_000 } = {}) =>
  makeImage({ version, content: Buffer.from(version.padEnd(sizeBytes)), path: 'root.bin', hardware: '1.0' }, by)

const push = async (bytes: Buffer) => pushFiles(hub, OS, { 'image.swu': bytes })

/** Starts the updater of the device again, as after a boot. */
async function boot(device: DeviceName, more: { confirm?: 'good' | 'bad'; more?: string[] } = {}) {
  await running.get(device)?.stop()
  const it = added.get(device)
  if (!it) throw new Error(`${device} was not added`)
  await mkdir(join(folder, device), { recursive: true })
  const { tenant, controllerId } = it.device
  const place = { folder: join(folder, device), url: ddiUrl, tenant, controllerId, token: it.token }
  const { certificatePath } = maker
  const trust = { certificatePath, authorityPath: hub.authorityPath, hardware: 'gateway:1.0' }
  running.set(device, await startSwupdate({ ...place, ...trust, ...more }))
}

const itemOf = async (device: DeviceName) =>
  (await hub.client.device.get({ device })).items.find(({ name }) => name === OS)
const reaches = (device: DeviceName, state: string) => until(async () => (await itemOf(device))?.state === state)
const rolloutIs = (status: string) =>
  until(async () => (await hub.client.deployment.get({ deployment: 'gates' })).rolloutStatus === status)

const deploy = (version: number, onFailure: 'pause' | 'rollback-all' = 'pause') =>
  hub.client.deployment.apply({
    name: 'gates',
    deployable: OS,
    version: String(version),
    probation: { seconds: 1 },
    strategy: { waves: [{ name: 'first', selector: '"ring" in device.labels' }], onFailure },
  })

/** The device waits for its boot with everything installed. */
const isWritten = (device: DeviceName) =>
  until(async () => {
    const item = await itemOf(device)
    return item?.state === 'loading' && item.figures?.percent === 100
  })

describe.runIf(hasSwupdate)('stock SWUpdate', () => {
  test('devices without an agent are in the fleet, and what is unknown about them stays unknown', async () => {
    for (const device of DEVICES) await boot(device)
    await until(async () => (await hub.client.device.list({})).rows.every(({ liveness }) => liveness === 'online'))
    const { rows } = await hub.client.device.list({})
    expect(rows).toMatchObject(DEVICES.map((name) => ({ name, ddi: true, agentVersion: 'DDI' })))
    expect(rows[0]).not.toHaveProperty('machine')
    await until(async () => (await hub.client.ddi.get({ device: 'gate-1' })).attributes.serial === 'sn-gate-1')
  })

  test('a signed image goes out in waves, and each device confirms it after its boot', async () => {
    const file = join(folder, 'gateway-1.0.swu')
    await writeFile(file, await image('1.0'))
    await skerry('os', 'push', OS, file)
    await deploy(1)
    await isWritten('gate-1')
    expect(await installed('gate-1')).toBe('1.0')
    // Installed is not proven: the second wave waits for the boot of the first.
    expect(await itemOf('gate-2')).toBeUndefined()
    await boot('gate-1', { confirm: 'good' })
    await isWritten('gate-2')
    expect(await itemOf('gate-1')).toMatchObject({ state: 'active', serving: { version: 1 } })
    await boot('gate-2', { confirm: 'good' })
    await rolloutIs('done')
    expect(await installed('gate-2')).toBe('1.0')
  })

  test('a forged image is refused by the device, and the rollout goes back', async () => {
    const forger = await newImageMaker(folder, 'forger')
    await deploy(await push(await image('6.6', { by: forger })), 'rollback-all')
    await rolloutIs('rolled-back')
    const { lines } = await hub.client.ddi.get({ device: 'gate-1' })
    expect(lines.map(({ text }) => text).join('\n')).toContain('Signature verification failed')
    await reaches('gate-1', 'active')
    expect(await itemOf('gate-1')).toMatchObject({ target: { version: 1 }, serving: { version: 1 } })
    expect(await itemOf('gate-2')).toMatchObject({ target: { version: 1 }, state: 'active' })
    expect([await installed('gate-1'), await installed('gate-2')]).toEqual(['1.0', '1.0'])
  })

  test('a download is cancelled on its way, and the device keeps its image', async () => {
    await boot('gate-1', { more: ['-n', '30k'] })
    const version = await push(await image('3.0', { sizeBytes: 2_000_000 }))
    await deploy(version)
    await reaches('gate-1', 'loading')
    await hub.client.deployment.rollback({ deployment: 'gates', to: 1 })
    await reaches('gate-1', 'active')
    const { action, installed: now } = await hub.client.ddi.get({ device: 'gate-1' })
    expect([action, now?.version]).toEqual([undefined, 1])
    expect(await installed('gate-1')).toBe('1.0')
  })

  test('an image that does not boot well is reported as failed', async () => {
    await boot('gate-1')
    await deploy(await push(await image('4.0')))
    await isWritten('gate-1')
    await boot('gate-1', { confirm: 'bad' })
    await reaches('gate-1', 'failed')
    await rolloutIs('paused')
    expect((await itemOf('gate-1'))?.cause?.code).toBe('ddi_failed')
  })
})
