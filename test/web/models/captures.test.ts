/** Captures in a real browser, with a real agent: a person declares a capture, looks at rows and labels them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildModel, float32Tensor } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { until } from '@skerry/testkit/until'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../../../examples/stage/push.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes } from '../stage/look.ts'
import { openVisits } from '../stage/visits.ts'

const NAME = 'grader'
const DEVICE = 'press-1'

let folder: string
let hub: HubProgram
let agent: AgentProgram
let browser: Browser
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('captures', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-web-captures-'))
    ;[browser, hub] = await Promise.all([sharedBrowser(), newHubHome(folder).then(startHub)])
    agent = await startAgent(hub, { site: { name: 'hamburg', kind: 'edge' }, device: DEVICE, folder })
    const golden = { cases: [{ inputs: { x: floatTensor([1, 2], Float32Array.of(1, 0)) } }] }
    await pushModel(hub, { name: NAME, bytes: model, golden })
    const { client } = hub
    await client.deployment.apply({ name: NAME, deployable: NAME, version: '1', probation: { seconds: 0 } })
    await until(async () => (await client.deployment.get({ deployment: NAME })).rolloutStatus === 'done')
  })
  afterAll(async () => {
    await agent?.stop()
    await hub?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  test('a person declares a capture, labels rows of a device, and sees the performance', async () => {
    const { page } = await visits.visit(hub, { path: '/captures' })
    await page.getByText('No captures yet').waitFor()
    await page.getByRole('button', { name: 'New capture' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Model').selectOption(NAME)
    await dialog.getByLabel('Keep rows if').fill('sure < 1 or so')
    await dialog.getByText('Must compare confidence or an output with a number').waitFor()
    await dialog.getByLabel('Keep rows if').fill('confidence < 0.9')
    await dialog.getByLabel('Purpose').fill('find parts that are graded wrongly')
    await dialog.getByLabel('Redact').fill('x[1]')
    await dialog.getByRole('button', { name: 'Capture', exact: true }).click()
    await page.getByRole('row', { name: /^grader confidence < 0.9 find parts/ }).waitFor()
    await checkThemes(page, 'captures')
    await page.getByRole('link', { name: NAME }).click()
    await page.getByText(/^No labels of the last 30 days/).waitFor()
    await until(async () => (await hub.client.capture.devices({ name: NAME })).rows[0]?.isCurrent === true)
    for (const [at, x] of [1, 0.8, -0.5].entries()) await ask(`part-${at}`, x)

    await page.reload()
    const rows = page.locator('section').filter({ hasText: 'Rows on devices' })
    await rows.getByLabel('Device').selectOption(DEVICE)
    await rows.getByText('3 of 3 rows').waitFor()
    await rows.getByText('redacted: x[1]').first().waitFor()
    const [last, middle] = [2, 1].map((at) => rows.getByRole('listitem').filter({ hasText: `part-${at}` }))
    await last?.getByRole('button', { name: 'As predicted' }).click()
    await last?.getByRole('button', { name: 'Saved' }).waitFor()
    await middle?.getByLabel('Label of part-1').fill('1')
    await middle?.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByRole('row', { name: '1 50% – – 2', exact: true }).waitFor()
    await page.getByRole('img', { name: 'The accuracy by day: 1 point, from 50% to 50%' }).waitFor()
    await checkThemes(page, 'a capture with labels')
    expect(
      (await hub.client.capture.labels({ name: NAME })).rows.map(({ request, label }) => [request, label]),
    ).toEqual([
      ['part-1', '1'],
      ['part-2', '1'],
    ])

    await hub.client.monitor.set({ name: NAME, spec: {} })
    await page.goto(`/monitors/${NAME}`)
    await page.getByRole('link', { name: 'Rows and labels' }).click()
    await page.getByRole('heading', { level: 1, name: NAME }).waitFor()

    visits.forgive(/409 \(Conflict\).*captures\/grader\/rows/)
    await agent.stop()
    await page.reload()
    await rows.getByLabel('Device').selectOption(DEVICE)
    await rows.getByRole('alert').getByText('device_unreachable').waitFor()
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('No captures yet').waitFor()
  })
})

const model = writeModel(
  buildModel({
    opsets: { 'ai.onnx': 13 },
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
    outputs: [{ name: 'p', datatype: 'FP32', shape: [-1, 2] }],
    initialisers: [float32Tensor('w', [2, 2], Float32Array.of(1, 0, 0, 1))],
    nodes: [
      { operator: 'MatMul', inputs: ['x', 'w'], outputs: ['z'] },
      { operator: 'Softmax', inputs: ['z'], outputs: ['p'] },
    ],
  }),
)

/** Class 0 if x is positive. */
async function ask(id: string, x: number): Promise<void> {
  const body = { id, inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [x, 0] }] }
  const answer = await fetch(`${agent.restUrl}/v2/models/${NAME}/infer`, { method: 'POST', body: JSON.stringify(body) })
  expect(answer.status).toBe(200)
}
