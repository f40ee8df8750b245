/**
 * The page of a device in a real browser, over HTTPS as the network reaches it: nothing breaks its policy, it refreshes
 * itself, a person works with the keyboard alone, and consents to remote access.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@skerry/testkit/free-port'
import { deep } from '@skerry/testkit/tier'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../../examples/stage/fleet.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'

const DEVICE = 'hamburg-press'
const PASSWORD = 'the boat is blue'
const AGENT = join(import.meta.dirname, '../../../apps/agent/src/main.ts')

let folder: string
let hub: HubProgram
let browser: Browser
let agent: AgentProgram
let address: string

describe.skipIf(!hasBrowser)('the page of a device', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-web-local-page-'))
    ;[browser, hub] = await Promise.all([sharedBrowser(), startHub(await newHubHome(folder))])
    const port = await freePort()
    address = `https://127.0.0.1:${port}`
    const options = ['--page', `0.0.0.0:${port}`, '--allow-remote', 'shell', '--remote-consent']
    agent = await startAgent(hub, { site: { name: 'hamburg', kind: 'edge' }, device: DEVICE, folder, options })
    const setting = spawn(process.execPath, [AGENT, '--data', join(folder, DEVICE), '--set-page-password'])
    setting.stdin.end(`${PASSWORD}\n`)
    expect((await once(setting, 'exit'))[0]).toBe(0)
    await agent.waitFor('page_ready')
  })

  afterAll(async () => {
    await agent?.stop()
    await hub?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  test(
    'a person signs in, sees news without a reload, agrees to a session and signs out',
    deep('a browser journey; test/devices/local-page shows the capability in the quick tier'),
    async () => {
      const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 400, height: 800 } })
      const page = await context.newPage()
      const problems: string[] = []
      page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
      page.on('pageerror', (error) => problems.push(String(error)))
      await page.goto(address)
      await page.keyboard.type(PASSWORD)
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: DEVICE }).waitFor()
      expect(problems).toEqual([])
      const [cookie] = await context.cookies()
      expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Strict' })
      // The table of the page may scroll, and the page itself may not.
      const isWide = () => page.evaluate('document.documentElement.scrollWidth > innerWidth')
      expect(await isWide()).toBe(false)
      await page.getByText('No lock holds.').waitFor()
      await writeFile(join(folder, DEVICE, 'locks', 'operator'), '<img src=x onerror=alert(1)>')
      await page.getByText('<img src=x onerror=alert(1)>').first().waitFor()
      await hub.client.access.request({ device: DEVICE, kinds: ['shell'], reason: 'the camera is dark' })
      const env = { SKERRY_HUB: hub.url, SKERRY_KEY: hub.connection.key, SKERRY_CA_FILE: hub.authorityPath }
      const words = [join(import.meta.dirname, '../../../apps/cli/src/main.ts'), 'shell', DEVICE, '--', 'exit 7']
      const shell = spawn(process.execPath, words, { env: { ...process.env, ...env, SKERRY_HOME: folder } })
      shell.stdin.end()
      const exited = once(shell, 'exit')
      const grants = page.getByRole('table', { name: 'Remote access' })
      await grants.getByText('waits for you').waitFor()
      await grants.getByRole('button', { name: 'Agree' }).click()
      expect((await exited)[0]).toBe(7)
      await grants.getByRole('button', { name: 'End' }).waitFor()
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'Download diagnostics' }).click(),
      ])
      expect(download.suggestedFilename()).toMatch(/^hamburg-press-diagnostics-.*\.json$/)
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByLabel('Password of this device').waitFor()
      expect(problems).toEqual([])
      await context.close()
    },
  )
})
