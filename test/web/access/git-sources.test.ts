/** Git sources in a real browser: a person follows a repository, sees the differences, and lets the hub apply them. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { type GitServer, openGitServer } from '../../../apps/hub/test/stage/servers/git-server.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes } from '../stage/look.ts'
import { openVisits } from '../stage/visits.ts'

let git: GitServer
let hub: TestHub
let browser: Browser
const visits = openVisits(() => browser)

const SITE = 'apiVersion: skerry/v1\nkind: Site\nmetadata: { name: oslo }\nspec: { kind: edge }\n'

describe.skipIf(!hasBrowser)('Git sources', () => {
  beforeAll(async () => {
    ;[browser, git] = await Promise.all([sharedBrowser(), openGitServer('unused')])
    hub = await startTestHub({ gitRoot: git.root })
  })
  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
    await git?.[Symbol.asyncDispose]()
  })

  test('a source begins paused with its differences, applies them, and shows drift that a person accepts', async () => {
    const olga = await git.key('olga')
    const hash = await git.commit({ 'sites/oslo.yaml': SITE }, olga)
    const { page } = await visits.visit(hub, { path: '/deployments' })
    await page.getByRole('button', { name: 'Git sources' }).click()
    await page.getByText('No Git sources yet').waitFor()
    await checkThemes(page, 'no git sources')
    await follow(page, olga.publicKey)
    await page.getByText('Site oslo').waitFor()
    await page.getByText('+  kind: edge').waitFor()
    await page.getByText('Paused').first().waitFor()
    await checkThemes(page, 'a paused git source')
    expect(await sites()).toEqual([])

    await act(page, 'Resume')
    await page.getByText('Nothing differs.').waitFor()
    await page.getByText('Current', { exact: true }).waitFor()
    expect(await sites()).toEqual(['edge'])

    expect((await hub.ask('PUT', '/v1/sites/oslo', { body: { kind: 'onprem' } })).status).toBe(200)
    await page.getByRole('button', { name: 'Synchronise' }).click()
    await page.getByText('-  kind: onprem').waitFor()
    await page.getByText('Drifted').waitFor()
    await page.setViewportSize({ width: 390, height: 844 })
    await checkThemes(page, 'a drifted git source on a phone')
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    await act(page, 'Accept and apply')
    await page.getByText('Nothing differs.').waitFor()
    expect(await sites()).toEqual(['edge'])

    await page.getByRole('link', { name: 'Git sources' }).click()
    await page.getByRole('row', { name: /^fleet Current/ }).waitFor()
    const { body } = await hub.ask<{ applied: { hash: string } }>('GET', '/v1/git-sources/fleet')
    expect(body.applied.hash).toBe(hash)
  })
})

async function follow(page: Page, publicKey: string): Promise<void> {
  await page.getByRole('button', { name: 'Follow a repository' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('fleet')
  await dialog.getByLabel('URL').fill(`file://${git.root}/fleet.git`)
  await dialog.getByLabel('Path').fill('sites')
  await dialog.getByLabel('Role').selectOption('administrator')
  await dialog.getByLabel('Signers').fill(`olga ${publicKey}`)
  await dialog.getByRole('button', { name: 'Follow' }).click()
  await page.getByRole('heading', { level: 1, name: 'fleet' }).waitFor()
}

/** Presses the button of the page, and the same one in the question that follows. */
async function act(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name }).click()
  await page.getByRole('dialog').getByRole('button', { name }).click()
}

const sites = async () =>
  (await hub.ask<{ rows: { kind: string }[] }>('GET', '/v1/sites')).body.rows.map(({ kind }) => kind)
