/** The playground and the log of a device in a real browser, on a real hub with a real agent that serves two models. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { elementsOfTensor } from '@skerry/client/named-tensor'
import { buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { deep } from '@skerry/testkit/tier'
import type { Browser, Page } from 'playwright-core'
import { PNG } from 'pngjs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  type AgentProgram,
  type HubHome,
  type HubProgram,
  newHubHome,
  startAgent,
  startHub,
} from '../../../examples/stage/fleet.ts'
import { pushModel } from '../../../examples/stage/push.ts'
import { MODEL, push, shipments } from '../../../examples/tour/shipment.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { lookAt } from '../stage/look.ts'
import { openVisits, type VisitOptions } from '../stage/visits.ts'

const DEVICE = 'hamburg-press'
const COLOURS = 'mean-colour'
const SIDE = 32
const PYTHON = '/usr/bin/python3'

let folder: string
let home: HubHome
let hub: HubProgram
let agent: AgentProgram
let browser: Browser
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('the playground', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-playground-'))
    home = await newHubHome(folder)
    ;[browser, hub] = await Promise.all([sharedBrowser(), startHub(home)])
    agent = await startAgent(hub, { site: { name: 'hamburg', kind: 'edge' }, device: DEVICE, folder })
    await push(hub, shipments.first)
    await pushModel(hub, { name: COLOURS, bytes: new Uint8Array(writeModel(buildModel(meanColour()))) })
    for (const model of [MODEL, COLOURS]) await serve(model)
    await writeFile(join(folder, 'red.png'), redPicture())
  })

  afterAll(async () => {
    await agent?.stop()
    await hub?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const visit = async (options?: VisitOptions) => (await visits.visit(hub, { height: 900, ...options })).page
  const at = (model: string, search = '') => `/models/${model}/versions/1/playground${search}`

  test('the page of a model leads to the playground, where a golden case stands beside the expected output', async () => {
    const page = await visit()
    await page.goto(`/models/${MODEL}`)
    const runs = page.getByRole('region', { name: 'Version 1 now' })
    await runs.getByText('1 of 1').waitFor()
    await runs.getByText('hamburg', { exact: true }).waitFor()
    await page.getByRole('link', { name: new RegExp(`^${MODEL} v1 on 1`) }).waitFor()
    await page.getByRole('link', { name: 'Playground' }).click()
    await page.getByRole('heading', { level: 1, name: `Try ${MODEL}:1` }).waitFor()
    const run = page.getByRole('button', { name: 'Run', exact: true })
    expect(await run.getAttribute('aria-disabled')).toBe('true')
    await page.getByRole('radio', { name: new RegExp(DEVICE) }).check()
    await page.waitForURL(/device=hamburg-press/)
    const ready = page.getByRole('button', { name: `Run on ${DEVICE}` })
    // The first golden case is in the form.
    await expect.poll(() => page.getByLabel('Golden case').inputValue()).toBe('0')
    await ready.click()
    const result = page.getByRole('region', { name: 'score', exact: true })
    await result.waitFor()
    const { version, golden } = await goldenOf(MODEL)
    const expected = String(Number(golden.toPrecision(6)))
    expect((await result.getByRole('cell').allTextContents()).slice(0, 2)).toEqual([expected, expected])
    await result.getByText(/^(Equal to the expected output|Within the tolerance)$/).waitFor()
    await page.getByText('on the device', { exact: true }).waitFor()
    await page.getByText('round trip', { exact: true }).waitFor()
    const command = await page.getByText(`skerry infer ${MODEL}`).textContent()
    await lookAt(page, 'playground')
    await page.setViewportSize({ width: 820, height: 1_100 })
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(820)
    await page.setViewportSize({ width: 1_280, height: 900 })
    // Every digit of a number is in sight.
    const fields = 'document.querySelectorAll("main input[inputmode=decimal]")'
    const cut = await page.evaluate<string[]>(
      `[...${fields}].filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.value)`,
    )
    expect(cut).toEqual([])
    expect(command).toContain(`skerry infer ${MODEL} --device ${DEVICE} --version ${version} --input 'window=[[`)
    // The address alone brings somebody else to the same device.
    await page.reload()
    await page.getByRole('button', { name: `Run on ${DEVICE}` }).waitFor()
    await page.getByRole('button', { name: 'Zeros' }).click()
    await page.keyboard.press('Control+Enter')
    await page.getByRole('table', { name: 'Last runs' }).waitFor()
    await page.getByRole('button', { name: 'Random' }).click()
    await page.keyboard.press('Control+Enter')
    await vi.waitFor(async () => expect(await rowsOf(page)).toBe(2), PATIENCE_MS)
  })

  test(
    'numbers are entered in fields or as JSON, and errors are shown before any request',
    deep('the quick test of the form runs a golden case; unit tests show which numbers a tensor takes'),
    async () => {
      const page = await visit()
      await page.goto(at(MODEL, `?device=${DEVICE}`))
      const section = page.getByRole('region', { name: 'window', exact: true })
      await section.getByLabel('window, element 0').fill('44.2')
      await section.getByRole('button', { name: 'JSON' }).click()
      await section.getByLabel('window as JSON').fill('[[1, 2, 3]]')
      await section.getByText('window takes the shape [any, 8, 2], but this has [1, 3]').waitFor()
      const run = page.getByRole('button', { name: `Run on ${DEVICE}` })
      expect(await run.getAttribute('aria-disabled')).toBe('true')
      await section.getByLabel('window as JSON').fill(JSON.stringify(Array.from({ length: 32 }, () => 1)))
      await run.click()
      const result = page.getByRole('region', { name: 'score', exact: true })
      await result.waitFor()
      await expect.poll(() => result.getByRole('row').count()).toBe(2)
      await result.getByRole('button', { name: 'JSON', exact: true }).click()
      expect(await result.locator('pre').textContent()).toMatch(/^\[\[[\d.e-]+\], \[[\d.e-]+\]\]$/)
    },
  )

  test('every snippet runs as it stands, through the hub and on the device', async () => {
    const page = await visit()
    await page.goto(at(MODEL, `?device=${DEVICE}`))
    const { golden } = await goldenOf(MODEL)
    const scope = page.locator('section', { has: page.getByRole('heading', { name: 'The same from a program' }) })
    await scope.getByText('skerry infer').first().waitFor()
    await writeFile(join(folder, 'ca.pem'), (await hub.client.hub.about({})).caPem)
    for (const target of ['Through the hub', 'On the device']) {
      await scope.getByRole('button', { name: target }).click()
      for (const [language, run] of Object.entries(RUNS)) {
        await scope.getByRole('button', { name: language, exact: true }).click()
        const text = (await scope.locator(`pre[aria-label=${language}]`).textContent()) ?? ''
        const printed = await run(text)
        expect(printed, `${language}, ${target}`).toMatch(/score/)
        // Shell, Python and Node write a number in several ways. The first digits are the same.
        expect(printed, `${language}, ${target}`).toContain(String(golden).slice(0, 6))
      }
    }
    expect(page.url()).toContain(hub.url)
  })

  test(
    'a picture becomes a tensor in the chosen order and range, and the best result comes first',
    deep('one kind of input; the quick test fills the form of a signature'),
    async () => {
      const page = await visit()
      await page.goto(at(COLOURS, `?device=${DEVICE}`))
      await page.getByLabel('Choose a picture: image').setInputFiles(join(folder, 'red.png'))
      await page.getByText(`red.png, scaled to ${SIDE} × ${SIDE}`).waitFor()
      const best = page.getByRole('table', { name: 'Best five' }).getByRole('row').nth(1)
      const run = page.getByRole('button', { name: `Run on ${DEVICE}` })
      await run.click()
      await best.getByText('1', { exact: true }).waitFor()
      await lookAt(page, 'playground-picture')
      expect(await best.getByRole('cell').allTextContents()).toEqual(['0', '1'])
      await page.getByLabel('Colours').selectOption('BGR')
      await page.getByLabel('Values').selectOption('bytes')
      await run.click()
      await best.getByText('255', { exact: true }).waitFor()
      expect(await best.getByRole('cell').allTextContents()).toEqual(['2', '255'])
      await page.getByText('The inputs are long, so they are in a file.').waitFor()
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Download inputs.json' }).click(),
      ])
      const saved = JSON.parse(await readFile((await download.path()) ?? '', 'utf8'))
      expect(saved.inputs[0]).toMatchObject({ name: 'image', shape: [1, 3, SIDE, SIDE] })
      // The saved file is a request that the hub accepts.
      const asked = await hub.client.device.infer({ device: DEVICE, model: COLOURS, ...saved })
      expect(asked.outputs[0] && elementsOfTensor(asked.outputs[0])).toEqual([0, 0, 255])
      await page
        .getByLabel('Choose a picture: image')
        .setInputFiles({ name: 'no.png', mimeType: 'image/png', buffer: Buffer.from('no') })
      await page.getByText('The browser cannot read this picture').waitFor()
    },
  )

  test('the log is fetched on request, filtered, copied and saved', async () => {
    const page = await visit()
    await page.goto(`/devices/${DEVICE}`)
    await page.getByText('Nothing has been fetched').waitFor()
    await page.getByRole('button', { name: 'Fetch the log' }).click()
    const table = page.getByRole('table', { name: 'Agent log' })
    // Newest first: the last line of the log is this request.
    await table.getByText('command_begun').first().waitFor()
    await table.scrollIntoViewIfNeeded()
    await lookAt(page, 'device-log')
    await page.getByLabel('Filter lines').fill('runner_ready')
    await vi.waitFor(async () => expect(await table.getByRole('row').count()).toBe(2), PATIENCE_MS)
    await page.getByRole('button', { name: 'Copy lines' }).click()
    expect(JSON.parse(await page.evaluate<string>('navigator.clipboard.readText()'))).toMatchObject({
      event: 'runner_ready',
    })
    await page.getByLabel('Level').selectOption('error')
    await page.getByText('No line fits').waitFor()
    await page.getByLabel('Level').selectOption('debug')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download', exact: true }).click(),
    ])
    expect(download.suggestedFilename()).toBe(`${DEVICE}-log.jsonl`)
    expect(await readFile((await download.path()) ?? '', 'utf8')).toMatch(/"event":"runner_ready"\}\n$/)
  })

  test(
    'a viewer sees the missing permission',
    deep('the quick tests of sites and roles show the permission that a role lacks'),
    async () => {
      const { secret } = await hub.client.key.create({ name: 'looker', role: 'viewer' })
      const page = await visit({ key: secret })
      await page.goto(at(MODEL, `?device=${DEVICE}`))
      const run = page.getByRole('button', { name: `Run on ${DEVICE}` })
      await run.focus()
      await page.getByText('You cannot do this, because the role viewer lacks model.run').first().waitFor()
      await page.goto(`/devices/${DEVICE}`)
      await page.getByRole('button', { name: 'Fetch the log' }).focus()
      await page.getByText('You cannot do this, because the role viewer lacks device.inspect').first().waitFor()
    },
  )

  test(
    'a device that disappears is reported with its code, and answers when it returns',
    deep('a device that goes away and comes back takes long; hub tests show its code'),
    async () => {
      const page = await visit()
      await page.goto(at(MODEL, `?device=${DEVICE}`))
      await page.getByRole('button', { name: 'Zeros' }).click()
      await agent.stop()
      await page.getByRole('button', { name: `Run on ${DEVICE}` }).click()
      const alert = page.getByRole('alert')
      await alert.getByText('device_unreachable').waitFor()
      expect(await alert.textContent()).toContain('the device is not connected now')
      agent = await agent.again()
      await vi.waitFor(async () => {
        await page.getByRole('button', { name: `Run on ${DEVICE}` }).click()
        await page.getByRole('region', { name: 'score', exact: true }).waitFor({ timeout: 10_000 })
      }, PATIENCE_MS)
      // The browser itself logs each rejection on its console.
      visits.forgive(/status of (409|429)/)
    },
  )
})

/** Runs a snippet in the folder that has ca.pem, as a person would. A machine without Python skips its snippets. */
const RUNS: Readonly<Record<string, (text: string) => Promise<string>>> = {
  curl: (text) => execute('sh', ['-c', text]),
  ...(existsSync(PYTHON) && { Python: (text: string) => execute(PYTHON, ['-c', text]) }),
  Node: async (text) => {
    await writeFile(join(folder, 'infer.mjs'), text)
    return execute(process.execPath, ['infer.mjs'])
  },
}

