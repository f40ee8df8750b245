/**
 * Strategy in a real browser: every field of a deployment's strategy, from a person's input to the hub and back; and
 * the message to a person whose data another person has changed meanwhile. The devices are rows.
 */
import type { Deployment, DeploymentSpec, Strategy } from '@skerry/contract/deployments/deployment'
import { deep } from '@skerry/testkit/tier'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { axeViolations, hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { FREE_MODEL, MODEL, openDeployFleet } from '../stage/deploy-fleet.ts'
import { openVisits } from '../stage/visits.ts'

let browser: Browser
let hub: TestHub
const visits = openVisits(() => browser)

/** The input of a person, the message while it is wrong, and its value at the hub. */
const PACE = [
  { label: 'Devices a minute', wrong: 'fast', said: 'a rate such as 100', right: '10 x2 per 50 proved up to 400' },
  { label: 'Devices that change at once', wrong: 'some', said: 'a budget such as 2', right: 'keep 1 per site.name' },
  { label: 'Tries after a failure', wrong: 'often', said: 'a number of tries', right: '3 after 5m' },
  { label: 'Answers compared before it serves', wrong: 'all', said: 'answers to compare', right: '50 for 5m' },
  { label: 'All switch together', wrong: 'soon', said: 'approved, or at once', right: 'approved keep 1h' },
  {
    label: 'When devices may fetch it',
    wrong: 'at night',
    said: 'a window such as 0 22',
    right: '0 22 * * *, Europe/Berlin, 4h',
  },
  {
    label: 'When they may start to serve it',
    wrong: '2 am',
    said: 'a window such as 0 2',
    right: '0 2 * * 6,0, Europe/Berlin, 2h',
  },
  { label: 'Update locks on devices', wrong: 'break', said: 'ignore, or empty', right: 'ignore' },
] as const

const WAVE = [
  {
    label: 'Gates',
    wrong: 'quick',
    said: 'gates such as error-rate',
    right: 'error-rate < 0.01 fails > 0.1 every 1m x5',
  },
  { label: 'Failures of one kind', wrong: 'many', said: 'rejected 2', right: 'rejected 2, failed 5% of 20' },
  // Number and unit stand in two fields.
  { label: 'Deadline', wrong: 'later', said: 'a time such as 90s', right: '2d', number: '2' },
] as const

const STRATEGY = {
  onFailure: 'rollback-wave',
  offline: 'skip',
  lateJoiners: 'hold',
  rate: { basePerMinute: 10, factor: 2, per: { succeeded: 50 }, maxPerMinute: 400 },
  budget: { groupBy: 'site.name', minAvailable: 1 },
  retry: { max: 3, backoffSeconds: 300 },
  shadow: { minCompared: 50, seconds: 300 },
  switchOver: { approval: true, keepSeconds: 3600 },
  ignoreLocks: true,
  window: {
    download: { cron: '0 22 * * *', timeZone: 'Europe/Berlin', durationSeconds: 14_400 },
    install: { cron: '0 2 * * 6,0', timeZone: 'Europe/Berlin', durationSeconds: 7_200 },
  },
  waves: [
    {
      mandatory: true,
      approval: true,
      pauseAfter: true,
      deadlineSeconds: 172_800,
      analysis: [{ measure: 'error-rate', intervalSeconds: 60, count: 5, failure: 'result.value > 0.1' }],
      limits: [
        { kind: 'rejected', max: 2 },
        { kind: 'failed', max: '5%', minExecuted: 20 },
      ],
    },
  ],
} as const

const FLAGS = [
  'Mandatory: before all others, and none of its devices may fail',
  'Opens only when a person approves',
  'Pauses when it has passed',
] as const

describe.skipIf(!hasBrowser)('the strategy of a deployment', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), openDeployFleet()])
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
  })

  const visit = async (path: string) => (await visits.visit(hub, { path })).page

  /** Unfolds each part that hides the field, the outermost first, as a person does. */
  async function unfold(page: Page, label: string) {
    const field = page.getByLabel(label, { exact: true }).first()
    const folded = page.locator('details:not([open])').filter({ has: field })
    while ((await folded.count()) > 0) await folded.first().locator('> summary').click()
    return field
  }

  /** A wrong value first, which shows a message and keeps the button disabled; then the right one. */
  async function write(page: Page, { label, wrong, said, right }: (typeof PACE | typeof WAVE)[number]) {
    const field = await unfold(page, label)
    await field.fill(wrong)
    await page.getByText(said).first().waitFor()
    expect(await page.getByRole('button', { name: 'Next' }).getAttribute('aria-disabled'), label).toBe('true')
    await field.fill(right)
    await expect
      .poll(() => page.getByRole('button', { name: 'Next' }).getAttribute('aria-disabled'), { message: label })
      .not.toBe('true')
  }

  test(
    'every field of the strategy accepts input as people write it, and reports invalid input',
    deep('each rarely used field once; web-deploy deploys with the usual ones'),
    async () => {
      const page = await visit(`/deploy?model=${MODEL}&version=1&name=careful&step=how`)
      await page.getByRole('radio', { name: 'Your own' }).check()
      for (const field of [...PACE, ...WAVE]) await write(page, field)
      for (const flag of FLAGS) await page.getByLabel(flag).check()
      for (const choice of ['Roll back wave', 'Skip', 'Hold']) await page.getByRole('radio', { name: choice }).check()
      expect(await axeViolations(page)).toEqual([])
      await page.getByRole('button', { name: 'Next' }).click()
      await page.getByText('it opens only when a person approves').waitFor()
      await page.getByText('The rollout skips devices').waitFor()
      await page.getByRole('button', { name: /^Deploy/ }).click()
      await page.getByRole('heading', { level: 1, name: 'careful, revision 1' }).waitFor()
      expect((await deployment('careful')).spec.strategy).toMatchObject(STRATEGY)
    },
  )

  test(
    'the stored strategy fills the fields exactly, and applying it again changes nothing',
    deep('it reads the rarely used fields that the deep test before it has written'),
    async () => {
      const page = await visit('/deployments/careful')
      await page.getByRole('button', { name: 'Change', exact: true }).click()
      await page.getByRole('button', { name: /^How/ }).click()
      for (const { label, right, ...field } of [...PACE, ...WAVE])
        await expect
          .poll(() => page.getByLabel(label, { exact: true }).first().inputValue(), { message: label })
          .toBe('number' in field ? field.number : right)
      for (const flag of FLAGS) expect(await page.getByLabel(flag).isChecked(), flag).toBe(true)
      await page.getByRole('button', { name: /^Review/ }).click()
      await page.getByText('Nothing would change').first().waitFor()
    },
  )

  const deployment = async (name: string) => (await hub.ask<Deployment>('GET', `/v1/deployments/${name}`)).body

  /** Somebody else does it, at the same hub. */
  const meanwhile = async (path: string, body: object = { reason: 'somebody else' }) => {
    const { status } = await hub.ask('POST', path, { body })
    expect(status, path).toBe(200)
  }

  /** Opens the question, lets somebody else be quicker, and answers it. */
  async function beLate(page: Page, verb: string, others: () => Promise<void>) {
    await page.getByRole('button', { name: verb, exact: true }).click()
    const dialog = page.getByRole('dialog')
    const reason = dialog.getByLabel('Reason')
    await dialog.getByRole('button', { name: verb, exact: true }).waitFor()
    if ((await reason.count()) > 0) await reason.fill('as agreed')
    await others()
    await dialog.getByRole('button', { name: verb, exact: true }).click()
    await dialog.getByText('Nothing was done, because somebody has changed it since you opened this.').waitFor()
    visits.forgive(/412/)
    expect(await axeViolations(page)).toEqual([])
    expect(await dialog.getByRole('button', { name: verb, exact: true }).isDisabled()).toBe(true)
    await dialog.getByRole('button', { name: 'Reload' }).click()
    await dialog.waitFor({ state: 'detached' })
  }

  const deploy = async (spec: Pick<DeploymentSpec, 'name'> & { deployable: string; strategy: Partial<Strategy> }) =>
    (await hub.ask<{ deployment: Deployment }>('PUT', `/v1/deployments/${spec.name}`, { body: spec })).body.deployment

  test('a resume of a rollout that another person has ended is reported as such, and does nothing', async () => {
    const { rolloutId } = await deploy({ name: 'steered', deployable: FREE_MODEL, strategy: {} })
    await meanwhile(`/v1/rollouts/${rolloutId}/pause`)
    const page = await visit(`/rollouts/${rolloutId}`)
    await beLate(page, 'Resume', async () => {
      await meanwhile(`/v1/rollouts/${rolloutId}/resume`)
      await meanwhile(`/v1/rollouts/${rolloutId}/abort`)
    })
    await page.getByText('Aborted', { exact: true }).first().waitFor()
    const { body } = await hub.ask<{ status: string }>('GET', `/v1/rollouts/${rolloutId}`)
    expect(body.status).toBe('aborted')
  })

  test(
    'a signature of a batch that another person has signed shows it as signed, and it can be sent',
    deep('the quick test of a rollout that somebody else has ended asks the same question'),
    async () => {
      const spec = { command: { kind: 'run-diagnostics' }, selector: 'site.name == "lyon"' }
      const { id } = (await hub.ask<{ id: string }>('POST', '/v1/batches', { body: spec })).body
      const page = await visit(`/batches/${id}`)
      await beLate(page, 'Sign', () => meanwhile(`/v1/batches/${id}/sign`, {}))
      await page.getByText('To be sent').waitFor()
      await page.getByRole('button', { name: 'Send', exact: true }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).click()
      await page.getByText('Running').first().waitFor()
    },
  )

  test(
    'a cancel takes effect, whatever changed in between',
    deep('the hub tests show that an end needs no newest state'),
    async () => {
      const spec = { command: { kind: 'run-diagnostics' }, selector: 'site.name == "lyon"' }
      const { id } = (await hub.ask<{ id: string }>('POST', '/v1/batches', { body: spec })).body
      const page = await visit(`/batches/${id}`)
      await page.getByRole('button', { name: 'Cancel the batch' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Reason').fill('wrong line')
      await meanwhile(`/v1/batches/${id}/sign`, {})
      await dialog.getByRole('button', { name: 'Cancel the batch' }).click()
      await page.getByText('Cancelled').first().waitFor()
    },
  )
})
