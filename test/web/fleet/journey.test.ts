/** The whole journey in a real browser, from an empty hub to a bad version that is taken back, with two real agents. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deep } from '@skerry/testkit/tier'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, joinAgent, newHubHome, startHub } from '../../../examples/stage/fleet.ts'
import { hasBrowser, newVisitor, sharedBrowser } from '../stage/browser.ts'
import { drop } from '../stage/models-files.ts'

const MODEL = 'sensor-anomaly'
const SITES = [
  { name: 'hamburg', country: 'DE' },
  { name: 'lyon', country: 'FR' },
] as const

const example = (name: string) => readFile(new URL(`../../../examples/sensor-anomaly/${name}`, import.meta.url))

let folder: string
let hub: HubProgram
let browser: Browser
const agents: AgentProgram[] = []

describe.skipIf(!hasBrowser)('somebody who has never read the documentation', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-journey-'))
    ;[browser, hub] = await Promise.all([sharedBrowser(), newHubHome(folder).then(startHub)])
  })

  afterAll(async () => {
    for (const agent of agents) await agent.stop()
    await hub?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  test(
    'deploys a model to two sites, tries it, and sees a bad version rolled back',
    deep('sites, uploads, deployments, rollouts and the playground each have a quick test'),
    async () => {
      await using visitor = await newVisitor(browser, { url: hub.url })
      const { page, problems } = visitor
      // The link that the hub prints at its first start.
      await page.goto(`/sign-in#key=${hub.connection.key}`)
      await page.getByText('0 of 4 done').waitFor()
      for (const site of SITES) {
        await makeSite(page, site)
        agents.push(await joinAgent({ token: await newToken(page), device: `${site.name}-press`, folder }))
      }
      await page.goto('/')
      await page.getByText('2 of 4 done').waitFor()
      await upload(page, 'model-v1.onnx', 1)
      await deployFirst(page)
      await page.getByText('Done', { exact: true }).waitFor()
      expect(await answersOf(page)).toBe(1)

      await upload(page, 'model-v3-noise.onnx', 2)
      await change(page)
      await page.getByText('Rolled back', { exact: true }).waitFor()
      await page.getByText('1 failed in wave canary').first().waitFor()
      await page
        .getByRole('link', { name: /-press$/ })
        .first()
        .waitFor()
      expect(await answersOf(page)).toBe(1)
      await page.goto('/')
      await page.getByRole('heading', { level: 2, name: 'Needs attention' }).waitFor()
      expect(problems).toEqual([])
    },
  )
})

async function makeSite(page: Page, { name, country }: (typeof SITES)[number]): Promise<void> {
  await page.goto('/sites')
  await page.getByRole('button', { name: 'New site' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill(name)
  await dialog.getByLabel('Country').fill(country)
  await dialog.getByRole('button', { name: 'Review' }).click()
  await dialog.getByRole('button', { name: 'Create the site' }).click()
  await page.getByRole('heading', { level: 1, name }).waitFor()
}

/** The token for the site whose page is open, from the command that the page gives. */
async function newToken(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Join a device here' }).first().click()
  await page.getByRole('dialog').getByRole('button', { name: 'New token' }).click()
  await page.getByRole('tab', { name: 'By hand' }).click()
  const command = await page.getByText(/skerry agent --join skj_/).textContent()
  return command?.match(/skj_[\w-]+/)?.[0] ?? ''
}

async function upload(page: Page, file: string, version: number): Promise<void> {
  await page.goto('/models/upload')
  await drop(page, [
    { name: file, bytes: await example(file) },
    { name: 'golden.json', bytes: await example('golden.json') },
  ])
  await page.getByText('16 golden cases').waitFor()
  await page.getByLabel('Model', { exact: true }).fill(MODEL)
  await page.getByRole('button', { name: 'Upload', exact: true }).click()
  await page.getByText(`${MODEL}:${version} is signed and ready`).waitFor()
}

const next = (page: Page) => page.getByRole('button', { name: 'Next' }).click()

/** The preset: one device first, and a rollback everywhere if it fails there. */
async function deployFirst(page: Page): Promise<void> {
  await page.goto(`/deploy?model=${MODEL}&version=1`)
  await next(page)
  await page.getByRole('status').filter({ hasText: '2 of 2 devices' }).waitFor()
  await next(page)
  await page.getByRole('radio', { name: 'Canary' }).check()
  await page.getByText('Change the details').click()
  await page.getByLabel('At most').fill('1')
  await page.getByLabel('Stays healthy for').fill('2s')
  await next(page)
  await page.getByRole('button', { name: 'Deploy to 2 devices' }).click()
  await page.getByRole('heading', { level: 1, name: `${MODEL}, revision 1` }).waitFor()
}

async function change(page: Page): Promise<void> {
  await page.goto(`/deployments/${MODEL}`)
  await page
    .getByRole('link', { name: 'Change' })
    .or(page.getByRole('button', { name: 'Change' }))
    .first()
    .click()
  await page.getByLabel('Version').selectOption('2')
  await page.getByRole('button', { name: /^Review/ }).click()
  await page.getByRole('row', { name: /version 1 2/ }).waitFor()
  await page.getByRole('button', { name: /^Deploy/ }).click()
  await page.getByRole('heading', { level: 1, name: `${MODEL}, revision 2` }).waitFor()
}

/** The version that the playground has both devices answer with; it must be one. */
async function answersOf(page: Page): Promise<number> {
  const versions = new Set<number>()
  for (const { name } of SITES) {
    await page.goto(`/models/${MODEL}/versions/1/playground?device=${name}-press`)
    await page.getByLabel('Golden case').selectOption('0')
    await page.getByRole('button', { name: `Run on ${name}-press` }).click()
    await page.getByRole('region', { name: 'score', exact: true }).waitFor()
    const { items } = await hub.client.device.get({ device: `${name}-press` })
    versions.add(items[0]?.serving?.version ?? 0)
  }
  const [version = 0, ...others] = versions
  expect(others).toEqual([])
  return version
}
