/**
 * Builds: in a real browser, a person optimises a version by clicks, follows the progress, compares the builds, deploys
 * one and removes another.
 */
import { readFile } from 'node:fs/promises'
import type { BenchCommand } from '@skerry/contract/builds/bench-command'
import type { Build, Optimisation } from '@skerry/contract/builds/build'
import type { Measurement } from '@skerry/contract/builds/measurement'
import type { Deployment } from '@skerry/contract/deployments/deployment'
import { deep } from '@skerry/testkit/tier'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BatchDevice } from '../../../apps/hub/test/stage/batch-device.ts'
import type { TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import {
  BARE,
  EYE,
  image,
  joinLine,
  joinMeter,
  METER_CLASS,
  openBuildsFleet,
  rangesOf,
  reportOn,
  serveSlowly,
} from '../stage/builds-fleet.ts'
import { checkThemes } from '../stage/look.ts'
import { openVisits } from '../stage/visits.ts'

const VERSION = `/models/${EYE}/versions/1`

let browser: Browser
let hub: TestHub
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('builds in the console', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), openBuildsFleet()])
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
  })

  test('a person optimises a version by clicks, and sees each recipe and its result', async () => {
    const { page } = await visits.visit(hub, { path: VERSION })
    await page.getByText('No builds yet. Optimise the version').waitFor()
    await page.getByRole('button', { name: 'Optimise' }).click()
    await page.getByRole('heading', { level: 1, name: `Optimise ${EYE}:1` }).waitFor()
    await choose(page, ['matmul-4bit-int8', 'static-int8-percentile', 'static-int8-entropy', 'static-int8-minmax'])
    await page.getByText('no recipe needs ranges').waitFor()
    await choose(page, ['static-int8-minmax'])
    await page.getByText('6 golden cases').waitFor()
    const start = page.getByRole('button', { name: 'Start the optimisation' })
    await page.getByLabel('Agreement, at least').fill('99')
    await page.getByText('A share from 0 to 1, such as 0.99').waitFor()
    expect(await start.getAttribute('aria-disabled')).toBe('true')
    await page.getByLabel('Agreement, at least').fill('0.99')
    await page.getByText('At most 1 % of the answers may change.').waitFor()
    await checkThemes(page, 'the wizard of an optimisation')
    await start.click()
    await page.getByRole('heading', { level: 1, name: `Optimisation of ${EYE}:1` }).waitFor()
    await page.getByRole('row', { name: /^float16 Admitted/ }).waitFor()
    await page.reload()
    await page.getByText('4 of 4 recipes done, 3 admitted').waitFor()
    await page.getByRole('row', { name: /^matmul-4bit output y: 0 of its rows agree.* Refused/ }).waitFor()
    const worst = page.getByRole('list', { name: 'Worst nodes of matmul-4bit' })
    await worst.getByText(/^.* of 5, fewer bits$/).waitFor()
    await worst.getByText(/ σ$/).waitFor()
    await checkThemes(page, 'an optimisation that has ended')
    await page.getByRole('link', { name: 'See the builds' }).click()
    await page.getByRole('heading', { level: 1, name: `Builds of ${EYE}:1` }).waitFor()
    await page
      .getByRole('img', { name: /^Agreement by Size\. On the frontier: .*float16.*Refused: matmul-4bit\./ })
      .waitFor()
    const builds = page.getByRole('table', { name: 'Builds' })
    await builds.getByRole('row', { name: /^float16 19\.7 KiB 0\.50 1 / }).waitFor()
    await page.getByRole('table', { name: 'Refused recipes' }).getByText('goal 0.99 or 0.05 σ').waitFor()
    await page.getByRole('list', { name: 'Worst nodes of matmul-4bit' }).getByRole('listitem').waitFor()
    await page.getByLabel('Vertical axis').selectOption('difference')
    await page.getByRole('img', { name: /^Difference/ }).waitFor()
    expect(page.url()).toContain('measure=difference')
    await checkThemes(page, 'the builds of a version')
    await page.getByRole('button', { name: 'float16', exact: true }).click()
    await page.getByRole('dialog').getByText('Fidelity of each output').waitFor()
    await checkThemes(page, 'the details of a build')
    await page.keyboard.press('Escape')
    await page.goto(VERSION)
    await page.getByRole('link', { name: /^float16 / }).waitFor()
    await checkThemes(page, 'a version with builds')
  })

  test('a person deploys a build, cannot remove it, and removes another one', async () => {
    const { page } = await visits.visit(hub, { path: `${VERSION}/builds` })
    await page.getByRole('button', { name: 'Deploy the build dynamic-int8' }).click()
    const form = page.getByLabel('Form of the model')
    const { rows } = (await hub.ask<{ rows: Build[] }>('GET', `/v1${VERSION}/builds`)).body
    const deployed = rows.find(({ recipe }) => recipe === 'dynamic-int8')
    await page.getByRole('option', { name: /^dynamic-int8, / }).waitFor({ state: 'attached' })
    expect(await form.inputValue()).toBe(deployed?.id)
    await form.selectOption('best')
    await page.getByText('Each class gets the build that is the fastest there').waitFor()
    await form.selectOption('smallest')
    await page.getByText('Each class gets the smallest build that is no slower there').waitFor()
    await form.selectOption({ label: 'The version itself' })
    await page.getByText('Devices get the version as it was pushed.').waitFor()
    await form.selectOption(deployed?.id ?? '')
    await checkThemes(page, 'the choice of a form in the wizard')
    await page.goto(`/deploy?model=${EYE}&version=1&build=${deployed?.id}&step=review`)
    await page.getByText(`in its build ${deployed?.id}`).waitFor()
    await page.getByRole('button', { name: 'Deploy', exact: true }).last().click()
    await page.getByRole('heading', { level: 1, name: EYE }).waitFor()
    const { body } = await hub.ask<Deployment>('GET', `/v1/deployments/${EYE}`)
    expect(body.spec.build).toBe(deployed?.id)

    visits.forgive(/status of 409/)
    await page.goto(`${VERSION}/builds`)
    await removeBuild(page, 'dynamic-int8')
    await page.getByText(`These deployments use it: ${EYE}.`).waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click()
    await page
      .getByRole('alert')
      .getByText(`a deployment uses the build, or may roll back to it: ${EYE} needs it`)
      .waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await removeBuild(page, 'static-int8-minmax')
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByText('The build static-int8-minmax is removed').waitFor()
    await page.getByRole('button', { name: 'static-int8-minmax', exact: true }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'float16', exact: true }).waitFor()
  })

  test('a person measures the builds on a device, and sees the figures of its class', async () => {
    using meter = await joinMeter(hub)
    const { page } = await visits.visit(hub, { path: `${VERSION}/builds` })
    await page.getByText('No device has measured the builds').waitFor()
    await page.getByRole('button', { name: 'Measure on devices' }).click()
    await page.getByRole('heading', { level: 1, name: `Measure ${EYE}:1` }).waitFor()
    await page.getByRole('checkbox', { name: 'dynamic-int8' }).waitFor()
    await page.getByLabel('Selector').fill('device.name == "press-1"')
    await page.getByLabel('Time in seconds, at most').fill('1')
    await page.getByText('A whole number of seconds from 5 to 300').waitFor()
    await page.getByLabel('Time in seconds, at most').fill('30')
    await page.getByText('1 device').waitFor()
    await page.getByRole('checkbox', { name: 'Try batches of rows, too' }).check()
    await checkThemes(page, 'a new measurement')
    await page.getByRole('button', { name: 'Create the batch' }).click()
    await page.getByRole('heading', { level: 1, name: 'Measure a model' }).waitFor()
    await confirm(page, 'Sign')
    await confirm(page, 'Send')
    await answerBench(page, meter)
    await page.goto(`${VERSION}/builds`)
    const measured = page.getByRole('table', { name: `Measurements on ${METER_CLASS}` })
    await measured
      .getByRole('row', { name: /^dynamic-int8 Chosen.* 4 ms 4\.5 ms × 2\.00 1\.94 to 2\.06 .* press-1/ })
      .waitFor()
    await measured.getByText('Chosen').waitFor()
    await page.getByText('Devices of this class get: dynamic-int8.').waitFor()
    await measured.getByRole('row', { name: /^float16 .*output y differs by 0\.7 –/ }).waitFor()
    await page.getByLabel('Goal with priority').selectOption('smallest')
    await measured.getByText('Chosen').waitFor()
    await page.getByLabel('Goal with priority').selectOption('best')
    await page.getByLabel('Horizontal axis').selectOption('time')
    await page.getByRole('img', { name: /^Agreement by Time \(p50\)\. On the frontier: dynamic-int8/ }).waitFor()
    await checkThemes(page, 'the measurements of a version')
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download as JSON' }).click()
    const file = await (await download).path()
    const { rows } = JSON.parse(await readFile(file, 'utf8')) as { rows: Measurement[] }
    expect(new Set(rows.map(({ device }) => device))).toEqual(new Set(['press-1']))
  })

  test('a person lets a device compute ranges, and optimises with them', async () => {
    using line = await joinLine(hub)
    const { page } = await visits.visit(hub, { path: `${VERSION}/optimise` })
    await page.getByText('Compute ranges on devices').click()
    await page.getByText('No capture keeps rows of this model yet').waitFor()
    await page.getByLabel('Rows of a device, at most').fill('7')
    await page.getByText('A whole number from 8 to 512').waitFor()
    await page.getByLabel('Rows of a device, at most').fill('64')
    await page.getByLabel('Devices', { exact: true }).fill('device.name == "line-1"')
    await checkThemes(page, 'the form of ranges from devices')
    await page.getByRole('button', { name: 'Create the batch' }).click()
    await page.getByRole('heading', { level: 1, name: 'Calibrate a model' }).waitFor()
    await confirm(page, 'Sign')
    await confirm(page, 'Send')
    let job = await line.next()
    while (job.kind !== 'do') job = await line.next()
    expect(await line.done(job, { output: JSON.stringify(rangesOf(40)) })).toBe(true)
    await page.getByText('1 succeeded').first().waitFor()
    await page.getByRole('link', { name: `Optimise ${EYE}:1 with these ranges` }).click()
    await page.getByRole('option', { name: /^Devices: 1 of 1 answered, / }).waitFor({ state: 'attached' })
    await page.getByText('40 rows of devices').waitFor()
    await page.getByLabel('Ranges from').selectOption({ label: 'Golden cases of the version' })
    await page.getByText('6 golden cases').waitFor()
    await page.getByLabel('Ranges from').selectOption({ label: await optionOf(page, /^Devices: 1 of 1/) })
    await page.getByText('40 rows of devices').waitFor()
    await page.getByRole('button', { name: 'Start the optimisation' }).click()
    await page.getByRole('heading', { level: 1, name: `Optimisation of ${EYE}:1` }).waitFor()
    const { rows } = (await hub.ask<{ rows: Optimisation[] }>('GET', `/v1/optimisations?name=${EYE}`)).body
    expect(rows[0]?.calibration).toMatchObject({ origin: 'devices', rows: 40 })
    await page.getByRole('button', { name: 'Cancel', exact: true }).click()
    await page.getByRole('button', { name: 'Cancel the optimisation' }).click()
    await page.getByText('The optimisation is cancelled').waitFor()
  })

  test(
    'a person gives a file of rows for the ranges, and the optimisation names its digest',
    deep('a third origin of ranges; test/models/calibration.test.ts gives rows of a file in the quick tier'),
    async () => {
      const { page } = await visits.visit(hub, { path: `${VERSION}/optimise` })
      await page.getByLabel('Ranges from').selectOption({ label: 'A file of rows' })
      const start = page.getByRole('button', { name: 'Start the optimisation' })
      expect(await start.getAttribute('aria-disabled')).toBe('true')
      const file = page.getByLabel('File of rows')
      const fileOf = (cases: unknown[]) => ({
        name: 'rows.json',
        mimeType: 'application/json',
        buffer: Buffer.from(JSON.stringify({ cases })),
      })
      const wrong = { inputs: { x: { datatype: 'FP32', shape: [1], data: 'AACAPw==' } } }
      await file.setInputFiles(fileOf([{ inputs: { other: wrong.inputs.x } }]))
      await page.getByText(/other/).first().waitFor()
      visits.forgive(/status of 422/)
      await file.setInputFiles(fileOf([wrong, wrong]))
      await page.getByText('calibration_invalid').waitFor()
      await checkThemes(page, 'a file of rows that does not fit')
      await file.setInputFiles(fileOf([5, 6, 7].map((seed) => image(seed))))
      await page.getByText('rows.json: 3 rows. The hub has them.').waitFor()
      await page.getByText('3 rows of a file').waitFor()
      await checkThemes(page, 'a file of rows for the ranges')
      await start.click()
      await page.getByRole('heading', { level: 1, name: `Optimisation of ${EYE}:1` }).waitFor()
      const { rows } = (await hub.ask<{ rows: Optimisation[] }>('GET', `/v1/optimisations?name=${EYE}`)).body
      expect(rows[0]?.calibration).toMatchObject({ origin: 'data-set', rows: 3 })
      await page.getByRole('button', { name: 'Cancel', exact: true }).click()
      await page.getByRole('button', { name: 'Cancel the optimisation' }).click()
      await page.getByText('The optimisation is cancelled').waitFor()
    },
  )

  test('a person cancels an optimisation, and its recipes are not made', async () => {
    const { page } = await visits.visit(hub, { path: `${VERSION}/optimise` })
    await page.getByRole('button', { name: 'Start the optimisation' }).click()
    await page.getByRole('button', { name: 'Cancel', exact: true }).click()
    await page.getByRole('button', { name: 'Cancel the optimisation' }).click()
    await page.getByText('The optimisation is cancelled').waitFor()
    await page.getByText('Not made').first().waitFor()
    await page.getByRole('button', { name: 'Optimise' }).waitFor()
  })

  test('a device that is slower than the goal leads a person to a new optimisation, filled in', async () => {
    const { page } = await visits.visit(hub, { path: `${VERSION}/optimise?agreement=0.98&p95=5&recipes=float16` })
    await page.getByText('no recipe needs ranges').waitFor()
    await page.getByRole('button', { name: 'Start the optimisation' }).click()
    await page.getByText('1 of 1 recipe done, 1 admitted').waitFor()
    await serveSlowly(hub, 9_000)
    await page.goto(`${VERSION}/builds`)
    await page.getByText('within 9 ms, and the goal of').waitFor()
    await checkThemes(page, 'a version that is slower than its goal')
    await page.getByRole('link', { name: 'See the proposed optimisation' }).click()
    await page.getByText('Proposed, because a device answers 95 % of its requests within 9 ms only').waitFor()
    expect(await page.getByLabel('Agreement, at least').inputValue()).toBe('0.98')
    expect(await page.getByLabel('p95 in ms, less than (optional)').inputValue()).toBe('5')
    expect(await page.getByRole('checkbox', { name: 'float16' }).isChecked()).toBe(false)
    expect(await page.getByRole('checkbox', { name: 'matmul-4bit', exact: true }).isChecked()).toBe(true)
    await checkThemes(page, 'a proposed optimisation')
  })

  test('a viewer sees the builds, and the permission that each action needs', async () => {
    const body = { name: 'looker', role: 'viewer' }
    const made = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body })
    const { page } = await visits.visit(hub, { path: `${VERSION}/builds`, key: made.body.secret })
    const missing = 'You cannot do this, because the role viewer lacks build.write'
    for (const name of ['Optimise', 'Remove the build float16']) {
      const button = page.getByRole('button', { name, exact: true })
      // A page that scrolls closes a tooltip.
      await button.scrollIntoViewIfNeeded()
      await button.hover()
      await page.getByRole('tooltip').getByText(missing).waitFor()
      expect(await button.getAttribute('aria-disabled')).toBe('true')
    }
    await page.goto(`/models/${EYE}`)
    await page.getByRole('button', { name: 'Optimise' }).waitFor()
    expect(await page.getByRole('button', { name: 'Optimise' }).getAttribute('aria-disabled')).toBe('true')
  })

  test('a version without golden cases says how to add them', async () => {
    const { page } = await visits.visit(hub, { path: `/models/${BARE}/versions/1/optimise` })
    await page.getByText('This version has no golden cases').waitFor()
    await page.getByText(`skerry model push model.onnx --name ${BARE} --golden golden.json`).waitFor()
    await checkThemes(page, 'a version that cannot be optimised')
    await page.goto(`/models/${BARE}/versions/1/builds`)
    await page.getByRole('link', { name: 'Upload a version with golden cases' }).click()
    await page.getByRole('heading', { level: 1, name: /^Upload/ }).waitFor()
  })
})

