/**
 * Web browser: Debian's Chromium on the pages of a hub, which notes whatever must never happen: an error on the
 * console, a request elsewhere.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SESSION_HEADER } from '@skerry/contract/api/access/session-procedures'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

const ROOT = join(import.meta.dirname, '../../..')
const CHROMIUM = '/usr/bin/chromium'

/** The Debian package `chromium` (scripts/peers.mjs). */
export const hasBrowser = existsSync(CHROMIUM)

export const THEMES = ['light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

export type Visitor = AsyncDisposable & {
  page: Page
  context: BrowserContext
  /** Events that must not happen; each line has the event and its place. */
  problems: string[]
}

export type Visit = { url: string; theme?: Theme; width?: number; height?: number }

/** Builds the pages of the console if they are old. The hub serves the built pages. */
export async function buildConsole(): Promise<void> {
  await promisify(execFile)(process.execPath, [join(ROOT, 'apps/console/scripts/build.ts'), '--if-changed'])
}

/** Builds the documentation site if it is old. The hub serves it beside the console. */
export async function buildGuide(): Promise<void> {
  await promisify(execFile)(process.execPath, [join(ROOT, 'scripts/guide/build.ts'), '--if-changed'])
}

/** The back/forward cache keeps left pages alive, as for any person. Playwright switches it off if it is not wanted. */
type BrowserOptions = { hasPageCache?: boolean }

/** Starts the browser. Without the background flags it contacts hosts of its own. */
export async function openBrowser({ hasPageCache = false }: BrowserOptions = {}): Promise<Browser> {
  const flags = ['no-sandbox', 'disable-gpu', 'disable-quic', 'no-first-run']
  // To accept unknown certificates later, by page, counts as a try of each connection, and Chromium stops after some.
  const certificates = ['ignore-certificate-errors']
  const silent = ['disable-background-networking', 'disable-component-update', 'disable-sync']
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [...flags, ...certificates, ...silent].map((flag) => `--${flag}`),
    ignoreDefaultArgs: hasPageCache ? ['--disable-back-forward-cache'] : [],
  })
}

let shared: Promise<Browser> | undefined

/**
 * The browser of all test files of this worker; it ends with the worker, and no test closes it. The workers do not
 * share one: a browser has one clipboard and one trace.
 */
export function sharedBrowser(): Promise<Browser> {
  shared ??= openBrowser()
  return shared
}

/**
 * Somebody new: without cookies, in a theme. The hub's own authority is not known to the browser, as to any stranger's.
 */
export async function newVisitor(
  browser: Browser,
  { url, theme = 'light', width = 1280, height = 800 }: Visit,
): Promise<Visitor> {
  const context = await browser.newContext({
    baseURL: url,
    ignoreHTTPSErrors: true,
    colorScheme: theme,
    reducedMotion: 'reduce',
    viewport: { width, height },
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const problems: string[] = []
  page.on('console', (message) => {
    const isProblem = message.type() === 'error' || message.type() === 'warning'
    const { url: resource } = message.location()
    if (!isProblem || isTiredOfIcon(message.text(), resource)) return
    problems.push(`${page.url()}: ${message.text()} ${resource}`)
  })
  page.on('pageerror', (error) => problems.push(`${page.url()}: ${error.message}`))
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !/^(blob|data):/.test(request.url()))
      problems.push(`asked for ${request.url()}`)
  })
  return { page, context, problems, [Symbol.asyncDispose]: () => context.close() }
}

/**
 * Chromium repeats a request for each connection with an unknown certificate, or with a request for a client
 * certificate, and stops after some tries. It loads the icon last, by itself, when the connections of a busy machine
 * come and go; no page waits for it.
 */
const isTiredOfIcon = (text: string, resource: string): boolean =>
  text.includes('net::ERR_TOO_MANY_RETRIES') && /\/(favicon\.ico|assets\/mark-[\w-]+\.svg)$/.test(resource)

/** Signs in by the link that a hub prints, and waits until the page stands that it leads to. */
export async function signIn({ page }: Visitor, key: string, landing = 'Overview'): Promise<void> {
  await page.goto(`/sign-in#key=${key}`)
  await page.getByRole('heading', { level: 1, name: landing }).waitFor()
}

/**
 * Opens the page as somebody who has signed in before, so that neither the sign-in page nor the overview has to be
 * loaded.
 */
export async function arrive({ page, context }: Visitor, key: string, path: string): Promise<void> {
  const headers = { [SESSION_HEADER]: '1' }
  const answer = await context.request.post('/v1/session', { data: { key }, headers })
  const { expiresAtMs } = (await answer.json()) as { expiresAtMs: number }
  // The same note as the sign-in page makes (apps/console/src/hub/session-hint.ts); the script must not write it again
  // on later pages.
  const note = `localStorage.setItem('skerry-session-until', '${expiresAtMs}')`
  await using _ = await page.addInitScript(note)
  await page.goto(path)
}

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** The violations of WCAG 2.2 AA that axe finds on the present page; each line is a rule and its place. */
export const axeViolations = (page: Page): Promise<string[]> => violationsOf(page, RULES)

/**
 * The violations of the rules that compare colours. A page that has no other violation in one theme has none in the
 * other theme: only its colours differ.
 */
export const colourViolations = (page: Page): Promise<string[]> => violationsOf(page, COLOUR_RULES)

async function violationsOf(page: Page, rules: object): Promise<string[]> {
  await settle(page)
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(await readFile(axePath, 'utf8'))
  const violations = await page.evaluate<Violation[]>(
    `axe.run(document, ${JSON.stringify(rules)}).then((found) => found.violations)`,
  )
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id} (${help}): ${html.slice(0, 200)} ${failureSummary}`),
  )
}

const RULES = {
  runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] },
}

/** The rules among them that compare colours. */
const COLOUR_RULES = { runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } }

/**
 * Takes the pointer away, since a page that changes under it shows a tooltip after a while, which is outside of the
 * landmarks. Then waits until fonts are there, nothing moves, and the newest state is drawn: while a colour
 * changes, its contrast is arbitrary.
 */
async function settle(page: Page): Promise<void> {
  await page.mouse.move(0, 0)
  await page.evaluate(`(async () => {
    await document.fonts.ready
    const moving = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity)
    await Promise.all(moving.map(({ finished }) => finished.catch(() => undefined)))
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
  })()`)
}

type Violation = { id: string; help: string; nodes: { html: string; failureSummary: string }[] }

/** Stores a screenshot as docs/images/NAME-THEME.png, if SKERRY_IMAGES=1 is set. */
export async function picture(page: Page, name: string, theme: Theme): Promise<void> {
  if (process.env.SKERRY_IMAGES !== '1') return
  const folder = join(ROOT, 'docs/images')
  await mkdir(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}-${theme}.png`) })
}
