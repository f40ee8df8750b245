/** A hub with a notice, and an organisation that locks sessions at which nobody sits, in a real browser. */
import { systemClock } from '@skerry/platform/process/clock'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { joinPerson } from '../../../apps/hub/test/stage/person.ts'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { axeViolations, hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { enterAs } from '../stage/person.ts'
import { openVisits } from '../stage/visits.ts'

let hub: TestHub
let browser: Browser
let nowMs = Date.now()
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('before a sign-in, and after somebody has left', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([
      sharedBrowser(),
      startTestHub({
        clock: { ...systemClock, nowMs: () => nowMs },
        notice: 'For staff of the plant only.\nAll use is recorded.',
      }),
    ])
    await joinPerson(hub, 'olga@example.com', hub.invitation)
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
  })

  test('the notice stands above whatever is typed, for whoever signs in and whoever was invited', async () => {
    const { page } = await visits.visit(hub, { key: null })
    await page.goto('/sign-in')
    const notice = page.getByRole('region', { name: 'Notice of this hub' })
    await notice.getByText('All use is recorded').waitFor()
    expect(await axeViolations(page)).toEqual([])
    await page.goto(`/join#invitation=${hub.invitation}`)
    await notice.getByText('For staff of the plant only').waitFor()
  })

  test('an owner has sessions locked; who stays stays in, and who leaves finds the sign-in, and then where they were', async () => {
    const { page } = await visits.visit(hub, { key: null })
    await page.clock.install({ time: nowMs })
    await enterAs(page, 'olga@example.com')
    await page.goto('/settings?tab=people')
    await page.getByLabel('Lock a session').selectOption({ label: 'after 15 minutes without anybody there' })
    await page.getByRole('button', { name: 'Set the lock' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Set the lock' }).click()
    await page.getByText('The rule counts from now on').waitFor()
    expect((await hub.ask('GET', '/v1/sign-in-rules')).body).toMatchObject({ idleLockSeconds: 900 })
    // Ten minutes, a key, and ten more: somebody is there.
    for (const tool of ['Shift', 'Shift']) {
      nowMs += 600_000
      await page.clock.fastForward(600_000)
      const told = page.waitForResponse((response) => response.url().endsWith('/v1/account/presence'))
      await page.keyboard.press(tool)
      expect((await told).status()).toBe(200)
    }
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor()
    nowMs += 901_000
    await page.clock.fastForward(901_000)
    await page.getByText('Your session has ended').waitFor()
    await page.getByLabel('E-mail address').waitFor()
    expect(page.url()).toContain('next=%2Fsettings%3Ftab%3Dpeople')
    visits.forgive(/status of 401/)
  })
})
