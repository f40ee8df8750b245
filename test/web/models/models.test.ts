/** The pages of models and versions in a real browser: aliases, removal, comparison, accessibility. */
import { deep } from '@skerry/testkit/tier'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { until } from '../../../examples/stage/wait.ts'
import { hasBrowser } from '../stage/browser.ts'
import { checkThemes, lookAt } from '../stage/look.ts'
import { drop, goldenFile, largeModel, unaryModel } from '../stage/models-files.ts'
import { beginUpload, modelsStage } from '../stage/models-stage.ts'
import { slowLine } from '../stage/slow-line.ts'

/** Eleven pieces and a part of one: enough to be looked at in the middle. */
const WEIGHTS = 6_000_000

const never = new AbortController().signal

describe.skipIf(!hasBrowser)('the pages of models', () => {
  const stage = modelsStage()

  test('aliases are set, moved and removed, and the page shows their effect', async () => {
    const client = stage.client()
    await stage.pushUnary({ name: 'pump', operator: 'Relu' })
    await stage.pushUnary({ name: 'pump', operator: 'Tanh' })
    await client.model.setAlias({ name: 'pump', alias: 'best', version: '1' })
    await client.deployment.apply({ name: 'pumps', deployable: 'pump', version: '@best', probation: { seconds: 1 } })
    const { page } = await stage.visit()
    await page.goto('/models/pump')
    await page.getByRole('listitem', { name: '@best' }).getByRole('button', { name: 'Move', exact: true }).click()
    await page.getByLabel('Version', { exact: true }).selectOption('2')
    await page.getByText('@best points to version 1 now, and will point to version 2.').waitFor()
    await page.getByText('No deployment changes by itself').waitFor()
    await page.getByRole('dialog').getByRole('link', { name: 'pumps (version 1)' }).waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Set' }).click()
    await page.getByText('@best points to version 2', { exact: true }).waitFor()
    await page.getByRole('listitem', { name: '@best' }).getByRole('link', { name: 'version 2' }).waitFor()
    await page.getByRole('button', { name: 'Set an alias' }).click()
    await page.getByLabel('Alias', { exact: true }).fill('challenger')
    await page.getByRole('dialog').getByRole('button', { name: 'Set' }).click()
    await page.getByRole('listitem', { name: '@challenger' }).getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('@challenger is removed').waitFor()
    expect((await client.model.get({ name: 'pump' })).deployable.aliases).toEqual({ best: 2 })
  })

  test('a version in use is not removed and its users are named; an unused one is removed, and lineage shows it', async () => {
    const client = stage.client()
    await stage.pushUnary({ name: 'pump', operator: 'Elu' })
    await stage.pushUnary({
      name: 'tuned',
      operator: 'Sigmoid',
      lineage: { parents: [{ name: 'pump', version: '3' }] },
    })
    await until(
      'the device serves version 1',
      async () => ((await client.model.serving({ name: 'pump' })).rows.length > 0 ? true : undefined),
      never,
    )
    const { page } = await stage.visit()
    await page.goto('/models/pump/versions/1')
    await page.getByRole('link', { name: 'hamburg-press' }).waitFor()
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('dialog', { name: 'pump:1 is in use' }).getByRole('link', { name: /pumps/ }).waitFor()
    await page.keyboard.press('Escape')
    await page.goto('/models/pump/versions/3')
    await page.getByRole('region', { name: 'Made from it' }).getByRole('link', { name: 'tuned:1' }).waitFor()
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByLabel('Type pump:3 to confirm').fill('pump:3')
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('heading', { level: 1, name: 'pump', exact: true }).waitFor()
    await page.goto('/models/tuned/versions/1')
    await page.getByRole('region', { name: 'Made from' }).first().getByText('removed').waitFor()
    await page.goto('/models/tuned')
    await page.getByRole('button', { name: 'Remove' }).first().click()
    await page.getByLabel('Type tuned to confirm').fill('tuned')
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('heading', { level: 1, name: 'Models' }).waitFor()
    // The test leaves the page first, so that the page does not request a model that is being removed.
    const answer = () => client.model.get({ name: 'tuned' }).catch(({ code }) => code)
    await expect.poll(answer).toBe('model_unknown')
  })

  test('two versions are compared, in either order', async () => {
    await stage.pushUnary({ name: 'pump', operator: 'Softplus', input: 'pressure' })
    const { page } = await stage.visit()
    await page.goto('/models/pump')
    await page.getByRole('link', { name: 'Compare version 4 with 2' }).click()
    await page.getByText('Callers of the first break').waitFor()
    await page.getByText('input pressure is new, and callers do not give it').waitFor()
    const operators = page.getByRole('table', { name: 'Operators and opsets' })
    await operators.getByRole('row', { name: /removed operator Tanh/ }).waitFor()
    await page.getByRole('button', { name: 'Swap' }).click()
    await operators.getByRole('row', { name: /added operator Tanh/ }).waitFor()
    expect(page.url()).toMatch(/a=4&b=2/)
    await page.getByLabel('From').selectOption('1')
    await page.getByText('Callers of the first can call the second').waitFor()
    await page.getByLabel('From').selectOption('2')
    await page.getByText('There is no difference').waitFor()
  })

  test(
    'two versions are compared by the numbers of their outputs, and run on other golden inputs',
    deep('apps/cli/test/model-diff.test.ts compares numbers; the quick test compares two versions on the page'),
    async () => {
      const golden = [
        [-1, 0.5, 2],
        [1, 1, 1],
      ]
      await stage.pushUnary({ name: 'numbers', operator: 'Relu', golden })
      await stage.pushUnary({ name: 'numbers', operator: 'Tanh', golden })
      await stage.pushUnary({ name: 'numbers', operator: 'Abs', golden: [[-3, 4]] })
      const { page } = await stage.visit()
      await page.goto('/models/numbers/compare')
      await expect.poll(() => page.getByLabel('From', { exact: true }).inputValue()).toBe('2')
      expect(await page.getByLabel('To', { exact: true }).inputValue()).toBe('3')
      await page.goto('/models/numbers/compare?a=1&b=2')
      await page.getByText('6 of 6 values outside of the tolerance').waitFor()
      await page.getByText('These are the stored outputs. Nothing ran for this.').waitFor()
      // Case 1 differs most: relu(2) - tanh(2) = 1.036.
      const first = page.getByRole('region', { name: 'Case 1: y' })
      await first.getByText('3 of 3 values outside of the tolerance').first().waitFor()
      const rows = await first.getByRole('table').getByRole('row').allTextContents()
      expect(rows.at(-1)).toBe('[2]0.96402821.036')
      await page.getByRole('button', { name: /^Case 2: largest difference 0\.2384/ }).click()
      await page.getByRole('region', { name: 'Case 2: y' }).waitFor()
      const use = page.getByRole('table', { name: 'Size, deployments and latency' })
      await use.getByRole('row', { name: /Runs now on 0 devices 0 devices/ }).waitFor()
      await checkThemes(page, 'compare by numbers')
      await page.getByLabel('To', { exact: true }).selectOption('3')
      await page.getByText('The hub ran numbers:1 on the golden inputs of numbers:3.').waitFor()
      await page.getByText('1 of 2 values outside of the tolerance').first().waitFor()
      await page.getByText('2 cases of numbers:1 left out, because numbers:3 has other inputs.').waitFor()
    },
  )

  test(
    'versions are filtered and sorted, in the address',
    deep('the quick tests of audit and security show filters that stand in the address'),
    async () => {
      for (const operator of ['Relu', 'Tanh', 'Elu', 'Softplus']) await stage.pushUnary({ name: 'sorted', operator })
      const { page } = await stage.visit()
      await page.goto('/models/sorted')
      const table = page.getByRole('table', { name: 'Versions' })
      await table.getByRole('row').nth(3).waitFor()
      await page.getByLabel('Filter versions').fill('version.number < 3')
      await expect.poll(() => table.getByRole('row').count()).toBe(3)
      await table.getByRole('button', { name: 'Version' }).click()
      await expect.poll(() => page.url()).toMatch(/q=.*sort=/)
    },
  )

  test(
    'a viewer sees all versions, and can change nothing',
    deep('the quick tests of sites and roles show the permission that a role lacks'),
    async () => {
      await stage.pushUnary({ name: 'seen', operator: 'Relu' })
      const { secret } = await stage.client().key.create({ name: 'looker', role: 'viewer' })
      const { page } = await stage.visit({ key: secret })
      await page.goto('/models/seen/versions/1')
      const remove = page.getByRole('button', { name: 'Remove' })
      expect(await remove.getAttribute('aria-disabled')).toBe('true')
      await page.goto('/models/upload')
      await drop(page, [{ name: 'model.onnx', bytes: unaryModel('Abs') }])
      await page.getByText('No golden inputs').waitFor()
      const upload = page.getByRole('button', { name: 'Upload', exact: true })
      expect(await upload.getAttribute('aria-disabled')).toBe('true')
      expect(await upload.getAttribute('data-tooltip')).toBe(
        'You cannot do this, because the role viewer lacks model.write',
      )
    },
  )

  test(
    'no models page breaks a rule of accessibility in either theme',
    deep('the quick test of the console looks at every page on a tablet, in one theme'),
    async () => {
      for (const operator of ['Relu', 'Tanh', 'Elu']) await stage.pushUnary({ name: 'press', operator })
      await stage.pushUnary({ name: 'press', operator: 'Softplus', input: 'pressure' })
      await stage.client().model.setAlias({ name: 'press', alias: 'best', version: '2' })
      const { page } = await stage.visit()
      const look = async (name: string) => {
        await page.locator('main:not(:has([aria-label=Loading]))').waitFor()
        await lookAt(page, name)
      }
      await page.goto('/models/upload')
      await page.getByText('Drop the model here').waitFor()
      await look('upload-empty')
      const line = await slowLine(page)
      await drop(page, [...largeModel(WEIGHTS, 0.1), goldenFile({ x: [[1, 2, 3]] })])
      await page.getByText('1 golden case').waitFor()
      await page.getByLabel('Model', { exact: true }).fill('reader')
      await page.getByLabel('Parents').fill('press:2')
      await page.getByLabel('Source code').fill('https://git.example/reader')
      await page.getByLabel('Commit').fill('4f2c1e')
      await look('upload')
      await beginUpload(page)
      await line.reaches(5)
      await look('uploading')
      line.go(Number.POSITIVE_INFINITY)
      await page.getByText(/is signed and ready/).waitFor()
      await look('uploaded')
      await page.goto('/models/press')
      await page.getByRole('row').nth(3).waitFor()
      await look('model-versions')
      await page.getByRole('listitem', { name: '@best' }).getByRole('button', { name: 'Move', exact: true }).click()
      await page.getByLabel('Version', { exact: true }).selectOption('4')
      await page.getByText('and will point to version 4').waitFor()
      await look('alias')
      await page.goto('/models/press/compare?a=2&b=4')
      await page.getByText('Callers of the first break').waitFor()
      await look('compare')
      await page.goto('/models/reader/versions/1')
      await page.getByText('Case 1 of 1').waitFor()
      await look('version-whole')
    },
  )

  test(
    'a tablet shows them without a sideways scroll',
    deep('the quick test of the console shows that every page fits a tablet'),
    async () => {
      for (const operator of ['Relu', 'Tanh']) await stage.pushUnary({ name: 'wide', operator })
      const { page } = await stage.visit({ width: 820, height: 1180 })
      const paths = ['/models/upload', '/models/wide', '/models/wide/versions/1', '/models/wide/compare?a=1&b=2']
      for (const path of paths) {
        await page.goto(path)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await page.locator('main:not(:has([aria-label=Loading]))').waitFor()
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), path).toBe(true)
        // The table of versions keeps the devices in sight.
        if (path === '/models/wide') await expect.poll(() => hiddenPx(page, 'Versions')).toBeLessThanOrEqual(0)
      }
    },
  )
})

/** The width of a table that only a sideways scroll shows. */
const hiddenPx = (page: Page, label: string): Promise<number> =>
  page.evaluate<number>(`(() => {
    const table = [...document.querySelectorAll('main section[aria-label="${label}"]')].at(-1)
    return table ? table.scrollWidth - table.clientWidth : Infinity
  })()`)
