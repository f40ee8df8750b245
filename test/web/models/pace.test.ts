/** Pace in a real browser: a rollout that waits for approval, and devices that are retried, with two real agents. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Strategy } from '@skerry/contract/deployments/deployment'
import { deep } from '@skerry/testkit/tier'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type * as z from 'zod'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../../examples/stage/fleet.ts'
import { MODEL, push, shipments } from '../../../examples/tour/shipment.ts'
import { axeViolations, hasBrowser, newVisitor, sharedBrowser, signIn } from '../stage/browser.ts'
import { SITES } from '../stage/places.ts'

let folder: string
let hub: HubProgram
let browser: Browser
const agents: AgentProgram[] = []

describe.skipIf(!hasBrowser)('the pace of a rollout', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-web-pace-'))
    ;[browser, hub] = await Promise.all([sharedBrowser(), newHubHome(folder).then(startHub)])
    for (const site of SITES) agents.push(await startAgent(hub, { site, device: `${site.name}-press`, folder }))
  })

  afterAll(async () => {
    for (const agent of agents) await agent.stop()
    await hub?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const open = async (path: string) => {
    const visitor = await newVisitor(browser, { url: hub.url })
    await signIn(visitor, hub.connection.key ?? '')
    await visitor.page.goto(path)
    return visitor
  }
  const deploy = async (version: string, strategy: z.input<typeof Strategy>) => {
    const { deployment } = await hub.client.deployment.apply({
      name: MODEL,
      deployable: MODEL,
      version,
      strategy,
      probation: { seconds: 1 },
    })
    return deployment.rolloutId
  }
  const audited = async (action: string) => (await hub.client.audit.list({ newestFirst: 'true', action })).rows[0]

  test('a wave that needs approval waits for a person, and then opens at once', async () => {
    await push(hub, shipments.first)
    const rollout = await deploy('1', {
      waves: [
        { name: 'canary', limit: 1 },
        { name: 'rest', approval: true },
      ],
    })
    await using visitor = await open(`/rollouts/${rollout}`)
    const { page } = visitor
    await page.getByText('Wave rest waits for approval').waitFor()
    expect(await axeViolations(page)).toEqual([])
    await page.getByRole('button', { name: 'Approve' }).click()
    await page.getByLabel('Reason').fill('the canary scores as before')
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click()
    await page.getByText('Done', { exact: true }).waitFor()
    expect(await audited('rollout.approve')).toMatchObject({ detail: { reason: 'the canary scores as before' } })
    expect(visitor.problems).toEqual([])
  })

  test(
    'failed devices are retried, and no others',
    deep('the hub and CLI tests show the retry; the quick tests show other questions with a reason'),
    async () => {
      await push(hub, shipments.first)
      await push(hub, shipments.broken)
      const rollout = await deploy('2', { waves: [{ name: 'canary', limit: 1 }] })
      await using visitor = await open(`/rollouts/${rollout}`)
      const { page } = visitor
      await page.getByText('Paused', { exact: true }).waitFor()
      const [failed] = (await hub.client.rollout.devices({ rollout, outcome: 'failed' })).rows
      await page.getByRole('button', { name: 'Retry failed' }).click()
      await page.getByLabel('Reason').fill('the sensor was unplugged')
      await page.getByRole('dialog').getByRole('button', { name: 'Retry failed' }).click()
      await page.getByText(`The failed devices of ${MODEL} try again`).waitFor()
      // It tries once more, with the same result: the version is bad.
      await expect
        .poll(async () => (await hub.client.device.get({ device: failed?.device ?? '' })).items[0]?.target.retryToken)
        .toBe(1)
      await expect
        .poll(async () => (await hub.client.rollout.devices({ rollout, outcome: 'failed' })).rows.length)
        .toBe(1)
      expect((await hub.client.rollout.devices({ rollout, outcome: 'waiting' })).rows).toHaveLength(1)
      expect(visitor.problems).toEqual([])
    },
  )

  test(
    'the wizard accepts rate, budget and attempts as people write them, and reports invalid ones',
    deep('the quick test of web-strategy writes every field of the strategy'),
    async () => {
      await push(hub, shipments.first)
      await using visitor = await open(`/deploy?model=${MODEL}&name=paced&step=how`)
      const { page } = visitor
      await page.getByText('Change the details').click()
      await page.getByLabel('Devices a minute').fill('fast')
      await page.getByText('a rate such as 100').waitFor()
      await page.getByLabel('Devices a minute').fill('10 x2 per 50 proved')
      await page.getByLabel('Devices that change at once').fill('1 per site.name')
      await page.getByLabel('Tries after a failure').fill('2')
      await page.getByRole('radio', { name: 'Your own' }).check()
      await page.getByLabel('Opens only when a person approves').check()
      expect(await axeViolations(page)).toEqual([])
      await page.getByRole('button', { name: /^Review/ }).click()
      await page.getByText('it opens only when a person approves').waitFor()
      await page.getByText('At any time, at most 1 of the devices with the same site.name').waitFor()
      await page.getByRole('button', { name: /^Deploy/ }).click()
      await page.getByRole('heading', { level: 1, name: 'paced, revision 1' }).waitFor()
      expect((await hub.client.deployment.get({ deployment: 'paced' })).spec.strategy).toMatchObject({
        rate: { basePerMinute: 10, factor: 2, per: { succeeded: 50 } },
        budget: { groupBy: 'site.name', maxUnavailable: 1 },
        retry: { max: 2 },
        waves: [{ approval: true }],
      })
      expect(visitor.problems).toEqual([])
    },
  )
})
