/**
 * A hub whose real disk fills in the middle of its work: it says so, goes on with what needs no space, and recovers by itself.
 * @module-tag deep Fills a disk under twelve devices; apps/hub/test/base/full-disk.test.ts refuses and recovers.
 */
import { join } from 'node:path'
import { digestOf } from '@skerry/platform/files/hash'
import { expect, test } from 'vitest'
import { openFleetStage, until } from '../stage/simulated-fleet.ts'
import { mountSmallDisk } from '../stage/small-disk.ts'

const DEVICES = 12

/** [hub, DISK_FLOOR_BYTES] Below this it takes no more files. */
const FLOOR_BYTES = 512 * 1024 * 1024
const DISK_BYTES = FLOOR_BYTES + 128 * 1024 * 1024

const isRoot = process.getuid?.() === 0

/** What was refused, by its code; undefined where it was done. */
const refusalOf = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (error: { code?: unknown }) => String(error.code ?? error),
  )

test.skipIf(!isRoot)(
  'a hub whose disk fills refuses clearly, loses nothing that it has acknowledged, and recovers by itself',
  async ({ skip }) => {
    await using disk = await mountSmallDisk(DISK_BYTES)
    if (!disk) return skip('nothing can be mounted here')
    await using stage = await openFleetStage({ devices: DEVICES, data: join(disk.path, 'hub') })
    const { client } = stage.hub()
    const first = await stage.push()
    const second = await stage.push()
    await stage.deploy(first)
    await stage.agreed()
    const acknowledged: string[] = []
    let sites = 0
    const change = async () => {
      const name = `site-${++sites}`
      const refusal = await refusalOf(client.site.apply({ name, kind: 'edge' }))
      if (refusal === undefined) acknowledged.push(name)
      return refusal
    }
    const upload = () => refusalOf(client.upload.create({ digest: digestOf(`file ${++sites}`), sizeBytes: 1_000_000 }))

    // Under its floor it takes no more files; all the rest goes on.
    await disk.fill(FLOOR_BYTES / 2)
    expect(await upload()).toBe('storage_full')
    expect(await change()).toBe(undefined)
    const rollout = await stage.deploy(second, { waves: [{ limit: 2 }, { limit: 2 }], rate: { perMinute: 200 } })
    await until(() => stage.offered(second) > 0)

    // Full, it changes nothing more, and says why; what it has is there to be read, and nobody is sent away.
    await disk.fill(0)
    let refusal: string | undefined
    await until(async () => {
      refusal = await change()
      return refusal !== undefined
    })
    expect(refusal).toBe('storage_full')
    expect(await upload()).toBe('storage_full')
    expect(await refusalOf(stage.push())).toBe('storage_full')
    expect((await client.device.list({ limit: 100 })).rows.length).toBe(DEVICES)
    expect((await client.rollout.get({ rollout })).waves.length).toBe(3)
    const { reports } = stage.fleet.figures()
    await until(() => stage.fleet.figures().reports > reports + DEVICES)
    expect(stage.fleet.census().connected).toBe(DEVICES)
    expect(stage.fleet.figures()).toMatchObject({ connects: DEVICES, drops: {}, reportFailures: {} })

    await disk.empty()
    await until(async () => (await change()) === undefined)
    await until(async () => (await client.rollout.get({ rollout })).status === 'done')
    await stage.agreed()
    expect(stage.serving()).toEqual({ [second]: DEVICES })
    const kept: string[] = []
    for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
      const page = await client.site.list({ limit: 500, ...(after === undefined ? {} : { after }) })
      kept.push(...page.rows.map(({ name }) => name))
      after = page.next
    }
    expect(acknowledged.filter((name) => !kept.includes(name))).toEqual([])
    expect(await client.audit.verify({})).toMatchObject({ intact: true })
    expect(await refusalOf(stage.push())).toBe(undefined)
  },
)
