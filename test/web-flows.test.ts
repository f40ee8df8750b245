/** Flows in a real browser: a version that is a flow, drawn from its inputs over its steps to its sinks. */
import { canonicalJson } from '@skerry/core/canonical-json'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../apps/hub/test/running-hub.ts'
import { upload } from '../apps/hub/test/test-model.ts'
import { axeViolations, hasBrowser, openBrowser, picture, THEMES } from './web-browser.ts'
import { openVisits } from './web-visits.ts'

let hub: TestHub
let browser: Browser
const visits = openVisits(() => browser)

const flow = {
  name: 'pump-watch',
  inputs: [
    { name: 'temperature', source: 'pump-1', tag: 'temperature', maxAgeMs: 5_000 },
    { name: 'vibration', source: 'pump-1', tag: 'vibration' },
    { name: 'pressure', source: 'press-7', tag: 'pressure' },
  ],
  steps: [
    { name: 'kelvin', kind: 'convert', from: 'temperature', offset: 273.15 },
    { name: 'row', kind: 'align', from: ['kelvin', 'vibration', 'pressure'], everyMs: 1_000, maxAgeMs: 5_000 },
    { name: 'high', kind: 'threshold', from: 'pressure', above: 5 },
    { name: 'shaking', kind: 'threshold', from: 'vibration', above: 7 },
    { name: 'alarm', kind: 'k-of-n', from: ['high', 'shaking'], k: 1 },
  ],
  sinks: [
    { name: 'lamp', kind: 'tag', source: 'press-7', tag: 'alarm', from: 'alarm', as: 'bool' },
    { name: 'rows', kind: 'hub', from: 'row' },
  ],
}

describe.skipIf(!hasBrowser)('flows', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([openBrowser(), startTestHub()])
    const digest = await upload(hub, Buffer.from(canonicalJson(flow)))
    const body = { files: [{ path: 'flow.json', digest }] }
    const pushed = await hub.ask('POST', '/v1/models/pump-watch/versions', { body })
    expect(pushed.status, pushed.text).toBe(200)
  })

  afterAll(async () => {
    await browser?.close()
    await hub?.[Symbol.asyncDispose]()
  })

  test('a part that is chosen, also by the keys alone, shows what it says', async () => {
    const { page } = await visits.visit(hub, { path: '/models/pump-watch/versions/1' })
    const part = (name: RegExp) => page.getByRole('button', { name })
    await part(/^Input temperature/).focus()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('region', { name: 'What vibration says' }).getByText('tag: vibration').waitFor()
    await part(/^Step kelvin convert/).click()
    await page.getByText('offset: 273.15').waitFor()
    await part(/^Step kelvin convert/).click()
    await page.getByText('offset: 273.15').waitFor({ state: 'detached' })
    await part(/^Sink lamp to press-7\/alarm/).waitFor()
  })

  test.each(THEMES)('no part of it breaks a rule of accessibility in the %s theme', async (theme) => {
    const { page } = await visits.visit(hub, { path: '/models/pump-watch/versions/1', theme })
    await page.getByRole('button', { name: /^Step alarm/ }).click()
    await page.mouse.move(0, 0)
    await page.getByText('k: 1').waitFor()
    await picture(page, 'flow-graph', theme)
    expect(await axeViolations(page)).toEqual([])
  })
})
