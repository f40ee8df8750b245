/**
 * The moving picture of the README, in a real browser: a bad version reaches two canaries, and goes back by itself.
 * @module-tag deep The quick tests show each of its pages; it is made anew with the other pictures
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RolloutDevice } from '@skerry/contract/rollouts/rollout'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { openPumps } from '../stage/pumps-fleet.ts'
import { openVisits } from '../stage/visits.ts'
import { type Frame, movingPicture } from './png-frames.ts'

const PATH = join(import.meta.dirname, '../../../docs/images/rollout-moving.png')

/** A page of a slow line loads a megabyte in some seconds. */
const BYTES_MAX = 1_000_000

let browser: Browser
let fleet: Awaited<ReturnType<typeof openPumps>>
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('the moving picture', () => {
  beforeAll(async () => {
    ;[browser, fleet] = await Promise.all([sharedBrowser(), openPumps()])
    await fleet.add(22)
  })
  afterAll(() => fleet?.hub[Symbol.asyncDispose]())

  test('shows a canary, a good version on all devices, and a bad one that goes back', async () => {
    const frames: Frame[] = []
    const take = async (page: Page, ms: number) => {
      await page.evaluate('document.fonts.ready')
      frames.push({ png: await page.screenshot({ animations: 'disabled' }), ms })
    }
    const canary = { waves: [{ name: 'canary', limit: 4 }], onFailure: 'rollback-all' }
    const { page } = await visits.visit(fleet.hub)
    page.setDefaultTimeout(15_000)
    await page.setViewportSize({ width: 1_200, height: 720 })
    await fleet.deploy('1', canary)
    const first = await fleet.rolloutThat(() => true)
    await page.goto(`/rollouts/${first.id}`)
    await page.getByRole('list', { name: 'Gates of wave canary' }).waitFor()
    await take(page, 2_000)
    const canaries = await canariesOf(first.id)
    await fleet.report(canaries, 'active')
    await fleet.rolloutThat(({ wave }) => wave === 1)
    const others = fleet.devices.filter((device) => !canaries.includes(device))
    await fleet.report(others.slice(0, 10), 'active')
    await fleet.rolloutThat(({ waves }) => waves[1]?.counts.healthy === 10)
    await page
      .getByText(/v1 on 14/)
      .first()
      .waitFor()
    await take(page, 1_500)
    await fleet.report(fleet.devices, 'active')
    await fleet.rolloutThat(({ status }) => status === 'done')
    await page
      .getByText(/v1 on 24/)
      .first()
      .waitFor()
    await take(page, 2_000)
    await fleet.deploy('2', canary)
    const second = await fleet.rolloutThat(({ id }) => id !== first.id)
    await page.goto(`/rollouts/${second.id}`)
    await page.getByRole('list', { name: 'Gates of wave canary' }).waitFor()
    await take(page, 1_500)
    await fleet.report(await canariesOf(second.id), 'failed')
    await fleet.rolloutThat(({ status }) => status === 'rolled-back')
    await page.getByText('golden_mismatch').first().waitFor()
    await take(page, 3_500)
    if (process.env.SKERRY_IMAGES === '1') await writeFile(PATH, movingPicture(frames))
    expect(frames).toHaveLength(5)
  })

  test('is small, and has its five frames', async () => {
    const bytes = await readFile(PATH)
    expect(bytes.length).toBeLessThan(BYTES_MAX)
    expect(bytes.toString('latin1').match(/fcTL/g)).toHaveLength(5)
  })

  async function canariesOf(rollout: string) {
    const { body } = await fleet.hub.ask<{ rows: RolloutDevice[] }>('GET', `/v1/rollouts/${rollout}/devices`)
    const ids = new Set(body.rows.filter(({ wave }) => wave === 0).map(({ deviceId }) => deviceId))
    return fleet.devices.filter(({ id }) => ids.has(id as RolloutDevice['deviceId']))
  }
})
