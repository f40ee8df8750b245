/** Web look: how a page is looked at in both colour themes, within one journey. */
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { axeViolations, colourViolations, picture, THEMES, type Theme } from './browser.ts'

/**
 * Expects that axe finds nothing on the present page, in both themes, and stores the pictures of the documents if they
 * are requested.
 */
export const lookAt = (page: Page, name: string): Promise<void> =>
  inBothThemes(page, name, (theme) => picture(page, name, theme))

/** The same for a page of which the documents have no picture. */
export const checkThemes = (page: Page, what: string): Promise<void> => inBothThemes(page, what, async () => undefined)

/** Opens one page after the other and looks at each; a page has a name, a path and a title. */
export async function lookAtPages(page: Page, pages: readonly (readonly [string, string, string])[]): Promise<void> {
  for (const [name, path, title] of pages) {
    await openPage(page, path, title)
    await lookAt(page, name)
  }
}

/** Opens a page, and waits until all of it is there. */
export async function openPage(page: Page, path: string, title: string): Promise<void> {
  await page.goto(path)
  await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor()
  await page.waitForLoadState('load')
  await page.locator('main:not(:has([aria-label=Loading]))').waitFor()
}

/** Stores the pictures only: an open menu is outside of the landmarks, and axe advises against any content there. */
export async function takePictures(page: Page, name: string): Promise<void> {
  for (const theme of THEMES.toReversed()) {
    await page.emulateMedia({ colorScheme: theme })
    await picture(page, name, theme)
  }
}

/** Checks all rules in the first theme, and the rules on colours in the second one: nothing else of the page differs. */
async function inBothThemes(page: Page, what: string, look: (theme: Theme) => Promise<void>): Promise<void> {
  for (const [at, theme] of THEMES.toReversed().entries()) {
    await page.emulateMedia({ colorScheme: theme })
    const violations = at === 0 ? axeViolations : colourViolations
    expect(await violations(page), `${what}, ${theme}`).toEqual([])
    await look(theme)
  }
}
