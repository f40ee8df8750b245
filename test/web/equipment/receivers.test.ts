/** Receivers in a real browser: who else is told of findings and of the trail, set, tried and removed; and how long the trail is kept. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import { createAuthority, issueServerCertificate } from '@skerry/platform/certificates/certificate-authority'
import { systemClock } from '@skerry/platform/process/clock'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { lookAt } from '../stage/look.ts'
import { openVisits, type VisitOptions } from '../stage/visits.ts'

let hub: TestHub
let browser: Browser
let receiver: Server
let url: string
const visits = openVisits(() => browser)

const webhookText = async () =>
  JSON.stringify((await hub.ask<{ webhook?: { url: string } }>('GET', '/v1/intrusion-webhook')).body)

/** Answers whatever it is told. */
async function openReceiver() {
  const nowMs = systemClock.nowMs()
  const authority = await createAuthority({ commonName: 'Plant', nowMs })
  const own = await issueServerCertificate(authority, { names: ['soc.plant'], nowMs })
  const server = createServer({ cert: own.certificatePem, key: own.privateKeyPem }, (_request, response) =>
    response.writeHead(200).end('seen'),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { server, ca: authority.certificatePem, url: `https://soc.plant:${port}/skerry` }
}

describe.skipIf(!hasBrowser)('receivers', () => {
  beforeAll(async () => {
    const opened = await openReceiver()
    ;({ server: receiver, url } = opened)
    const webhooks = {
      allowed: [{ host: 'soc.plant' }, { host: 'siem.plant' }],
      ca: opened.ca,
      secret: 'of gates, which signs none',
      resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
    }
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub({ webhooks })])
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
    receiver?.closeAllConnections()
    receiver?.close()
  })

  const visit = async (path: string, options?: VisitOptions) => (await visits.visit(hub, { path, ...options })).page

  const press = (page: Page, name: string) =>
    page.getByRole('dialog').getByRole('button', { name, exact: true }).click()

  test('a webhook is set with a secret that shows once, tried, and removed by its name; one that is not allowed is refused in words', async () => {
    const page = await visit('/security?tab=webhook')
    await page.getByRole('button', { name: 'Set a webhook' }).click()
    const field = page.getByLabel('Where it listens, https')
    await field.fill('https://10.0.0.1/skerry')
    await press(page, 'Save')
    await page.getByText('10.0.0.1 is not a public address').waitFor()
    visits.forgive(/status of 422/)
    await field.fill(url)
    await press(page, 'Save')
    await page.getByText('This is the only time that the secret is shown').waitFor()
    await page.getByRole('dialog').getByText('Close', { exact: true }).click()
    await page.getByText(url).waitFor()
    expect(await webhookText()).toContain(url)
    await page.getByRole('button', { name: 'Test', exact: true }).click()
    await page.getByText('it answered 200: seen').waitFor()
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByText(`Tell ${url} of findings no more?`).waitFor()
    await press(page, 'Remove')
    await page.getByText('No webhook is told of findings', { exact: true }).waitFor()
    expect(await webhookText()).toBe('{}')
  })

  test('the trail is sent to a syslog receiver, which says how far it has got, and no more; it is kept for longer', async () => {
    const page = await visit('/settings?tab=trail')
    await page.getByText('None yet: all of the trail is in the hub.').waitFor()
    await page.getByRole('button', { name: 'Set a receiver' }).click()
    const dialog = page.getByRole('dialog')
    const save = dialog.getByRole('button', { name: 'Save' })
    expect(await save.getAttribute('aria-disabled')).toBe('true')
    await dialog.getByLabel('Host').fill('siem.plant')
    // Where nobody listens: what is sent waits, and is said to.
    await dialog.getByLabel('Port').fill('9')
    await dialog.getByLabel('Certificate that the hub shows').fill('PEM')
    await dialog.getByLabel('Key of that certificate').waitFor()
    expect(await save.getAttribute('aria-disabled')).toBe('true')
    await dialog.getByLabel('Certificate that the hub shows').fill('')
    await save.click()
    await page.getByText('siem.plant:9', { exact: true }).waitFor()
    await page.getByText('nothing yet').waitFor()
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByText('Send the trail to siem.plant:9 no more?').waitFor()
    await press(page, 'Remove')
    await page.getByText('The trail is sent to no syslog receiver', { exact: true }).waitFor()

    await page.getByLabel('Days').fill('100')
    await page.getByText('A number of days from 184').waitFor()
    await page.getByLabel('Days').fill('3653')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('3,653 days in place of 184').waitFor()
    await press(page, 'Save')
    await page.getByText('The time counts from now on').waitFor()
    expect((await hub.ask('GET', '/v1/audit/retention')).body).toEqual({ keepDays: 3_653 })
  })

  test('whoever may only look is told which permission is missing, and can read all of it', async () => {
    const { body } = await hub.ask<{ secret: string }>('POST', '/v1/keys', {
      body: { name: 'looks', role: 'auditor' },
    })
    const page = await visit('/settings?tab=trail', { key: body.secret })
    for (const [path, button, permission, name] of [
      ['/settings?tab=trail', 'Set a receiver', 'audit.write', 'settings-trail'],
      ['/security?tab=webhook', 'Set a webhook', 'intrusion.write', 'security-webhook'],
    ] as const) {
      await page.goto(path)
      const set = page.getByRole('button', { name: button })
      await set.waitFor()
      await page.locator('main:not(:has([aria-label=Loading]))').waitFor()
      await lookAt(page, name)
      await page.setViewportSize({ width: 820, height: 1180 })
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), path).toBe(true)
      await set.hover()
      await page.getByRole('tooltip').getByText(permission).waitFor()
      expect(await set.getAttribute('aria-disabled')).toBe('true')
    }
  })
})
