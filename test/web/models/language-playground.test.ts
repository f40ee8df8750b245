/** The playground of a language model in a real browser, on a real hub with a real agent that serves one. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeTestGguf } from '@skerry/testkit/language-models/test-gguf'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../../examples/stage/fleet.ts'
import { deployLanguage, greedyAnswer, NAME, PROMPT, pushLanguage, SCHEMA } from '../../language-models/stage.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { openVisits } from '../stage/visits.ts'

const DEVICE = 'hamburg-press'

let folder: string
let hub: HubProgram
let agent: AgentProgram
let browser: Browser
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('the playground of a language model', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-language-web-'))
    ;[browser, hub] = await Promise.all([sharedBrowser(), startHub(await newHubHome(folder))])
    agent = await startAgent(hub, { site: { name: 'hamburg', kind: 'edge' }, device: DEVICE, folder })
    const bytes = makeTestGguf()
    await pushLanguage(hub, { bytes, answer: await greedyAnswer(folder, bytes, PROMPT) })
    await deployLanguage(hub, '1')
  })

  afterAll(async () => {
    await agent?.stop()
    await hub?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  test('the page of a version has the facts of its header, and says that the kind is experimental', async () => {
    const { page } = await visits.visit(hub, { height: 900, path: `/models/${NAME}/versions/1` })
    await page.getByRole('heading', { name: 'Language model' }).waitFor()
    await page.getByText('Experimental. Skerry').waitFor()
    await page.getByText('256 of 512 tokens').waitFor()
    await page.getByText('259 tokens (llama)').waitFor()
  })

  test('an answer comes with its pace, and a schema binds it', async () => {
    const { page } = await visits.visit(hub, { height: 900, path: `/models/${NAME}/versions/1/playground` })
    await page.getByRole('radio', { name: new RegExp(DEVICE) }).check()
    await page.getByLabel('Prompt', { exact: true }).fill(PROMPT)
    await page.getByLabel('JSON schema').fill('{')
    await page.getByText('This is not JSON.').waitFor()
    await page.getByLabel('JSON schema').fill(JSON.stringify(SCHEMA))
    await page.getByLabel('Longest answer, in tokens').fill('120')
    await page.getByRole('button', { name: `Ask on ${DEVICE}` }).click()
    await page.getByText('The answer is valid JSON.').waitFor()
    await page.getByText('tokens a second').waitFor()
    const text = await page.getByRole('region', { name: 'Text of the answer' }).textContent()
    expect(['low', 'high']).toContain(JSON.parse(text ?? '').severity)
    visits.forgive(/status of 400/)
    await page.getByLabel('JSON schema').fill('{"$ref":"#"}')
    await page.getByRole('button', { name: `Ask on ${DEVICE}` }).click()
    await page.getByRole('alert').getByText('input_invalid').waitFor()
  })
})
