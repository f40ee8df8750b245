/**
 * Wanted and running: in a real browser and on the command line, each screen shows the versions that the devices should
 * run and those that they run, after a rollback in mid-canary, after the end of a rollout, and for a failed late joiner.
 */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes } from '../stage/look.ts'
import { openPumps } from '../stage/pumps-fleet.ts'
import { openVisits } from '../stage/visits.ts'

/** The words of a rollout that has not ended. */
const UNENDED = /soaking|waiting|offered|pending|holding/i

let browser: Browser
let fleet: Awaited<ReturnType<typeof openPumps>>
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('wanted and running versions', () => {
  beforeAll(async () => {
    ;[browser, fleet] = await Promise.all([sharedBrowser(), openPumps()])
  })

  afterAll(async () => {
    await fleet?.hub[Symbol.asyncDispose]()
  })

  test('after a rollback in mid-canary no screen claims the new version', async () => {
    await fleet.deploy('1')
    await fleet.report(fleet.devices, 'active')
    await fleet.rolloutThat(({ status }) => status === 'done')
    await fleet.deploy('2', { waves: [{ name: 'canary', limit: 1, soakSeconds: 3_600 }] })
    await fleet.report(fleet.devices, 'active')
    await fleet.rolloutThat(({ waves }) => waves[0]?.soakingSinceMs !== undefined)
    const { page } = await visits.visit(fleet.hub, { path: '/deployments/pumps' })
    await page.getByText('v1 on 1, v2 on 1', { exact: true }).first().waitFor()
    await fleet.cli(['rollout', 'rollback', 'pumps', '--reason', 'wrong answers', '--yes'])
    await page.getByText('v1 on 2', { exact: true }).waitFor()
    await fleet.report(fleet.devices, 'active')
    await page.getByText('v1 on 2, v2 on 0', { exact: true }).waitFor()
    await page.getByRole('link', { name: 'pump:1 wanted' }).waitFor()
    await page.getByText('the specification still names pump:2', { exact: true }).waitFor()
    const notice = page.getByRole('region', { name: 'The specification names a rejected version' })
    await notice.getByText('skerry deployment rollback pumps --to 1').waitFor()
    await page.getByText(/^The deployment pumps asked for version 2 of pump/).waitFor()
    expect(await page.locator('main').textContent()).not.toMatch(/runs version 2|run it well|healthy\)/)
    await checkThemes(page, 'a deployment that was rolled back')
    await page.getByRole('row', { name: /2 in the specification asked for pump:2 no device is offered it/ }).waitFor()
    const { id } = await fleet.rolloutThat(({ status }) => status === 'rolled-back')
    await page.goto(`/rollouts/${id}`)
    const canary = page.getByRole('list', { name: 'Gates of wave canary' })
    await canary.getByText('Soak not reached').waitFor()
    await page.getByText('Undone: the hub offers the healthy device its earlier version again.').waitFor()
    await canary.getByText('Minimum reports met').waitFor()
    await page.getByRole('list', { name: 'Gates of wave rest' }).getByText('Deadline not reached').waitFor()
    await page.getByRole('listitem', { name: /^Wave rest: 1 not reached$/ }).waitFor()
    await page.getByRole('row', { name: /^Not reached device-/ }).waitFor()
    for (const text of await page.getByRole('list', { name: /^Gates of wave/ }).allTextContents())
      expect(text).not.toMatch(UNENDED)
    await page.getByRole('columnheader', { name: 'Last report on this revision' }).waitFor()
    await checkThemes(page, 'a rollout that was rolled back')
    await page.goto('/models/pump/versions/1')
    await page.getByRole('link', { name: /^pumps runs on 2 devices/ }).waitFor()
    await checkThemes(page, 'a version that runs after a rollback')
    await page.goto('/models/pump/versions/2')
    await page.getByText('No deployment uses this version.').waitFor()
    await page.getByRole('link', { name: /^pumps rolled back this version in revision 2 wrong answers/ }).waitFor()
    await page.getByText(/A deployment rejected it\. Look at the reason/).waitFor()
    await checkThemes(page, 'a version that was rolled back')
    await page.goto(`/devices/${fleet.devices[0]?.id}`)
    await page.getByText('pump:1 · revision 2 was rolled back').waitFor()
    await page.goto('/')
    await page.getByText('The spec of pumps names the version of revision 2, which was rolled back').waitFor()
    await page.goto('/models/pump')
    await page.getByRole('link', { name: /^pumps v1 on 2, v2 on 0/ }).waitFor()
    await page.goto('/models/pump/compare?a=1&b=2')
    await page.getByRole('row', { name: 'Deployments pumps none' }).waitFor()
    const shown = await fleet.cli(['rollout', 'show', 'pumps'])
    expect(shown).toContain('v1 on 2, v2 on 0')
    expect(shown).toMatch(/undone +the healthy device gets its earlier version again/)
    expect(shown).not.toMatch(UNENDED)
    expect(await fleet.cli(['deployment', 'ls'])).toMatch(/rolled-back +v1 on 2 +v1 on 2, v2 on 0/)
    expect(await fleet.cli(['deployment', 'ls'])).toMatch(/pumps +pump:1 +2 +1 +rolled-back/)
    const told = await fleet.cli(['deployment', 'show', 'pumps'])
    expect(told).toMatch(/model +pump:1\n/)
    expect(told).toMatch(/rejected +Revision 2 was rolled back\. The spec still names pump:2/)
    expect(told).toMatch(/next +skerry deployment rollback pumps --to 1\n/)
    expect(told).toMatch(/wanted +v1 on 2\nrunning +v1 on 2, v2 on 0/)
    const { use } = JSON.parse(await fleet.cli(['model', 'diff', 'pump', '1', '2', '--json']))
    expect(use).toMatchObject({ from: { deployments: ['pumps'] }, to: { deployments: [] } })
    expect(await fleet.cli(['model', 'ls'])).toMatch(/pump +model +2 +2 +v1 on 2/)
  })

  test('a device that joins a finished rollout and fails is counted everywhere', async () => {
    await fleet.deploy('2')
    await fleet.report(fleet.devices, 'active')
    const { id } = await fleet.rolloutThat(({ status }) => status === 'done')
    const [late] = await fleet.add(1)
    await fleet.rolloutThat(({ joinedLater }) => joinedLater?.waiting === 1)
    const { page } = await visits.visit(fleet.hub, { path: `/rollouts/${id}` })
    await page.getByRole('listitem', { name: 'Joined later: 1 pending' }).waitFor()
    if (late) await fleet.report([late], 'failed')
    await page.getByRole('listitem', { name: 'Joined later: 1 failed' }).waitFor()
    await page.getByText('v2 on 2, none on 1; failed on 1 of these', { exact: true }).waitFor()
    await page.getByRole('row', { name: /^Failed device-.*joined later/ }).waitFor()
    await checkThemes(page, 'a rollout with a device that joined later')
    await page.goto('/rollouts')
    await page.getByText('2 healthy; joined later: 1 failed').waitFor()
    await checkThemes(page, 'the list of rollouts')
    await page.goto('/deployments')
    await page.getByText('v2 on 2, none on 1; failed on 1 of these').waitFor()
    await checkThemes(page, 'the list of deployments')
    const table = page.getByRole('region', { name: 'Deployments' })
    await page.setViewportSize({ width: 390, height: 844 })
    await expect.poll(() => page.getByRole('columnheader').allInnerTexts()).toEqual(['Rollout', 'Name'])
    for (const path of ['/deployments', '/rollouts', '/models', '/models/pump', '/devices', '/audit']) {
      await page.goto(path)
      await page.getByRole('table').first().waitFor()
      const isWide =
        '[...document.querySelectorAll("main section")].some((each) => each.scrollWidth > each.clientWidth)'
      expect(await page.evaluate<boolean>(isWide), `${path} scrolls sideways on a phone`).toBe(false)
    }
    await page.goto('/deployments')
    await page.setViewportSize({ width: 280, height: 844 })
    await page.locator('[data-more=right]').waitFor()
    await table.evaluate((element) => void Object.assign(element, { scrollLeft: 10_000 }))
    await page.locator('[data-more=left]').waitFor()
    await page.setViewportSize({ width: 1_440, height: 900 })
    await page.goto('/models')
    await page.getByText('v2 on 2').waitFor()
    expect(await fleet.cli(['rollout', 'ls'])).toMatch(
      /done +1\/1 +2 healthy; joined later: 1 failed +v2 on 2, none on 1; failed on 1 of these/,
    )
    expect(await fleet.cli(['deployment', 'ls'])).toMatch(/done +v2 on 3 +v2 on 2, none on 1; failed on 1 of these/)
    const shown = await fleet.cli(['rollout', 'show', 'pumps'])
    expect(shown).toMatch(/joined later +1 failed/)
    expect(shown).not.toMatch(UNENDED)
  })

  test('a planned pause is no accident: every screen says what ends it, and no alert is raised', async () => {
    await fleet.deploy('1', { waves: [{ name: 'canary', limit: 1, pauseAfter: true, soakSeconds: 1 }] })
    await fleet.report(fleet.devices, 'active')
    const { id } = await fleet.rolloutThat(({ status }) => status === 'paused')
    const { page } = await visits.visit(fleet.hub, { path: `/rollouts/${id}` })
    await page.getByText('Planned pause after wave canary, which has passed; it continues when a person').waitFor()
    const canary = page.getByRole('listitem', { name: /^Wave canary/ })
    await canary.getByText('passed', { exact: true }).waitFor()
    await page.getByRole('row', { name: /Planned pause/ }).waitFor()
    expect(await page.locator('main').textContent()).not.toMatch(/by a gate|soaking/)
    await checkThemes(page, 'a rollout in its planned pause')
    await page.goto('/rollouts')
    await page.getByRole('row', { name: /^Planned pause pumps/ }).waitFor()
    await page.goto('/deployments')
    await page.getByRole('row', { name: /^Planned pause pumps/ }).waitFor()
    expect(await fleet.cli(['deployment', 'ls'])).toContain('paused as planned')
    const alerts = await fleet.hub.ask<{ alerts: { code: string }[] }>('GET', '/v1/alerts')
    expect(alerts.body.alerts.map(({ code }) => code)).not.toContain('rollout_paused')
    const shown = await fleet.cli(['rollout', 'show', 'pumps'])
    expect(shown).toMatch(/status +paused as planned\n/)
    expect(shown).toMatch(/next +skerry rollout resume pumps --reason REASON\n/)
    expect(shown).toContain(', passed')
    expect(await fleet.cli(['audit', 'ls', '--limit', '5'])).toContain('after the wave canary, as planned')
    await fleet.cli(['rollout', 'resume', 'pumps', '--reason', 'it looks right'])
    await fleet.rolloutThat(({ wave }) => wave === 1)
    await fleet.report(fleet.devices, 'active')
    await fleet.rolloutThat(({ status }) => status === 'done')
  })

  test('a rollout that waits for silent devices names them in every list', async () => {
    await fleet.deploy('1')
    await fleet.silence()
    const waits = /waits for 3 silent devices: device-\d+ and 2 more/
    const { page } = await visits.visit(fleet.hub, { path: '/' })
    await page.getByText(waits).waitFor()
    await page.goto('/rollouts')
    await page.getByText(waits).waitFor()
    await checkThemes(page, 'a list with a rollout that waits')
    await page.goto('/deployments/pumps')
    await page.getByText(waits).waitFor()
    const { id } = await fleet.rolloutThat(({ silent }) => silent?.count === 3)
    await page.goto(`/rollouts/${id}`)
    await page.getByText(/^The rollout waits for 3 silent devices/).waitFor()
    expect(await fleet.cli(['rollout', 'ls'])).toMatch(waits)
    const silent = 'v1 on 0, 3 silent (last reported v1)'
    await page.getByText(silent, { exact: true }).first().waitFor()
    for (const path of ['/deployments', '/deployments/pumps', '/rollouts', '/']) {
      await page.goto(path)
      await page.getByText(silent).first().waitFor()
    }
    await page.getByText('3 of them as silent devices last reported').waitFor()
    await page.goto('/models')
    await page.getByText('3 silent (last reported v1)', { exact: true }).waitFor()
    await page.goto('/models/pump')
    await page.getByText('0 devices, 3 silent (their last reports had it)').first().waitFor()
    await page.getByRole('row', { name: /0 \+ 3 silent/ }).waitFor()
    await page.goto('/models/pump/versions/1')
    await page.getByRole('link', { name: /^pumps runs on 0 devices, 3 silent/ }).waitFor()
    for (const words of [['deployment', 'ls'], ['deployment', 'show', 'pumps'], ['rollout', 'ls'], ['status']])
      expect(await fleet.cli(words), words.join(' ')).toContain(silent)
    expect(await fleet.cli(['status'])).toContain(
      '3 active, 0 moving, 0 failed; 3 of them as silent devices last reported',
    )
    expect(await fleet.cli(['model', 'ls'])).toMatch(/ 3 silent \(last reported v1\)/)
    expect(await fleet.cli(['model', 'show', 'pump:1'])).toMatch(/serves on +0 devices, 3 silent/)
  })
})
