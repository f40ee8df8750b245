/**
 * Equipment in a real browser, on a real hub with a real agent that runs a simulated pump: its values as they come, and
 * writing one of them. A line that speaks OPC UA by open62541 is tested before it is saved, browsed, and restarted.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SourceSpec } from '@skerry/contract/connections/connection-spec'
import { Flow } from '@skerry/contract/flows/flow'
import { FlowGolden, FlowSample } from '@skerry/contract/flows/flow-recording'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { hasOpcua, type OpcuaPeer, startOpcua } from '@skerry/testkit/peers/opcua-peer'
import { deep } from '@skerry/testkit/tier'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../../examples/stage/fleet.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { testLine } from '../stage/line.ts'
import { lookAt } from '../stage/look.ts'
import { drop } from '../stage/models-files.ts'
import { openVisits, type VisitOptions } from '../stage/visits.ts'

const DEVICE = 'press-gateway'

/** A tag that is not written while the pump is to turn. */
const VALVE = `  - name: valves
    everyMs: 2000
    tags:
      - name: valve
        signal: { kind: constant, value: 0 }
        write: { interlock: { when: 'tags["setpoint"] < 100' } }
`
let folder: string
let hub: HubProgram
let agent: AgentProgram
let browser: Browser
let livePath: string
let line: OpcuaPeer
const visits = openVisits(() => browser)

const row = (page: Page, tag: string) => page.getByRole('row', { name: new RegExp(`^${tag} `) })

const example = (name: string) => readFile(join(import.meta.dirname, '../../../examples/flows/pump-vibration', name))

const examples = () => Promise.all([example('flow.yaml'), example('recording.jsonl'), example('golden.json')])

/** The files of the example that `skerry flow push` sends. */
async function pushedFromHere() {
  const [flow, recording, golden] = await examples()
  const samples = recording.toString('utf8').trim().split('\n')
  const texts = {
    'flow.json': canonicalJson(Flow.parse(parse(flow.toString('utf8')))),
    'recording.jsonl': `${samples.map((line) => JSON.stringify(FlowSample.parse(JSON.parse(line)))).join('\n')}\n`,
    'golden.json': canonicalJson(FlowGolden.parse(JSON.parse(golden.toString('utf8')))),
  }
  const files = Object.entries(texts).map(([path, text]) => ({ path, digest: digestOf(Buffer.from(text)) }))
  return { name: 'pump-vibration', files }
}

