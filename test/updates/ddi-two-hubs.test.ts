/**
 * Two hubs and a device without an agent: the SWUpdate of Debian reaches any of two hubs on one PostgreSQL. The hub that
 * gave an order is killed while the device works on it, and the other one takes its reports.
 *
 * @module-tag deep two hubs on PostgreSQL, one of which is killed and started again
 */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '@skerry/testkit/free-port'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { until } from '@skerry/testkit/until'
import { makeImage, newImageMaker } from '@skerry/testkit/updates/swu'
import { hasSwupdate, type Swupdate, startSwupdate } from '@skerry/testkit/updates/swupdate'
import { expect, test } from 'vitest'
import { pushFiles } from '../../examples/stage/push-files.ts'
import { openBalancer, openHubPair } from '../stage/two-hubs.ts'

const OS = 'gateway-os'

test.runIf(hasSwupdate)(
  'an order outlives the hub that gave it, and both hubs know the confirmed image',
  async () => {
    const ports = [await freePort(), await freePort()] as const
    const wordsOf = (port: number) => ['--ddi-listen', `127.0.0.1:${port}`, '--ddi-poll', '1']
    await using pair = await openHubPair([wordsOf(ports[0]), wordsOf(ports[1])])
    await using way = await openBalancer(ports)
    const maker = await newImageMaker(pair.folder)
    const client = pair.clientOf(0)
    await client.site.apply({ name: 'hamburg', kind: 'edge', country: 'DE' })
    const added = await client.ddi.add({ name: 'gate-1', site: 'hamburg' })
    const folder = join(pair.folder, 'gate-1')
    await mkdir(folder, { recursive: true })
    const { tenant, controllerId } = added.device
    const boot = (more: { confirm?: 'good'; more?: string[] }): Promise<Swupdate> =>
      startSwupdate({
        folder,
        url: `https://localhost:${way.port}`,
        tenant,
        controllerId,
        token: added.token,
        certificatePath: maker.certificatePath,
        authorityPath: pair.hubs[0].authorityPath,
        hardware: 'gateway:1.0',
        ...more,
      })
    const itemAt = async (index: 0 | 1) =>
      (await pair.clientOf(index).device.get({ device: 'gate-1' })).items.find(({ name }) => name === OS)
    const content = Buffer.from('1.0'.padEnd(1_500_000))
    const image = await makeImage({ version: '1.0', content, path: 'root.bin', hardware: '1.0' }, maker)
    const version = await pushFiles(pair.hubs[0], OS, { 'image.swu': image })
    // A slow line, so that the hub is killed during the download.
    const updater = await boot({ more: ['-n', '200k'] })
    try {
      await client.deployment.apply({
        name: 'gates',
        deployable: OS,
        version: String(version),
        probation: { seconds: 1 },
      })
      await until(async () => (await itemAt(1))?.state === 'loading' || (await itemAt(1))?.state === 'fetching')
      await pair.hubs[0].kill()
      await until(async () => {
        const item = await itemAt(1)
        return item?.state === 'loading' && item.figures?.percent === 100
      })
      expect((await readFile(join(folder, 'root.bin'), 'utf8')).slice(0, 3)).toBe('1.0')
    } finally {
      await updater.stop()
    }
    await pair.restart(0)
    await using _ = await boot({ confirm: 'good' })
    for (const index of [0, 1] as const) {
      await until(async () => (await itemAt(index))?.state === 'active')
      expect(await itemAt(index)).toMatchObject({ serving: { version } })
    }
    const { action, installed } = await pair.clientOf(1).ddi.get({ device: 'gate-1' })
    expect([action, installed?.version]).toEqual([undefined, version])
  },
  4 * PATIENCE_MS,
)