/** Reports as a device on which dynamic-int8 is twice as fast, and float16 gives wrong answers. */
async function answerBench(page: Page, meter: BatchDevice): Promise<void> {
  const { pathname } = new URL(page.url())
  const { command } = (await hub.ask<{ command: BenchCommand }>('GET', `/v1${pathname}`)).body
  expect(command.batches).toBe(true)
  const { rows } = (await hub.ask<{ rows: Build[] }>('GET', `/v1${VERSION}/builds`)).body
  const fast = rows.filter(({ recipe }) => recipe === 'dynamic-int8').map(({ id }): [string, number] => [id, 2])
  let job = await meter.next()
  while (job.kind !== 'do') job = await meter.next()
  const output = JSON.stringify(reportOn(command, new Map(fast)))
  expect(await meter.done(job, { output })).toBe(true)
}

/** The whole text of the option. */
async function optionOf(page: Page, name: RegExp): Promise<string> {
  const text = await page.getByRole('option', { name }).textContent()
  return text ?? ''
}

/** Agrees in the dialog of an action. */
async function confirm(page: Page, verb: string): Promise<void> {
  await page.getByRole('button', { name: verb, exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: verb, exact: true }).click()
}

/** Ticks or clears the boxes of these recipes. */
async function choose(page: Page, recipes: readonly string[]): Promise<void> {
  for (const recipe of recipes) await page.getByRole('checkbox', { name: recipe, exact: true }).click()
}

const removeBuild = (page: Page, recipe: string): Promise<void> =>
  page.getByRole('button', { name: `Remove the build ${recipe}` }).click()