describe.skipIf(!hasBrowser || !hasOpcua)('equipment', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-equipment-'))
    ;[browser, hub, line] = await Promise.all([
      sharedBrowser(),
      startHub(await newHubHome(folder)),
      startOpcua({ tags: 1_500 }),
    ])
    agent = await startAgent(hub, { site: { name: 'rotterdam', kind: 'edge', country: 'NL' }, device: DEVICE, folder })
    const text = await readFile(join(import.meta.dirname, '../../../examples/sources/pump-simulator.yaml'), 'utf8')
    const spec = SourceSpec.parse(parse(`${text}${VALVE}`))
    const { connection } = await hub.client.source.set({ name: 'pump-1', spec })
    livePath = `/sources/${connection.id}/devices/${DEVICE}`
    const stateOf = async () => (await hub.client.source.ofDevice({ device: DEVICE })).running[0]?.state
    await vi.waitFor(async () => expect(await stateOf()).toBe('up'), { timeout: PATIENCE_MS, interval: 200 })
  })

  afterAll(async () => {
    await agent?.stop()
    await hub?.stop()
    await line?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  const visit = (options: VisitOptions = {}) => visits.visit(hub, options)

  test('the live values of a source change by themselves, with quality, unit and age, and can be searched', async () => {
    const { page } = await visit({ path: '/sources' })
    await page.getByRole('link', { name: 'pump-1' }).click()
    await page.getByRole('link', { name: `Live values on ${DEVICE}` }).click()
    await page.getByRole('heading', { level: 1, name: `pump-1 on ${DEVICE}` }).waitFor()
    await row(page, 'temperature').getByText('°C').waitFor()
    await row(page, 'setpoint').getByText('1450').waitFor()
    await row(page, 'setpoint').getByText('Good').waitFor()
    await row(page, 'temperature').getByText('Good').waitFor()
    await page.getByText('Live', { exact: true }).waitFor()
    // The trend grows by itself, for the tags that a person chooses.
    const trend = page.getByRole('img', { name: /^Trend of vibration: \d+ values$/ })
    await trend.waitFor()
    await page.getByRole('group', { name: 'Tags of the trend' }).getByRole('button', { name: 'vibration' }).click()
    await trend.waitFor({ state: 'detached' })
    await page.getByRole('group', { name: 'Tags of the trend' }).getByRole('button', { name: 'vibration' }).click()
    await trend.waitFor()
    await page.getByText(/^(always|false to) true$/).waitFor()
    await lookAt(page, 'source-live')
    const before = await row(page, 'vibration').textContent()
    await vi.waitFor(async () => expect(await row(page, 'vibration').textContent()).not.toBe(before), PATIENCE_MS)
    await page.getByLabel('Filter the tags').fill('slow')
    await row(page, 'vibration').waitFor({ state: 'detached' })
    await page.getByText('2 tags', { exact: true }).waitFor()
    await row(page, 'running').getByText('true').waitFor()
    await page.setViewportSize({ width: 390, height: 844 })
    await page.getByRole('columnheader', { name: 'Quality' }).waitFor({ state: 'detached' })
    await row(page, 'running').getByText('Good').waitFor()
    const isWhole = 'document.querySelector("section[aria-label=Values]").scrollWidth <= innerWidth'
    expect(await page.evaluate<boolean>(isWhole), 'no sideways scroll hides the quality').toBe(true)
  })

  test(
    'paused values stay as they were, and the page requests nothing meanwhile',
    deep('the quick test of live values shows the page that is paused here'),
    async () => {
      const { page } = await visit({ path: livePath })
      await row(page, 'vibration').getByText('mm/s').waitFor()
      await page.getByRole('button', { name: 'Pause' }).click()
      await page.getByText('Paused', { exact: true }).waitFor()
      let asked = 0
      page.on('request', (request) => {
        if (request.url().endsWith('/watch')) asked += 1
      })
      const heard = page.waitForResponse((response) => response.url().endsWith('/watch'))
      await page.getByRole('button', { name: 'Resume' }).click()
      await heard
      // The first request is the one for more: none was on its way before it.
      expect(asked).toBe(1)
      await page.getByText('Live', { exact: true }).waitFor()
    },
  )

  test('a writable tag is written within its bounds and with a reason, and the dialog shows the value before and after', async () => {
    const { page } = await visit({ path: livePath })
    await page.getByRole('button', { name: 'Write setpoint' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('600 to 1800 1/min, 6 times a minute at most, read again afterwards').waitFor()
    await dialog.getByText('1450 1/min').waitFor()
    const verb = dialog.getByRole('button', { name: 'Write', exact: true })
    await dialog.getByLabel('Value (1/min)').fill('1900')
    await dialog.getByText('above what the source allows').waitFor()
    expect(await verb.getAttribute('aria-disabled')).toBe('true')
    await lookAt(page, 'source-write')
    await dialog.getByLabel('Value (1/min)').fill('1500')
    expect(await verb.getAttribute('aria-disabled')).toBe('true')
    await dialog.getByLabel('Reason').fill('tried from the console')
    await verb.click()
    await dialog.getByText('The device read the equipment again, and it has the value.').waitFor()
    await dialog.getByText('1450 1/min').waitFor()
    await vi.waitFor(async () => expect(await dialog.getByText('1500 1/min').count()).toBe(2), PATIENCE_MS)
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    await row(page, 'setpoint').getByText('1500').waitFor()
    const { rows } = await hub.client.audit.list({ action: 'source.write', newestFirst: 'true', limit: 1 })
    expect(rows[0]?.detail).toMatchObject({ tag: 'setpoint', value: 1500, reason: 'tried from the console' })
  })

  test('the dialog shows the interlock of a tag, and a rejection shows the values that it read', async () => {
    const { page } = await visit({ path: livePath })
    await page.getByRole('button', { name: 'Write valve' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('tags["setpoint"] < 100', { exact: true }).waitFor()
    await dialog.getByLabel('Value', { exact: true }).fill('1')
    await dialog.getByLabel('Reason').fill('tried from the console')
    await dialog.getByRole('button', { name: 'Write', exact: true }).click()
    await dialog.getByText('Nothing was written, because the interlock blocks it now').waitFor()
    await dialog.getByText(/is false: setpoint is 1[45]\d0/).waitFor()
    await dialog.getByText('tag_interlocked').waitFor()
    visits.forgive(/409/)
  })

  test(
    'a viewer sees the values, and the permission that writing needs',
    deep('the quick tests of sites and roles show the permission that a role lacks'),
    async () => {
      const { secret } = await hub.client.key.create({ name: 'looking', role: 'viewer' })
      const { page } = await visit({ key: secret, path: livePath })
      const write = page.getByRole('button', { name: 'Write setpoint' })
      await write.waitFor()
      expect(await write.getAttribute('aria-disabled')).toBe('true')
      await write.hover()
      await page
        .getByText(/tag\.write/)
        .first()
        .waitFor()
    },
  )

  testLine({ device: DEVICE, hub: () => hub, line: () => line, visits })

  test('a flow is uploaded with its recording; an error shows its line, and a correct flow becomes a signed version', async () => {
    const { page } = await visit({ path: '/flows' })
    await page.getByText('No flows yet').waitFor()
    await page.getByRole('link', { name: 'Upload a flow' }).first().click()
    const [flow, recording, golden] = await examples()
    const broken = flow.toString('utf8').replace('kind: filter', 'kind: filtre')
    await drop(page, [{ name: 'flow.yaml', bytes: Buffer.from(broken) }])
    await page.getByText('flow.yaml, line 10').waitFor()
    expect(await page.getByRole('button', { name: 'Upload', exact: true }).getAttribute('aria-disabled')).toBe('true')
    await drop(page, [
      { name: 'flow.yaml', bytes: flow },
      { name: 'recording.jsonl', bytes: recording },
    ])
    await page.getByText('A recording and its golden file belong together').waitFor()
    await drop(page, [
      { name: 'flow.yaml', bytes: flow },
      { name: 'recording.jsonl', bytes: recording },
      { name: 'golden.json', bytes: golden },
    ])
    await page.getByText('pump-vibration, 13 parts').waitFor()
    await lookAt(page, 'flow-upload')
    await page.getByRole('button', { name: /^Step severity/ }).waitFor()
    await page.getByText('pump-vibration: a new flow').waitFor()
    await page.getByLabel('Aliases').fill('champion')
    await page.getByRole('button', { name: 'Upload', exact: true }).click()
    await page.getByText('pump-vibration:1 is signed and ready').waitFor()
    const { version } = await hub.client.model.push(await pushedFromHere())
    // The command line makes the very same version of these files.
    expect(version.version).toBe(1)
  })

  test("flows are listed with their devices; a flow's page shows its graph, and the progress of each device", async () => {
    const { page } = await visit({ path: '/flows' })
    await page.getByRole('button', { name: 'Deploy pump-vibration' }).click()
    await expect.poll(() => page.getByLabel('Name of the deployment').inputValue()).toBe('pump-vibration')
    await hub.client.deployment.apply({
      name: 'pump-vibration',
      deployable: 'pump-vibration',
      probation: { seconds: 0 },
    })
    await page.goto('/flows')
    await page.getByText('1 of 1 healthy').waitFor()
    await lookAt(page, 'flows')
    await page.getByRole('link', { name: 'pump-vibration' }).first().click()
    await page.getByRole('heading', { level: 1, name: 'pump-vibration' }).waitFor()
    const device = page.getByRole('row', { name: new RegExp(DEVICE) })
    await device.getByText('version 1').waitFor()
    await lookAt(page, 'flow')
    await page.getByRole('link', { name: 'Download recording.jsonl' }).waitFor()
    await page.getByText('skerry flow replay flow.json recording.jsonl --expect golden.json').waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('f')
    await page.getByRole('heading', { level: 1, name: 'Flows' }).waitFor()
  })

  test('a running flow shows the rates of its lines, its newest values, and the queues of its sinks', async () => {
    const { page } = await visit({ path: '/flows/pump-vibration' })
    await page.getByRole('link', { name: `Live values on ${DEVICE}` }).click()
    await page.getByText('Running', { exact: true }).waitFor()
    await page.getByText('Live', { exact: true }).waitFor()
    const drawing = page.locator('svg text')
    await drawing.filter({ hasText: /\/s$/ }).first().waitFor()
    const vibration = page.getByRole('button', { name: /^Input vibration [0-9.]+ mm\/s$/ })
    await vibration.waitFor()
    const before = await vibration.textContent()
    await vi.waitFor(async () => expect(await vibration.textContent()).not.toBe(before), PATIENCE_MS)
    await vibration.click()
    await page.getByRole('region', { name: 'The newest values of vibration' }).waitFor()
    await page.getByRole('row', { name: /^Step level \[/ }).waitFor()
    await lookAt(page, 'flow-live')
    // The waiting values, their age, and the lost ones: none here.
    await page.getByRole('row', { name: /^This hub Up .*none$/ }).waitFor()
    for (const figure of ['Waiting', 'Lost']) await page.getByRole('columnheader', { name: figure }).first().waitFor()
  })

  test(
    'the last values stay when the device disappears, and are marked as old, with the reason',
    deep('a device that goes away and comes back takes long; web-console shows a hub that does in the quick tier'),
    async () => {
      const { page } = await visit({ path: livePath })
      await row(page, 'setpoint').getByText('Good').waitFor()
      await agent.stop()
      await page.getByText(/The last answer came .* ago/).waitFor()
      await page.getByRole('alert').waitFor()
      await row(page, 'setpoint').getByText('Good').waitFor()
      agent = await agent.again()
      await page.getByText('Live', { exact: true }).waitFor()
      // The browser logs each answer that reports a device as away or busy.
      visits.forgive(/status of (429|5\d\d)/)
    },
  )
})
