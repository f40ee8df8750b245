/**
 * The marketplace in a real browser: search, a hostile description, the wizard of an installation, its removal, and a
 * review.
 */
import { appendFile, cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../../examples/stage/fleet.ts'
import { commandLine } from '../../stage/command-line.ts'
import { axeViolations, hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { SITES } from '../stage/places.ts'
import { openVisits } from '../stage/visits.ts'

const ROOT = join(import.meta.dirname, '../../..')

/** HTML that a page must show as text, and addresses that it must not open. */
const HOSTILE = '\n\n<b>bold</b> [open](ftp://evil.example/x) ![picture](https://evil.example/p.png)\n'

/** The source of a person, which takes the place of the sample. */
const HALL_AIR = {
  name: 'hall-air',
  protocol: 'simulator',
  connection: { seed: 7 },
  groups: [
    {
      name: 'air',
      everyMs: 500,
      tags: [{ name: 'rh', unit: '%', signal: { kind: 'ramp', from: 46, to: 90, periodSeconds: 20 } }],
    },
  ],
}

const PICTURES = 'pictures:\n  - { file: pump.png, text: The sign at the pump }\n'

describe.skipIf(!hasBrowser)('the marketplace', () => {
  let folder: string
  let hub: HubProgram
  let agent: AgentProgram
  let browser: Browser
  const { visit } = openVisits(() => browser)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-web-market-'))
    const home = await newHubHome(folder)
    ;[browser, hub] = await Promise.all([sharedBrowser(), startHub({ ...home, args: ['--catalogues', folder] })])
    agent = await startAgent(hub, { site: SITES[0], device: 'hamburg-press', folder })
    await hub.client.source.set({ name: 'hall-air', spec: HALL_AIR })
    const skerry = commandLine(hub, folder)
    await skerry('market', 'key', 'key.pem')
    for (const name of ['pump-air-guard', 'cold-chain']) {
      await cp(join(ROOT, 'apps/cli/market', name), join(folder, name), { recursive: true })
      await cp(join(ROOT, 'examples/ocr/images/pump.png'), join(folder, name, 'pump.png'))
      await appendFile(join(folder, name, 'listing.yaml'), PICTURES)
      await writeFile(join(folder, name, 'description.md'), `# About\n\nA **description**.${HOSTILE}`)
      await skerry('market', 'publish', name, '--catalogue', 'plant', '--key', 'key.pem')
    }
    await skerry('signing-key', 'add', 'vendor', 'key.pem.pub')
    await skerry('market', 'catalogue', 'add', 'plant', '--key', 'vendor')
  })
  afterAll(async () => {
    await agent?.stop()
    await hub?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  test('a person finds a listing, reads its evidence, installs it, and removes it', async () => {
    const { page } = await visit(hub)
    await page.goto('/market')
    await page.getByText('2 listings').waitFor()
    await page.getByLabel('Search listings').fill('steam')
    await page.getByText('1 listing', { exact: true }).waitFor()
    expect(await axeViolations(page)).toEqual([])
    await page.getByRole('link', { name: 'Pump air guard' }).click()
    await page.getByText('<b>bold</b>').waitFor()
    await page.getByText('The sign at the pump').waitFor()
    await expect
      .poll(() => page.locator('main figure img').evaluate((img: { naturalWidth: number }) => img.naturalWidth))
      .toBeGreaterThan(0)
    expect(await page.locator('main img[src^="https"], main a[href^="ftp"]').count()).toBe(0)
    await page.getByRole('tab', { name: 'Evidence' }).click()
    await page.getByRole('row', { name: /Licence Passed/ }).waitFor()
    expect(await axeViolations(page)).toEqual([])
    await page.getByRole('link', { name: 'Install', exact: true }).click()
    await page.getByText('Runs on 1 of 1 device').waitFor()
    await page.getByLabel('Limit in %RH').fill('0')
    await page.getByText('must be at least 0.5').waitFor()
    await page.getByLabel('Limit in %RH').fill('2')
    await page.getByLabel('Accept read-tag pump-air-guard-air/humidity').waitFor()
    await page.getByLabel('Humidity', { exact: true }).selectOption('hall-air')
    await page.getByText('must be a tag, such as').waitFor()
    await page.getByLabel('Humidity: tag').selectOption('rh')
    await page.getByLabel('Accept read-tag hall-air/rh').check()
    expect(await axeViolations(page)).toEqual([])
    await page.getByRole('button', { name: 'Install', exact: true }).click()
    await page.getByText('Installed: pump-air-guard').waitFor()
    await expect
      .poll(async () => {
        const { rows } = await hub.client.telemetry.signals({ device: 'hamburg-press', limit: 100 })
        return rows.map(({ signal }) => signal)
      })
      .toContain('pump-air-guard-flow/ranges')
    expect((await hub.client.source.list({ limit: 10 })).rows.map(({ name }) => name)).toEqual(['hall-air'])
    await page.getByRole('link', { name: 'Show installations' }).click()
    await page.getByRole('row', { name: /pump-air-guard Pump air guard 1\.3\.0 1, 1 healthy Installed/ }).waitFor()
    await page.getByRole('button', { name: 'Uninstall pump-air-guard' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Uninstall' }).click()
    await page.getByText('Nothing is installed').waitFor()
  })

  test('a reviewer reads a submission, comments, and accepts it into the catalogue that the hub signs', async () => {
    const { secret } = await hub.client.key.create({ name: 'author', role: 'editor' })
    const author = commandLine({ ...hub, connection: { ...hub.connection, key: secret } }, folder)
    await hub.client.catalogue.create({ name: 'own' })
    await author('market', 'submit', 'cold-chain', '--catalogue', 'own', '--key', 'key.pem')
    const { page } = await visit(hub)
    await page.goto('/market?tab=review')
    await page.getByRole('row', { name: /cold-chain .* own Level 1 author.* Pending/ }).waitFor()
    expect(await axeViolations(page)).toEqual([])
    await page.getByRole('link', { name: /cold-chain/ }).click()
    await page.getByText('its behaviour is unproven').waitFor()
    await page.getByRole('row', { name: /Licence Passed/ }).waitFor()
    await page.getByLabel('Comment').fill('It reads only its own source.')
    await page.getByRole('button', { name: 'Send comment' }).click()
    await page.getByText('Comment sent').waitFor()
    await page.getByText('It reads only its own source.').waitFor()
    expect(await axeViolations(page)).toEqual([])
    await page.getByRole('button', { name: 'Accept' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Accept' }).click()
    await page.getByText('is published', { exact: false }).first().waitFor()
    await expect.poll(() => page.getByRole('button', { name: 'Accept' }).count()).toBe(0)
    await page.goto('/market?tab=catalogues')
    await page.getByRole('row', { name: /own signed by this hub/ }).waitFor()
    expect(await axeViolations(page)).toEqual([])
  })

  test('a person begins an own catalogue, subscribes to another one, rates a listing and adds an entitlement', async () => {
    const skerry = commandLine(hub, folder)
    await skerry('market', 'publish', 'cold-chain', '--catalogue', 'second', '--key', 'key.pem')
    const issue = ['market', 'entitlement', 'issue', 'cold-chain', '--tenant', 'default', '--devices', '3']
    await skerry(...issue, '--key', 'key.pem', '--out', 'cold-chain.entitlement')
    const { page } = await visit(hub)
    await page.goto('/market?tab=catalogues')
    await page.getByRole('button', { name: 'New own catalogue' }).click()
    await page.getByLabel('Name').fill('Not a name')
    expect(await page.getByRole('dialog').getByRole('button', { name: 'Begin' }).getAttribute('aria-disabled')).toBe(
      'true',
    )
    await page.getByLabel('Name').fill('ours')
    await page.getByRole('dialog').getByRole('button', { name: 'Begin' }).click()
    await page.getByRole('row', { name: /ours signed by this hub/ }).waitFor()
    await page.getByRole('button', { name: 'Subscribe' }).click()
    await page.getByText('second').waitFor()
    expect(await axeViolations(page)).toEqual([])
    await page.getByLabel('Name', { exact: true }).fill('second')
    await page.getByRole('checkbox', { name: /vendor/ }).check()
    await page.getByRole('dialog').getByRole('button', { name: 'Subscribe' }).click()
    await page.getByRole('row', { name: /second 1 1 / }).waitFor()
    await page.getByRole('button', { name: 'Remove ours' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('ours is removed').waitFor()
    await page.goto('/market/second/cold-chain')
    await page.getByText('Nobody has rated it.').waitFor()
    await page.getByLabel('Stars').selectOption('4')
    await page.getByLabel('Note', { exact: true }).fill('limit 6 suits hall 3')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('4 of 5, 1 rating').waitFor()
    await page.getByRole('listitem').getByText('limit 6 suits hall 3').waitFor()
    expect(await axeViolations(page)).toEqual([])
    await page.goto('/market?tab=entitlements')
    await page.getByText('No entitlements').waitFor()
    await page.getByRole('button', { name: 'Add entitlement' }).click()
    await page.getByLabel('File of the publisher').setInputFiles(join(folder, 'cold-chain.entitlement'))
    await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('row', { name: /cold-chain 3 for ever Valid/ }).waitFor()
    expect(await axeViolations(page)).toEqual([])
  })
})
