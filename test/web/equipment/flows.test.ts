/**
 * Flows in a real browser: a version that is a flow, drawn from its inputs over its steps to its sinks; and its output
 * for a recording.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Flow } from '@skerry/contract/flows/flow'
import { FlowGolden } from '@skerry/contract/flows/flow-recording'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { deep } from '@skerry/testkit/tier'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { simulatorSource } from '../../../apps/hub/test/stage/made-things.ts'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { joinDevice } from '../../../apps/hub/test/stage/test-device.ts'
import { upload } from '../../../apps/hub/test/stage/test-model.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { lookAt } from '../stage/look.ts'
import { openVisits } from '../stage/visits.ts'

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

const example = (path: string) => readFile(join(import.meta.dirname, '../../../examples/flows', path))

/** With the name of the flow, so that it is found. */
async function pushExample(name: string, files: readonly string[]) {
  const parsed = Flow.parse(parse((await example(`${name}/flow.yaml`)).toString('utf8')))
  const digests = await Promise.all([
    upload(hub, Buffer.from(canonicalJson(parsed))),
    ...files.map(async (file) => upload(hub, await example(`${name}/${file}`))),
  ])
  const paths = ['flow.json', ...files]
  const body = { files: digests.map((digest, at) => ({ path: paths[at], digest })) }
  const pushed = await hub.ask('POST', `/v1/models/${parsed.name}/versions`, { body })
  expect(pushed.status, pushed.text).toBe(200)
  return parsed.name
}

