/**
 * Approvals in a real browser: a second person sees the requests that wait for them, in words, and answers with a
 * reason.
 */
import { deep } from '@skerry/testkit/tier'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asBrowser, joinPerson, newPerson } from '../../../apps/hub/test/stage/person.ts'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { joinDevice } from '../../../apps/hub/test/stage/test-device.ts'
import { modelBytes, push, unary } from '../../../apps/hub/test/stage/test-model.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { lookAt } from '../stage/look.ts'
import { enterAs } from '../stage/person.ts'
import { openVisits, type VisitOptions } from '../stage/visits.ts'

type Ask = (method: string, path: string, body?: unknown) => Promise<{ status: number; body: { message?: string } }>

let hub: TestHub
let browser: Browser
let ann: Ask
let editor: { id: string }
const visits = openVisits(() => browser)

const WISH = { deployable: 'pump', selector: 'site.name == "plant"' }
const CAREFUL = { ...WISH, strategy: { waves: [{ name: 'canary', limit: 1, soakSeconds: 3_600 }] } }

describe.skipIf(!hasBrowser)('approvals', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub()])
    for (const site of ['plant', 'lab']) await joinDevice(hub, { site })
    await push(hub, 'pump', modelBytes(unary('Relu')))
    await joinPerson(hub, 'olga@example.com', hub.invitation)
    ann = asBrowser(hub, await newPerson(hub, 'ann@example.com', 'administrator')) as Ask
    for (const [name, role] of Object.entries({ sue: 'supervisor', vic: 'viewer', ed: 'editor' }))
      await newPerson(hub, `${name}@example.com`, role)
    const { rows } = (await hub.ask<{ rows: { id: string; email: string }[] }>('GET', '/v1/users')).body
    editor = rows.find(({ email }) => email === 'ed@example.com') ?? { id: '' }
    await ann('PUT', '/v1/deployments/pumps', { ...WISH, selector: 'false' })
    const rules = { deployments: 'site.name == "plant"', batches: true, roles: true }
    expect((await hub.ask('PUT', '/v1/approval-rules', { body: rules })).status).toBe(200)
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
  })

  const person = async (name: string, options?: VisitOptions) => {
    const { page } = await visits.visit(hub, { key: null, ...options })
    await enterAs(page, `${name}@example.com`)
    return page
  }

  /** The request that the rejection names. */
  const held = async (asked: ReturnType<Ask>) => {
    const { status, body } = await asked
    expect(status, body.message).toBe(409)
    return /^apr_[a-z2-7]+/.exec(String(body.message))?.[0] ?? ''
  }

  // By its element: elements behind a dialog have no role.
  const link = (page: Page) => page.locator('nav a[href="/approvals"]')

  const drawerOf = async (page: Page, request: string, title: string | RegExp) => {
    await page.goto(`/approvals?request=${request}`)
    const drawer = page.getByRole('dialog', { name: title })
    await drawer.getByText(request).first().waitFor()
    return drawer
  }

  /** Why it may not be used. */
  const reasonOf = async (page: Page, button: Locator) => {
    expect(await button.getAttribute('aria-disabled')).toBe('true')
    await button.hover()
    return page.locator('#tooltip').textContent()
  }

  const answer = async (page: Page, verb: string, reason: string) => {
    await page.getByRole('dialog').getByRole('button', { name: verb, exact: true }).click()
    const question = page.getByRole('dialog', { name: /\?$/ })
    expect(await question.getByRole('button', { name: verb, exact: true }).isDisabled()).toBe(true)
    await question.getByLabel('Reason').fill(reason)
    await question.getByRole('button', { name: verb, exact: true }).click()
    await question.waitFor({ state: 'detached' })
  }

  test('a production deployment appears at once for approvers, as a list of changes, and takes effect when approved', async () => {
    const sue = await person('sue')
    await link(sue).waitFor()
    expect(await link(sue).textContent()).toBe('Approvals')
    const request = await held(ann('PUT', '/v1/deployments/pumps', CAREFUL))
    await sue.getByRole('link', { name: 'Approvals 1 waiting' }).click()
    await sue.getByRole('link', { name: 'Open: Apply the deployment pumps, requested by ann' }).click()
    await expect.poll(() => new URL(sue.url()).searchParams.get('request')).toBe(request)
    const drawer = sue.getByRole('dialog', { name: 'Apply the deployment pumps' })
    await drawer.getByText(/asks for the newest version of pump on/).waitFor()
    await drawer.getByRole('row', { name: /selector false site.name == "plant"/ }).waitFor()
    await drawer
      .getByRole('row', { name: /canary/ })
      .first()
      .waitFor()
    await answer(sue, 'Approve', 'agreed in the change board')
    await drawer.getByText('agreed in the change board').waitFor()
    await expect.poll(() => link(sue).textContent()).toBe('Approvals')
    expect((await ann('PUT', '/v1/deployments/pumps', CAREFUL)).status).toBe(200)
    await drawer.getByText('Done', { exact: true }).waitFor()
    const { rows } = (await hub.ask<{ rows: object[] }>('GET', '/v1/audit?action=approval.approve')).body
    expect(rows).toMatchObject([{ actor: { name: 'sue' }, detail: { reason: 'agreed in the change board' } }])
  })

  test('a requester cannot approve, sees the reason, and can withdraw the request', async () => {
    const request = await held(ann('DELETE', '/v1/deployments/pumps'))
    const page = await person('ann')
    expect(await link(page).textContent()).toBe('Approvals')
    const drawer = await drawerOf(page, request, 'Remove the deployment pumps')
    await drawer.getByText('1 device in its rollout now').waitFor()
    const approve = drawer.getByRole('button', { name: 'Approve' })
    expect(await reasonOf(page, approve)).toBe(
      'you cannot approve this, because you requested or created it; another person has to',
    )
    await answer(page, 'Withdraw', 'was the wrong one')
    await drawer.getByText('was the wrong one').waitFor()
    expect(await drawer.getByRole('button', { name: /Approve|Withdraw/ }).count()).toBe(0)
  })

  test(
    'a change of role lists the gained permissions; a supervisor cannot approve it, an owner can',
    deep('the quick tests show a request of another kind, and the hub tests who may approve a role'),
    async () => {
      const request = await held(ann('PUT', `/v1/users/${editor.id}/role`, { role: 'supervisor' }))
      const sue = await person('sue')
      expect(await link(sue).textContent()).toBe('Approvals')
      const seen = await drawerOf(sue, request, 'Change the role of a person')
      expect(await reasonOf(sue, seen.getByRole('button', { name: 'Approve' }))).toBe(
        'to approve this, you also need the permission user.write',
      )
      const olga = await person('olga')
      const drawer = await drawerOf(olga, request, 'Change the role of a person')
      await drawer.getByText('ed, ed@example.com').waitFor()
      await drawer.getByText('Gains').waitFor()
      await drawer.getByText('batch.send').waitFor()
      await answer(olga, 'Deny', 'not yet')
      await seen.getByText('not yet').waitFor()
    },
  )

  test(
    'requests for keys, invitations, roles and batches are in words, filtered by the address, and kept afterwards',
    deep('the quick tests show requests for deployments, whose drawer is the same'),
    async () => {
      for (const refused of [
        ann('PUT', '/v1/deployments/pumps', { ...CAREFUL, version: '1' }),
        ann('PUT', `/v1/users/${editor.id}/role`, { role: 'supervisor' }),
      ])
        await hub.ask('POST', `/v1/approvals/${await held(refused)}/deny`, { body: { reason: 'not yet' } })
      await held(ann('POST', '/v1/keys', { name: 'robot', role: 'editor', expiresInSeconds: 86_400 }))
      await held(ann('POST', '/v1/invitations', { role: 'viewer', email: 'new@example.com' }))
      await held(
        ann('POST', '/v1/roles', { name: 'night-shift', permissions: ['fleet.read'], scope: 'site.name == "lab"' }),
      )
      const { body } = (await ann('POST', '/v1/batches', {
        command: { kind: 'collect-logs' },
        selector: 'true',
      })) as never as {
        body: { id: string }
      }
      await ann('POST', `/v1/batches/${body.id}/sign`, {})
      await held(ann('POST', `/v1/batches/${body.id}/send`, {}))
      const olga = await person('olga')
      await olga.goto('/approvals?status=pending&sort=what')
      const look = async (what: string, ...texts: string[]) => {
        await olga.getByRole('link', { name: `Open: ${what}` }).click()
        const drawer = olga.getByRole('dialog', { name: what })
        for (const text of texts) await drawer.getByText(text, { exact: true }).first().waitFor()
        await olga.keyboard.press('Escape')
        await drawer.waitFor({ state: 'detached' })
      }
      await look('Create an API key', 'robot', 'editor', 'deployment.write', '1 day')
      await look('Invite a person', 'new@example.com', 'viewer', '1')
      await look('Create a role', 'night-shift', 'fleet.read', 'site.name == "lab"')
      await look('Send a batch', 'Collect logs', '2 devices: true')
      await olga.getByLabel('Status').selectOption('denied')
      await olga.getByRole('link', { name: 'Open: Apply the deployment pumps, requested by ann' }).first().waitFor()
      await olga.getByLabel('Filter the requests').fill('approval.action == "user.setRole"')
      await olga.getByText(/^[12] requests?$/).waitFor()
      await expect.poll(() => olga.url()).toContain('q=approval.action')
      await olga.getByLabel('Status').selectOption('expired')
      await olga.getByText('No request has this status').waitFor()
    },
  )

  test(
    'a missing permission and a missing request are both reported',
    deep('the quick tests of sites and receivers show the permission that a role lacks'),
    async () => {
      const vic = await person('vic')
      await vic.goto('/approvals')
      await vic.getByText('You cannot do this, because the role viewer lacks approval.read').waitFor()
      const ed = await person('ed')
      await ed.goto('/approvals?request=apr_aaaaaaaaaaaaaaaa')
      await ed.getByText('There is no such request').waitFor()
      await ed.goto('/approvals?request=nonsense')
      await ed.getByText('There is no such request').waitFor()
      visits.forgive(/status of 404/)
    },
  )

  test(
    'no approvals page breaks a rule of accessibility in either theme, by keyboard and on a tablet',
    deep('the quick test of the console looks at every page on a tablet, in one theme'),
    async () => {
      const request = await held(ann('PUT', '/v1/deployments/pumps', { ...CAREFUL, version: '1' }))
      const page = await person('olga')
      await page.keyboard.press('g')
      await page.keyboard.press('p')
      const open = page.getByRole('link', { name: 'Open: Apply the deployment pumps, requested by ann' }).first()
      await open.waitFor()
      await lookAt(page, 'approvals')
      const drawer = await drawerOf(page, request, 'Apply the deployment pumps')
      await drawer
        .getByRole('row', { name: /canary/ })
        .first()
        .waitFor()
      await lookAt(page, 'approval')
      await page.goto('/approvals?tab=rules')
      await page.getByLabel('Batches').waitFor()
      await page.getByText('1 device of 2').waitFor()
      await lookAt(page, 'approvals-rules')
      await page.setViewportSize({ width: 820, height: 1180 })
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    },
  )

  test('an owner switches two-person rules on and off, and sees their effect first', async () => {
    const admin = await person('ann')
    await admin.goto('/approvals?tab=rules')
    const save = admin.getByRole('button', { name: 'Save' })
    await save.waitFor()
    expect(await reasonOf(admin, save)).toContain('organisation.write')
    const page = await person('olga')
    await page.goto('/approvals')
    await page.getByRole('link', { name: 'Rules' }).click()
    await page.getByLabel('Batches').uncheck()
    await page.getByLabel('Audit log').check()
    await page.getByRole('button', { name: 'Save' }).click()
    const question = page.getByRole('dialog')
    await question.getByText('Switched off: batches. That raises an alert. Switched on: audit log.').waitFor()
    await question.getByRole('button', { name: 'Save' }).click()
    await page.getByText('The rules apply from now on').waitFor()
    expect((await hub.ask('GET', '/v1/approval-rules')).body).toMatchObject({
      deployments: 'site.name == "plant"',
      batches: false,
      roles: true,
      audit: true,
    })
  })
})
