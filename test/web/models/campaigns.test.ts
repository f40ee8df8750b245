/** Campaigns in a real browser, with real agents: a person watches a model learn, pauses it, and opens its version. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@skerry/testkit/free-port'
import { until } from '@skerry/testkit/until'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { PIXELS, readDigits, rowsOfClasses, untrainedNetwork, writeIdx } from '../../../examples/federated/digits.ts'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../../examples/stage/fleet.ts'
import { pushModel } from '../../../examples/stage/push.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes } from '../stage/look.ts'
import { openVisits } from '../stage/visits.ts'

const DEVICES = ['ward-1', 'ward-2'] as const

let folder: string
let hub: HubProgram
let agents: AgentProgram[] = []
let browser: Browser
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('campaigns', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-web-campaigns-'))
    ;[browser, hub] = await Promise.all([sharedBrowser(), newHubHome(folder).then(startHub)])
    const digits = await readDigits(3_000)
    const cache = `127.0.0.1:${await freePort()}`
    agents = await Promise.all(
      DEVICES.map(async (device, at) => {
        const path = join(folder, `${device}-rows`)
        await writeIdx(path, rowsOfClasses(digits, [0, 1, 2], 60, at * 60))
        const options = ['--training-data', `digits:any=${path}`, ...(at === 0 ? ['--site-cache', cache] : [])]
        return startAgent(hub, { site: { name: 'hamburg', kind: 'onprem', country: 'DE' }, device, folder, options })
      }),
    )
    await pushModel(hub, { name: 'digits', bytes: untrainedNetwork(3, 16) })
    await hub.client.settings.set({ settings: 'site:hamburg', spec: { siteCaches: [`ward-1=${cache}`] } })
    await agents[0]?.waitFor('site_cache_listens')
    await hub.client.deployment.apply({ name: 'clinics', deployable: 'digits', version: '1', selector: 'false' })
  })
  afterAll(async () => {
    await Promise.all(agents.map((agent) => agent.stop()))
    await hub?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  test('a person watches a model learn, pauses and resumes it, and opens the version', async () => {
    const { client } = hub
    const { page } = await visits.visit(hub, { path: '/campaigns' })
    await page.getByText('No campaigns yet').waitFor()
    const data = { name: 'digits', type: 'uint8' as const, scale: 1 / 255, shape: [PIXELS], classes: 10 }
    const spec = { name: 'ward', model: 'digits', data, rounds: 3, deadlineSeconds: 60, seed: 4 }
    await until(async () => (await client.campaign.create({ spec, dryRun: true })).eligible === 2)
    // The browser logs the refused check.
    visits.forgive(/status of 422/)
    await declareInForm(page)
    await page.getByRole('link', { name: 'ward', exact: true }).click()
    await page.getByRole('button', { name: 'Pause' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Reason').fill('look at the first round')
    await dialog.getByRole('button', { name: 'Pause' }).click()
    await page.getByText('Paused', { exact: true }).waitFor()
    await page.getByText('look at the first round').waitFor()
    await page.getByRole('button', { name: 'Resume' }).click()

    await page.getByRole('link', { name: 'Version 2' }).waitFor()
    await page.getByRole('img', { name: /^Accuracy by round: 4 points, from / }).waitFor()
    await page.getByRole('img', { name: /^Loss by round: 7 points, from / }).waitFor()
    const rounds = page.getByRole('table', { name: 'Rounds' })
    await rounds.getByRole('row', { name: /^3 \d.* 2 of 2, 2 in sums / }).waitFor()
    await rounds.getByRole('button', { name: '2', exact: true }).click()
    await page.getByRole('heading', { name: 'Devices of round 2' }).waitFor()
    await page.getByText('the cache of each site adds the updates of its site').waitFor()
    await page.getByRole('row', { name: /^ward-1 Counted in the sum of ward-1 162 .*as in round 1$/ }).waitFor()
    await page.getByRole('row', { name: /^ward-2 Counted in the sum of ward-1 162 / }).waitFor()
    await page.getByRole('row', { name: /^ward-2 yes 180 files$/ }).waitFor()
    await page.getByRole('img', { name: 'hamburg: 2 counted' }).waitFor()
    // Another strategy on the same data, for a comparison.
    await client.campaign.create({ spec: { ...spec, name: 'adam', rounds: 1, strategy: { kind: 'fedadam' } } })
    await until(async () => (await client.campaign.get({ name: 'adam' })).campaign.phase === 'done')
    await page.reload()
    await page.getByLabel('Compare with').selectOption('adam, fedadam')
    await page.getByRole('img', { name: /^Accuracy by round: 6 points, from / }).waitFor()
    await page.getByText('ward, fedavg').first().waitFor()
    await checkThemes(page, 'a campaign')
    await page.getByRole('link', { name: 'Version 2' }).click()
    await page.getByText('campaign ward, round 3').first().waitFor()
    await page.goto(`${hub.url}/campaigns`)
    await page.getByRole('row', { name: /^ward Done 3 of 3/ }).waitFor()
    await page.getByRole('row', { name: /^adam Done 1 of 1/ }).waitFor()
    await checkThemes(page, 'campaigns')

    await page.getByRole('link', { name: 'Surveys' }).click()
    await page.getByText('No surveys yet').waitFor()
    const { scale: _, ...counted } = data
    const columns = [{ name: 'pixel', low: 0, high: 255, bins: 16 }]
    await client.survey.create({ spec: { name: 'brightness', data: counted, columns, deadlineSeconds: 60 } })
    await page.goto(`${hub.url}/surveys`)
    await page.getByRole('row', { name: /^brightness Done digits .* 360 rows of 2 devices$/ }).waitFor()
    await page.getByRole('link', { name: 'brightness' }).click()
    await page.getByRole('img', { name: /^pixel: 0 below, \d/ }).waitFor()
    await page.getByRole('table', { name: 'Classes' }).getByRole('row', { name: /^2 / }).waitFor()
    await page.getByRole('row', { name: /^ward-1 Counted/ }).waitFor()
    await checkThemes(page, 'a survey')
  })
})

/** A person fills the form, sees that masks need a third device and that a median has no sums, and starts a mean with sums. */
async function declareInForm(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'New campaign' }).click()
  const form = page.getByRole('dialog')
  const fields = { Name: 'ward', Data: 'digits', 'Shape of a row': '784', Classes: '10', Scale: '0.003921569' }
  for (const [label, text] of Object.entries(fields)) await form.getByLabel(label, { exact: true }).fill(text)
  await form.getByLabel('Model').selectOption('digits')
  await form.getByLabel('Deploy the result to').selectOption('clinics')
  await form.getByLabel('Deploy the result to').selectOption('No deployment')
  await form.getByLabel('Type of the rows').selectOption('uint8')
  await form.getByLabel('Rounds').fill('3')
  await form.getByLabel('Updates at least').fill('2')
  await form.getByLabel('Epochs').fill('60')
  await form.getByLabel('Mask the updates: the hub receives their sum only').check()
  await form.getByRole('button', { name: 'Check devices' }).click()
  await form.getByText('set participants.minimum to 3 or more').waitFor()
  await form.getByLabel('Mask the updates: the hub receives their sum only').uncheck()
  await form.getByLabel('Strategy').selectOption('Median')
  await form.getByLabel('Updates at least').fill('3')
  await form.getByLabel('Sum at each site: its site cache adds the updates, and could change the sum').check()
  await form.getByRole('button', { name: 'Check devices' }).click()
  await form.getByText('median needs the update of each device').waitFor()
  await form.getByLabel('Strategy').selectOption('Mean (FedAvg)')
  await form.getByLabel('Updates at least').fill('2')
  await form.getByRole('button', { name: 'Check devices' }).click()
  await form.getByText('2 devices may take part now.').waitFor()
  await form.getByText('180 rows (files)').first().waitFor()
  await checkThemes(page, 'a new campaign')
  await form.getByRole('button', { name: 'Start' }).click()
  await page.getByText('ward has started').waitFor()
}
