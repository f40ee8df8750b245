/** Settings > Secrets in a real browser: a value goes in, and nothing that the page shows, keeps or is sent has it again. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes, lookAt } from '../stage/look.ts'
import { openVisits, type VisitOptions } from '../stage/visits.ts'

const PLANTED = 'correct-horse-battery'

let hub: TestHub
let browser: Browser
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('secrets in the settings', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub()])
    await hub.ask('PUT', '/v1/sites/oslo', { body: { kind: 'edge' } })
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
  })

  const visit = async (options?: VisitOptions) =>
    (await visits.visit(hub, { path: '/settings?tab=secrets', ...options })).page

  test('a secret is made, given a new value, and removed; its value is never seen again', async () => {
    const page = await visit()
    const answers: Promise<string>[] = []
    page.on('response', (answer) => {
      // Of a stream there is no end to wait for.
      const isStream = answer.headers()['content-type']?.startsWith('text/event-stream')
      if (!isStream) answers.push(answer.text().catch(() => ''))
    })
    await page.getByText('None yet.').waitFor()
    await page.getByRole('button', { name: 'New secret' }).click()
    const form = page.getByRole('dialog', { name: 'New secret' })
    await form.getByLabel('Name', { exact: true }).fill('plc-password')
    await form.getByLabel('For').selectOption('site')
    await form.getByLabel('Name of the site').fill('oslo')
    await form.getByLabel('Value').fill(PLANTED)
    await form.getByRole('button', { name: 'Save' }).click()
    const table = page.getByRole('table', { name: 'Secrets' })
    await table.getByRole('row', { name: /plc-password site oslo 1 21.*by owner/s }).waitFor()
    await table.getByRole('button', { name: 'New value for plc-password' }).click()
    const buffer = Buffer.from(`${PLANTED}\nand more\n`)
    await page.getByLabel('Or the file').setInputFiles({ name: 'value', mimeType: 'text/plain', buffer })
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await table.getByRole('row', { name: /plc-password site oslo 2 31/ }).waitFor()
    expect(await page.content()).not.toContain(PLANTED)
    await table.getByRole('button', { name: 'Remove plc-password' }).click()
    await page.getByLabel('Type plc-password').fill('plc-password')
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('None yet.').waitFor()
    expect((await Promise.all(answers)).join()).not.toContain(PLANTED)
  })

  test('who may not look is told so', async () => {
    const { body } = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'vic', role: 'viewer' } })
    const page = await visit({ key: body.secret })
    await page.getByText('Needs secret.read, which a viewer does not have').waitFor()
  })

  test('no part of it breaks a rule of accessibility in either theme', async () => {
    await hub.ask('POST', '/v1/secrets', { body: { name: 'ca.pem', value: Buffer.from('x').toString('base64') } })
    const page = await visit()
    await page.getByRole('row', { name: /ca\.pem/ }).waitFor()
    await lookAt(page, 'secrets')
    await page.getByRole('button', { name: 'New secret' }).click()
    await page.getByLabel('Value', { exact: true }).waitFor()
    await checkThemes(page, 'dialog')
  })
})
