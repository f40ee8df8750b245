/**
 * Each built-in listing that has sample data, from an empty hub: a person opens it in a browser, accepts its permissions
 * and installs it, and the device sends its result.
 * @module-tag deep installs nine listings; test/web/models/market.test.ts has one of them in the quick tier
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@skerry/testkit/until'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../../examples/stage/fleet.ts'
import { commandLine } from '../../stage/command-line.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { SITES } from '../stage/places.ts'
import { openVisits } from '../stage/visits.ts'

const BUILT_IN = join(import.meta.dirname, '../../../apps/cli/market')

/** Listings for real equipment need its address; bridges.test.ts and historian.test.ts have them. */
const BRIDGES: ReadonlySet<string> = new Set(['modbus-historian', 'opcua-mqtt', 'sparkplug-gateway'])

const DEVICE = 'hamburg-press'

describe.skipIf(!hasBrowser)('the built-in listings', () => {
  let folder: string
  let hub: HubProgram
  let agent: AgentProgram
  let browser: Browser
  const { visit } = openVisits(() => browser)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-web-built-in-'))
    const home = await newHubHome(folder)
    ;[browser, hub] = await Promise.all([sharedBrowser(), startHub({ ...home, args: ['--catalogues', folder] })])
    agent = await startAgent(hub, { site: SITES[0], device: DEVICE, folder })
    const skerry = commandLine(hub, folder)
    await skerry('market', 'key', 'key.pem')
    await skerry('market', 'built-in', '--catalogue', 'built-in', '--key', 'key.pem')
    await skerry('signing-key', 'add', 'us', 'key.pem.pub')
    await skerry('market', 'catalogue', 'add', 'built-in', '--key', 'us')
  })
  afterAll(async () => {
    await agent?.stop()
    await hub?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  async function install(page: Page, name: string): Promise<void> {
    await page.goto(`/market/built-in/${name}/install`)
    await page.getByText('Runs on 1 of 1 device').waitFor()
    for (const box of await page.getByLabel(/^Accept /).all()) await box.check()
    await page.getByRole('button', { name: 'Install', exact: true }).click()
    await page.getByText(`Installed: ${name}`).waitFor()
  }

  test('each is installed from its page, and shows its result', async () => {
    const names = (await readdir(BUILT_IN)).filter((name) => !BRIDGES.has(name))
    expect(names.length).toBeGreaterThanOrEqual(9)
    const { page } = await visit(hub)
    for (const name of names) await install(page, name)
    const missing = async () => {
      const { rows } = await hub.client.telemetry.signals({ device: DEVICE, limit: 500 })
      return names.filter((name) => !rows.some(({ signal }) => signal.startsWith(`${name}-flow/`)))
    }
    await until(async () => (await missing()).length === 0, { what: 'a result of each listing' })
  })
})
