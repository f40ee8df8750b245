/**
 * Devices without an agent: a real hub, and the SWUpdate of Debian as devices. An image goes out in waves. A forged image
 * is refused by the device, and its rollout goes back.
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
import { type CommandLine, commandLine } from '../../examples/stage/command-line.ts'
import { type HubProgram, newHubHome, startHub } from '../../examples/stage/fleet.ts'
import { pushFiles } from '../../examples/stage/push-files.ts'

const OS = 'gateway-os'
const DEVICES = ['gate-1', 'gate-2'] as const

let folder: string
let hub: HubProgram
let ddiUrl: string
let skerry: CommandLine
let maker: ImageMaker
const tokens = new Map<string, DdiToken>()
const running = new Map<string, Swupdate>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-ddi-'))
  const port = await freePort()
  ddiUrl = `https://localhost:${port}`
  const args = ['--ddi-listen', `127.0.0.1:${port}`, '--ddi-poll', '1']
  hub = await startHub({ ...(await newHubHome(folder)), args })
  skerry = commandLine(hub, folder)
  maker = await newImageMaker(folder)
  await skerry('site', 'create', 'hamburg', '--kind', 'edge', '--country', 'DE')
  for (const device of DEVICES) {
    await mkdir(join(folder, device))
    const words = ['device', 'ddi', 'add', device, '--site', 'hamburg', '--label', `ring=${device.at(-1)}`, '--json']
    tokens.set(device, JSON.parse(await skerry(...words)))
  }
}, PATIENCE_MS)

afterAll(async () => {
  for (const updater of running.values()) await updater.stop()
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

const installedPath = (device: string) => join(folder, device, 'root.bin')
const installed = (device: string) => readFile(installedPath(device), 'utf8').catch(() => undefined)

/** Each device installs into its own folder, whose link is named by a path that is the same for all. */
async function boot(device: string, confirm?: 'good' | 'bad') {
  await running.get(device)?.stop()
  const { token, device: known } = tokens.get(device) ?? {}
  if (token === undefined || !known) throw new Error(`${device} was not added`)
  const { tenant, controllerId } = known
  const started = await startSwupdate({
    folder: join(folder, device),
    url: ddiUrl,
    tenant,
    controllerId,
    token,
    certificatePath: maker.certificatePath,
    authorityPath: hub.authorityPath,
    hardware: 'gateway:1.0',
    ...(confirm && { confirm }),
  })
  running.set(device, started)
}

const itemOf = async (device: string) => (await hub.client.device.get({ device })).items.find(({ name }) => name === OS)

describe.runIf(hasSwupdate)('stock SWUpdate', () => {
  test('devices without an agent are in the fleet, and what is unknown about them stays unknown', async () => {
    for (const device of DEVICES) await boot(device)
    await until(async () => (await hub.client.device.list({})).rows.every(({ liveness }) => liveness === 'online'))
    const { rows } = await hub.client.device.list({})
    expect(rows).toMatchObject(DEVICES.map((name) => ({ name, ddi: true, agentVersion: 'DDI' })))
    expect(rows[0]).not.toHaveProperty('machine')
    await until(async () => (await hub.client.ddi.get({ device: 'gate-1' })).attributes.serial === 'sn-gate-1')
  })
})
