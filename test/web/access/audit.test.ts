/**
 * The audit trail and the settings in a real browser: a long trail that is scrolled, filtered, opened, verified and
 * exported.
 */
import { readFile } from 'node:fs/promises'
import type { AuditRecord } from '@skerry/contract/audit/audit'
import { checkChain, EMPTY_CHAIN, type UnchainedRecord } from '@skerry/core/audit/audit-chain'
import { digestOf } from '@skerry/platform/files/hash'
import { deep } from '@skerry/testkit/tier'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appendAudit } from '../../../apps/hub/src/audit/audit-store.ts'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { joinDevice } from '../../../apps/hub/test/stage/test-device.ts'
import { axeViolations, hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { lookAt } from '../stage/look.ts'
import { openVisits, type VisitOptions } from '../stage/visits.ts'

const RECORDS = 3_000
/** More rows than a tall window shows, with those that wait above and below it. */
const ROWS_MAX = 80

let hub: TestHub
let browser: Browser
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('audit and settings', () => {
  beforeAll(async () => {
    ;[browser, hub] = await Promise.all([sharedBrowser(), startTestHub()])
    await fillTrail(hub)
  })

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]()
  })

  const visit = async (path: string, options?: VisitOptions) => (await visits.visit(hub, { path, ...options })).page

  test(
    'a long trail loads while a person scrolls, and keeps only visible rows',
    deep('scrolling through thousands of rows takes long, and the quick tests read the trail by filter and record'),
    async () => {
      const page = await visit('/audit')
      await page.getByText('200 records so far; scroll for older ones').waitFor()
      const first = page.getByRole('link', { name: 'Open record 1', exact: true })
      while (!(await first.isVisible())) {
        await page.evaluate(TO_END)
        await page.evaluate('new Promise((done) => requestAnimationFrame(done))')
      }
      expect(await page.getByRole('row').count()).toBeLessThan(ROWS_MAX)
    },
  )

  test('the trail is filtered by person, action, object, time and result; all filters are in the address', async () => {
    const page = await visit('/audit')
    await page.keyboard.press('/')
    await page.keyboard.type('night-shift')
    await page.getByText('30 records', { exact: true }).waitFor()
    await page.getByLabel('Action').fill('rollout.*')
    await page.getByText('15 records', { exact: true }).waitFor()
    await page.getByLabel('Result').selectOption('refused')
    await page.getByText('5 records', { exact: true }).waitFor()
    await page.getByLabel('Time').selectOption('24h')
    await page.getByText('No record matches').waitFor()
    expect(new URL(page.url()).searchParams.toString()).toBe(
      'actor=night-shift&action=rollout.*&result=refused&from=24h',
    )
    await page.reload()
    await page.getByText('No record matches').waitFor()
    await page.getByRole('button', { name: 'Clear the filter' }).click()
    await page.getByText('200 records so far').waitFor()
    await page.getByLabel('Time').selectOption('own')
    await page.getByLabel('From', { exact: true }).fill('2026-01-01T00:00')
    await page.getByLabel('Before').fill('2026-01-02T00:00')
    await page.getByText('144 records', { exact: true }).waitFor()
  })

  test('a record opens beside the list under its own address, and links to the one before', async () => {
    const page = await visit('/audit?record=1000')
    const drawer = page.getByRole('dialog', { name: 'Record 1000' })
    await drawer.getByText('"sequence": 1000').waitFor()
    await drawer.getByRole('button', { name: 'Copy JSON' }).click()
    const copied = JSON.parse(await page.evaluate<string>('navigator.clipboard.readText()')) as AuditRecord
    expect(copied).toMatchObject({ sequence: 1_000, action: 'device.relabel' })
    await drawer.getByRole('link', { name: 'Record 999' }).click()
    await page.getByRole('dialog', { name: 'Record 999' }).getByText(copied.previousHash).waitFor()
    expect(page.url()).toContain('record=999')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  test('the overview shows changes in words, with links, and the trail shows dry runs with a badge', async () => {
    const wish = { kind: 'edge', country: 'FR' }
    await hub.ask('PUT', '/v1/sites/lille', { body: wish })
    for (let tries = 0; tries < 15; tries++) {
      await hub.ask('PUT', '/v1/sites/lille', { body: { ...wish, country: 'BE', dryRun: true } })
    }
    const page = await visit('/')
    const latest = page.locator('section.card').filter({ hasText: 'Latest changes' })
    await latest.getByText('owner created the site lille').waitFor()
    await latest.getByText('created the API key looker').waitFor()
    expect(await latest.getByText('dry run').count()).toBe(0)
    expect(await latest.getByRole('listitem').count()).toBe(12)
    await latest.getByRole('link', { name: 'lille' }).click()
    await page.getByRole('heading', { name: 'lille' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/sites/lille')
    // The records of one object are complete.
    await page.getByText('owner made a dry run: change the site lille').first().waitFor()
    await page.goto('/audit?object=lille')
    await page.getByText('16 records', { exact: true }).waitFor()
    const rows = page.getByRole('row', { name: /made a dry run: change the site lille.*dry run/ })
    expect(await rows.count()).toBeGreaterThan(5)
    await rows
      .first()
      .getByRole('link', { name: /^Open record/ })
      .click()
    const drawer = page.getByRole('dialog')
    await drawer.getByText('dry run', { exact: true }).waitFor()
    await drawer.getByText('site.apply', { exact: true }).waitFor()
    expect(await axeViolations(page)).toEqual([])
  })

  test('the chain is verified, and exported as filtered: each line a record, each hash correct', async () => {
    const page = await visit('/audit')
    await page.getByRole('button', { name: 'Verify the chain' }).click()
    await page.getByText(/^Unbroken: 3,\d{3} records$/).waitFor()
    const whole = await exported(page)
    expect(whole.length).toBeGreaterThan(RECORDS)
    expect(checkChain(EMPTY_CHAIN, whole, digestOf)).toMatchObject({ ok: true })
    await page.goto('/audit?action=rollout.pause&result=ok')
    const some = await exported(page)
    expect(some.map(({ action, result }) => `${action} ${result}`)).toEqual(Array(25).fill('rollout.pause ok'))
  })

  test(
    'keys and tokens are filtered by CEL or in words, in the address',
    deep('the filters of the audit trail and of approvals show the same field in the quick tier'),
    async () => {
      const page = await visit('/settings?tab=keys')
      await page.getByRole('row', { name: /looker/ }).waitFor()
      await page.getByLabel('Filter the keys').fill('key.role == "owner"')
      await page.getByRole('row', { name: /looker/ }).waitFor({ state: 'detached' })
      await page.getByRole('row', { name: /owner.*this session/ }).waitFor()
      await expect.poll(() => page.url()).toContain('q=key.role')
      await page.getByRole('button', { name: 'How to filter' }).click()
      await page.getByText('key.revoked', { exact: true }).waitFor()
      await page.getByRole('button', { name: 'key.role == "owner" && !key.revoked' }).click()
      await expect.poll(() => page.url()).toContain('revoked')
      await page.goto('/settings?tab=tokens&q=oslo')
      await page.getByRole('row', { name: /oslo/ }).waitFor()
    },
  )

  test(
    'certificates show their names and their end, and can be downloaded',
    deep('the quick journey through both themes opens the page, and the rotation changes it'),
    async () => {
      const page = await visit('/settings?tab=certificates')
      await page.getByText('CN=Skerry hub').first().waitFor()
      const download = page.waitForEvent('download')
      await page.getByRole('link', { name: 'Download skerry-authority.pem' }).click()
      expect(await readFile(await (await download).path(), 'utf8')).toBe(hub.hub.config.caPem)
      await page.getByText(hub.hub.config.caFingerprint.slice(0, 32)).waitFor()
      await page.getByText('localhost, 127.0.0.1').waitFor()
    },
  )

  test(
    'health is checked on opening and on request; a viewer sees the missing permission',
    deep('a hub test shows the figures; the deep journey through both themes opens the page'),
    async () => {
      const page = await visit('/settings?tab=health')
      await page.getByText('Ready', { exact: true }).waitFor()
      await page.getByText(hub.data).waitFor()
      const again = page.waitForResponse(/\/v1\/health$/)
      await page.getByRole('button', { name: 'Refresh' }).click()
      expect((await again).status()).toBe(200)
      const { body } = await hub.ask<{ secret: string }>('POST', '/v1/keys', {
        body: { name: 'guest', role: 'viewer' },
      })
      const other = await visit('/settings?tab=health', { key: body.secret })
      await other.getByText('You cannot do this, because the role viewer lacks hub.read').waitFor()
    },
  )

  test(
    'all audit and settings pages are accessible in both themes',
    deep('the quick test of the console looks at every page on a tablet, in one theme'),
    async () => {
      const page = await visit('/audit')
      for (const [name, path, words] of LOOKS) {
        await page.goto(path)
        await page.getByText(words).first().waitFor()
        await lookAt(page, name)
      }
    },
  )

  test('a new authority takes over signing, and the old one is retired only after typing its name below its affected users', async () => {
    const page = await visit('/settings?tab=certificates')
    await page.getByText('No rotation is under way').waitFor()
    const requested = await hub.ask<{ id: string }>('POST', '/v1/authorities', { body: {} })
    await page.getByRole('button', { name: 'Rotate the authority' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/devices? uses? a certificate of the current authority/).waitFor()
    await dialog.getByLabel('Devices renew within').selectOption('1 hour')
    expect(await axeViolations(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Rotate the authority' }).click()
    await page.getByRole('row', { name: /first.*still valid/ }).waitFor()
    await page.getByRole('button', { name: 'Retire first' }).click()
    await dialog.getByText('People who pinned its root must sign in again').waitFor()
    const retire = dialog.getByRole('button', { name: 'Retire' })
    expect(await retire.isDisabled()).toBe(true)
    await dialog.getByLabel('Type first to confirm').fill('first')
    expect(await retire.isDisabled()).toBe(false)
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: `Discard ${requested.body.id}` }).click()
    await dialog.getByLabel(`Type ${requested.body.id}`).fill(requested.body.id)
    await dialog.getByRole('button', { name: 'Discard' }).click()
    await page.getByText(`${requested.body.id} is discarded`).waitFor()
    const { body } = await hub.ask<{ authorities: { state: string }[] }>('GET', '/v1/authorities')
    expect(body.authorities.map(({ state }) => state).sort()).toEqual(['active', 'trusted'])
  })

  test(
    'a tablet shows them without a sideways scroll',
    deep('the quick tests of roles and receivers show that the settings fit a tablet'),
    async () => {
      for (const path of ['/audit', '/settings?tab=keys', '/settings?tab=certificates', '/settings?tab=health']) {
        const page = await visit(path, { width: 820, height: 1180 })
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), path).toBe(true)
      }
    },
  )
})

const LOOKS = [
  ['audit-long', '/audit', '200 records so far'],
  ['audit-record', '/audit?record=1000&actor=night-shift', '"sequence": 1000'],
  ['certificates', '/settings?tab=certificates', 'Keys that models are signed with'],
  ['health', '/settings?tab=health', 'Event loop'],
  ['settings-keys', '/settings?tab=keys', 'looker'],
  ['settings-tokens', '/settings?tab=tokens', 'oslo'],
] as const

const TO_END = `document.querySelector('section[aria-label=Audit]').scrollTo(0, 1e9)`

/** Takes the export, and reads its lines. */
async function exported(page: Page): Promise<AuditRecord[]> {
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export', exact: true }).click()
  const text = await readFile(await (await download).path(), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as AuditRecord)
}

const BEGAN_MS = Date.UTC(2026, 0, 1) + new Date(2026, 0, 1).getTimezoneOffset() * 60_000

/** A record each ten minutes, by two shifts; a site, a key and a token to look at. */
async function fillTrail(test: TestHub): Promise<void> {
  const { store } = test.hub
  const { id: organisationId } = await store.db.selectFrom('organisations').select('id').executeTakeFirstOrThrow()
  await store.transaction(async (tx) => {
    for (let number = 0; number < RECORDS; number++) await appendAudit(tx, { organisationId, ...recordOf(number) })
  })
  await joinDevice(test, { site: 'oslo' })
  await test.ask('POST', '/v1/keys', { body: { name: 'looker', role: 'viewer' } })
}

/**
 * One of a hundred records is the night shift's. Every second one of those is a rollout's, and every third one of these
 * was rejected.
 */
function recordOf(number: number): Omit<UnchainedRecord, 'organisationId'> {
  const isRollout = number % 100 === 0 || number % 200 === 50
  const verb = number % 200 === 100 ? 'resume' : 'pause'
  return {
    atMs: BEGAN_MS + number * 600_000,
    actor: number % 100 === 50 ? NIGHT : DAY,
    action: isRollout ? `rollout.${verb}` : 'device.relabel',
    object: { kind: isRollout ? 'rollout' : 'device', id: `thing-${number % 40}` },
    source: '10.0.0.7',
    result: number % 600 === 50 ? 'rollout_event_refused' : 'ok',
    detail: { name: `press-${number % 40}`, reason: 'as planned' },
  }
}

const NIGHT = { kind: 'key', id: 'key_night', name: 'night-shift' } as const
const DAY = { kind: 'key', id: 'key_day', name: 'day-shift' } as const