async function execute(program: string, args: readonly string[]): Promise<string> {
  const env = { ...process.env, SKERRY_KEY: hub.connection.key, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') }
  const { stdout } = await promisify(execFile)(program, args, { cwd: folder, env })
  return stdout
}

const rowsOf = (page: Page) => page.getByRole('table', { name: 'Last runs' }).locator('tbody tr').count()

async function serve(model: string): Promise<void> {
  await hub.client.deployment.apply({ name: model, deployable: model, probation: { seconds: 0 } })
  const served = async () => {
    const { items } = await hub.client.device.get({ device: DEVICE })
    return items.find((item) => item.name === model)?.serving?.version
  }
  await vi.waitFor(async () => expect(await served()).toBe(1), PATIENCE_MS)
}

/** How red, green and blue a picture is on the whole. */
function meanColour(): Parameters<typeof buildModel>[0] {
  return {
    inputs: [{ name: 'image', datatype: 'FP32', shape: [1, 3, SIDE, SIDE] }],
    outputs: [{ name: 'means', datatype: 'FP32', shape: [1, 3] }],
    nodes: [
      { operator: 'GlobalAveragePool', inputs: ['image'], outputs: ['pooled'] },
      { operator: 'Flatten', inputs: ['pooled'], outputs: ['means'] },
    ],
  }
}

/** Larger than the model takes. */
function redPicture(): Buffer {
  const png = new PNG({ width: 64, height: 48 })
  for (let at = 0; at < png.data.length; at += 4) png.data.set([255, 0, 0, 255], at)
  return PNG.sync.write(png)
}

/** The score that the hub stored for the first golden case. */
async function goldenOf(model: string) {
  const { files, version } = await hub.client.model.getVersion({ name: model, version: '1' })
  const digest = files.find(({ path }) => path === 'golden.json')?.digest
  const response = await fetch(`${hub.url}/v1/blobs/${digest}`, {
    headers: { authorization: `Bearer ${hub.connection.key}` },
  })
  const { cases } = (await response.json()) as { cases: { outputs: { score: { shape: number[]; data: string } } }[] }
  const [score] =
    elementsOfTensor({ name: 'score', datatype: 'FP32', shape: [1], data: cases[0]?.outputs.score.data ?? '' }) ?? []
  return { version, golden: Number(score) }
}
