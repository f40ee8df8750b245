/** Web visits: who looks at the hubs of a test file, with what must not happen to any of them. */
import type { Browser } from 'playwright-core'
import { afterEach, expect } from 'vitest'
import { startTestHub, type TestHub } from '../apps/hub/test/running-hub.ts'
import { newVisitor, signIn, type Visit, type Visitor } from './web-browser.ts'

/** A hub in this process, or a program of its own. */
export type VisitedHub = Pick<TestHub, 'url' | 'ownerKey'> | { url: string; connection: { key?: string } }

export type VisitOptions = Partial<Omit<Visit, 'url'>> & {
  /** The owner's where absent; null for somebody who does not sign in. */
  key?: string | null
  /** The title of the page that they come to; that of an operator is another one. */
  landing?: string
  /** Where they go once they are signed in. */
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
    visit: async (hub: VisitedHub, { key = ownerKeyOf(hub), path, landing, ...options }: VisitOptions = {}) => {
      const visitor = await newVisitor(browser(), { url: hub.url, ...options })
      visitors.push(visitor)
      if (key !== null) await signIn(visitor, key, landing)
      if (path !== undefined) await goTo(visitor, path)
      return visitor
    },
    /** What the browser itself tells its console of answers that the test wanted, once or again: a page asks anew when its stream opens. */
    forgive: (pattern: RegExp) => void forgiven.push(pattern),
  }
}

const ownerKeyOf = (hub: VisitedHub) => ('ownerKey' in hub ? hub.ownerKey : (hub.connection.key ?? ''))

async function goTo({ page }: Visitor, path: string): Promise<void> {
  await page.goto(path)
  // By its element: what is behind a dialog has no role.
  await page.locator('h1').waitFor()
}
