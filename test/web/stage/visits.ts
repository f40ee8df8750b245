/** Web visits: who looks at the hubs of a test file, with what must not happen to any of them. */
import type { Browser, Page } from 'playwright-core'
import { afterEach, expect } from 'vitest'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { arrive, newVisitor, type Visit, type Visitor } from './browser.ts'

/** A hub in this process, or a program of its own. */
export type VisitedHub = Pick<TestHub, 'url' | 'ownerKey'> | { url: string; connection: { key?: string } }

export type VisitOptions = Partial<Omit<Visit, 'url'>> & {
  /** The owner's where absent; null for somebody who does not sign in. */
  key?: string | null
  /** The title of the page that they come to without a path; that of an operator is another one. */
  landing?: string
  /** Where they go, signed in already. */
  path?: string
}

/** For the tests of the file, or of the `describe` in which it is called. `browser` gives the one that is open by then. */
export function openVisits(browser: () => Browser) {
  const visitors: Visitor[] = []
  const hubs: TestHub[] = []
  const forgiven: RegExp[] = []

  /** Whatever a test does: nothing is said on the console, and nobody else is asked. A hub outlives those who look at it. */
  afterEach(async () => {
    const patterns = forgiven.splice(0)
    const problems = visitors
      .flatMap((visitor) => visitor.problems)
      .filter((line) => !patterns.some((pattern) => pattern.test(line)))
    for (const visitor of visitors.splice(0)) await visitor[Symbol.asyncDispose]()
    for (const hub of hubs.splice(0)) await hub[Symbol.asyncDispose]()
    expect(problems).toEqual([])
  })

  return {
    /** A hub that ends with the test. */
    openHub: async () => {
      const hub = await startTestHub()
      hubs.push(hub)
      return hub
    },
    /** Somebody new, who leaves with the test. */
    visit: async (
      hub: VisitedHub,
      { key = ownerKeyOf(hub), path, landing = 'Overview', ...options }: VisitOptions = {},
    ) => {
      const visitor = await newVisitor(browser(), { url: hub.url, ...options })
      visitors.push(visitor)
      if (key !== null) await arrive(visitor, key, path ?? '/')
      else if (path !== undefined) await visitor.page.goto(path)
      if (key !== null || path !== undefined) await titleOf(visitor.page, path === undefined ? landing : undefined)
      return visitor
    },
    /** What the browser itself tells its console of answers that the test wanted, once or again: a page asks anew when its stream opens. */
    forgive: (pattern: RegExp) => void forgiven.push(pattern),
  }
}

const ownerKeyOf = (hub: VisitedHub) => ('ownerKey' in hub ? hub.ownerKey : (hub.connection.key ?? ''))

/** Waits for the title: the landing's, or any. By its element, since a title behind a dialog has no role. */
async function titleOf(page: Page, landing?: string): Promise<void> {
  const title = page.locator('h1')
  await (landing === undefined ? title : title.filter({ hasText: landing })).waitFor()
}