describe.skipIf(!hasBrowser)('flows', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub()])
    const digest = await upload(hub, Buffer.from(canonicalJson(flow)))
    const body = { files: [{ path: 'flow.json', digest }] }
    const pushed = await hub.ask('POST', '/v1/models/pump-watch/versions', { body })
    expect(pushed.status, pushed.text).toBe(200)
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
  })

  test('a selected part shows its configuration, also by keyboard alone', async () => {
    const { page } = await visits.visit(hub, { path: '/models/pump-watch/versions/1' })
    const part = (name: RegExp) => page.getByRole('button', { name })
    await part(/^Input temperature/).focus()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('region', { name: 'Values of vibration' }).getByText('tag: vibration').waitFor()
    await part(/^Step kelvin convert/).click()
    await page.getByText('offset: 273.15').waitFor()
    await part(/^Step kelvin convert/).click()
    await page.getByText('offset: 273.15').waitFor({ state: 'detached' })
    await part(/^Sink lamp to press-7\/alarm/).waitFor()
  })

  test(
    'no flow page breaks a rule of accessibility in either theme',
    deep('the quick test of the console looks at every page on a tablet, in one theme'),
    async () => {
      const { page } = await visits.visit(hub, { path: '/models/pump-watch/versions/1' })
      await page.getByRole('button', { name: /^Step alarm/ }).click()
      await page.mouse.move(0, 0)
      await page.getByText('k: 1').waitFor()
      await lookAt(page, 'flow-graph')
    },
  )

  test('a recording is replayed in the browser as on the command line, with a table, a chart and the omitted values', async () => {
    const name = await pushExample('pump-vibration', ['recording.jsonl', 'golden.json'])
    const [recording, golden] = await Promise.all([
      example('pump-vibration/recording.jsonl'),
      example('pump-vibration/golden.json'),
    ])
    const { outputs } = FlowGolden.parse(JSON.parse(golden.toString('utf8')))
    const sink = outputs[0]?.sink ?? ''
    const { page } = await visits.visit(hub, { path: `/flows/${name}` })
    await page.getByRole('button', { name: 'Replay the recording of the version' }).click()
    await page.getByText('Nothing differs from the golden file of the version.').waitFor()
    await page.getByText(`${outputs.length} outputs came out.`).waitFor()
    // A sink that takes the newest value of each interval loses nothing.
    expect(await page.getByText(/^Sink warmth: [\d,]+ dropped/).count()).toBe(0)
    await page.getByRole('button', { name: sink, exact: true }).click()
    await page.getByRole('heading', { name: `Values of ${sink}` }).scrollIntoViewIfNeeded()
    await lookAt(page, 'flow-replay')
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save all outputs' }).click(),
    ])
    const lines = (await readFile(await saved.path(), 'utf8')).trim().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual(outputs)
    const file = page.locator('input[type=file]')
    const fileOf = (text: string) => ({
      name: 'day.jsonl',
      mimeType: 'application/x-ndjson',
      buffer: Buffer.from(text),
    })
    await file.setInputFiles(fileOf(`${recording}{"source":"pump-1"}\n`))
    await page
      .getByRole('alert')
      .getByText(/day\.jsonl: line \d+: /)
      .waitFor()
    await file.setInputFiles(
      fileOf(`{"source":"nobody","tag":"x","quality":"good","value":1,"receivedTimeMs":1}\n${recording}`),
    )
    await page.getByText('1 sample that the flow has no input for').waitFor()
    await page.getByText('Outputs for day.jsonl').waitFor()
  })

  test(
    'a flow with a model cannot be replayed in the browser, and the page shows the command',
    deep('the quick test replays a flow without a model; the command line tests replay one that has one'),
    async () => {
      const name = await pushExample('pump-anomaly', [])
      const { page } = await visits.visit(hub, { path: `/flows/${name}` })
      await page.getByText('it uses the model anomaly, and a browser runs no models').waitFor()
      await page.getByText(`skerry flow replay ${name}.yaml`).waitFor()
      expect(await page.locator('input[type=file]').count()).toBe(0)
    },
  )

  test('a new deployment of a flow starts with the devices of its sources, and says so if others are chosen', async () => {
    await joinDevice(hub, { name: 'pump-gateway', site: 'rotterdam' })
    await joinDevice(hub, { name: 'hall-gateway', site: 'rotterdam' })
    await joinDevice(hub, { name: 'oslo-gateway', site: 'oslo' })
    const add = async (name: string, scope: string) => {
      const added = await hub.ask('PUT', `/v1/sources/${name}`, { body: { scope, spec: simulatorSource(name) } })
      expect(added.status, added.text).toBe(200)
    }
    await add('pump-1', 'site:rotterdam')
    const { page } = await visits.visit(hub, { path: '/deploy?model=pump-watch' })
    const toDevices = () => page.getByRole('button', { name: 'Next' }).click()
    const selector = page.getByLabel('Selector')
    const picked = (text: string) => page.getByRole('status').filter({ hasText: text })
    await toDevices()
    await page.getByText('No device has the source press-7.').waitFor()
    await picked('3 of 3 devices').waitFor()

    await add('press-7', 'device:pump-gateway')
    await page.goto('/deploy?model=pump-watch')
    await toDevices()
    await page.getByText('These devices have what the flow reads: pump-1, press-7.').waitFor()
    await picked('1 of 3 devices').waitFor()
    const expected = 'site.name == "rotterdam" && device.name == "pump-gateway"'
    expect(await selector.inputValue()).toBe(expected)
    await page.getByRole('link', { name: 'pump-gateway' }).waitFor()

    await selector.fill('device.name == "hall-gateway"')
    await page.getByText('Some of these devices may not have what the flow reads').waitFor()
    await page.getByRole('button', { name: 'Choose the devices that have it' }).click()
    await page.getByText('These devices have what the flow reads').waitFor()
    expect(await selector.inputValue()).toBe(expected)
  })

  test('live values of a device that gives none show the code of the hub, which the reference explains', async () => {
    await joinDevice(hub, { name: 'away-gateway', site: 'rotterdam' })
    visits.forgive(/status of \d+/)
    const { page } = await visits.visit(hub, { path: '/flows/pump-watch/devices/away-gateway' })
    await page.getByRole('alert').getByText('device_unreachable', { exact: true }).waitFor()
  })
})
