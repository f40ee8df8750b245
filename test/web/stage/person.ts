/** Web person: somebody who signs in by hand. */
import type { Page } from 'playwright-core'
import { PASSWORD } from '../../../apps/hub/test/stage/person.ts'

/** Types address and password; what follows may be the inside, or a code. */
export async function typePassword(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.goto('/sign-in')
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Signs in, and waits until the overview stands. */
export async function enterAs(page: Page, email: string, password = PASSWORD): Promise<void> {
  await typePassword(page, email, password)
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
}

/** The secret that the page shows to whoever cannot scan it. */
export async function shownSecret(page: Page): Promise<string> {
  await page.getByRole('img', { name: 'The secret as a QR code' }).waitFor()
  return ((await page.locator('code').textContent()) ?? '').replaceAll(' ', '')
}
