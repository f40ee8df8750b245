/** Model feeds in a real browser: a person lets the hub import a model, sees its versions, and stops the import. */
import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { type ModelServer, openModelServer } from '../../../apps/hub/test/stage/servers/model-server.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes } from '../stage/look.ts'
import { openVisits } from '../stage/visits.ts'

let server: ModelServer
let hub: TestHub
let browser: Browser
const visits = openVisits(() => browser)

const example = (name: string) => readFile(new URL(`../../../examples/sensor-anomaly/${name}`, import.meta.url))

describe.skipIf(!hasBrowser)('model feeds', () => {
  beforeAll(async () => {
    const bytes = await example('model-v1.onnx')
    ;[browser, server] = await Promise.all([sharedBrowser(), openModelServer('let-me-in', bytes)])
    hub = await startTestHub({ webhooks: server.webhooks })
  })
  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
    await server?.[Symbol.asyncDispose]()
  })

  test('a person imports a model from a registry, sees a problem and each version, and pauses the import', async () => {
    const { page } = await visits.visit(hub, { path: '/models' })
    await page.getByRole('link', { name: 'Imports' }).click()
    await page.getByText('No imports yet').waitFor()
    await checkThemes(page, 'no imports')
    await importModel(page, 'wrong')
    await page.getByText('Problem: feed_unreachable').waitFor()
    await page.setViewportSize({ width: 390, height: 844 })
    await checkThemes(page, 'a failed import on a phone')
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    await page.setViewportSize({ width: 1280, height: 800 })

    const body = { spec: { place: `oci://${server.host}/plant/press:1`, model: 'press' }, accessToken: 'let-me-in' }
    expect((await hub.ask('PUT', '/v1/model-feeds/press', { body })).status).toBe(200)
    await page.getByRole('link', { name: 'press:1' }).waitFor()
    server.serve(await example('model-v2.onnx'))
    await page.getByRole('button', { name: 'Check now' }).click()
    await page.getByRole('link', { name: 'press:2' }).waitFor()
    await checkThemes(page, 'a current import')

    await page.getByRole('button', { name: 'Pause' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Reason').fill('freeze')
    await dialog.getByRole('button', { name: 'Pause' }).click()
    await page.getByText(': freeze').waitFor()
    await page.getByRole('link', { name: 'Imports' }).click()
    await page.getByRole('row', { name: /^press Paused press:2/ }).waitFor()
  })
})

async function importModel(page: Page, token: string): Promise<void> {
  await page.getByRole('button', { name: 'Import a model' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('press')
  await dialog.getByLabel('Place').fill(`oci://${server.host}/plant/press:1`)
  await dialog.getByLabel('Token').fill(token)
  await dialog.getByRole('button', { name: 'Import' }).click()
  await page.getByRole('heading', { level: 1, name: 'press' }).waitFor()
}
