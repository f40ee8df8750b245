/** Routes in a real browser, with real agents and a real gateway: a person makes a route and sees its traffic. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { freePort } from '@skerry/testkit/free-port'
import { until } from '@skerry/testkit/until'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../../examples/stage/fleet.ts'
import { type Program, startProgram } from '../../../examples/stage/program.ts'
import { floatTensor, pushModel } from '../../../examples/stage/push.ts'
import { hasBrowser, sharedBrowser } from '../stage/browser.ts'
import { checkThemes } from '../stage/look.ts'
import { openVisits } from '../stage/visits.ts'

const NAME = 'dose'
const SITES = [
  { name: 'lyon', kind: 'edge', country: 'FR', clearance: 'confidential' },
  { name: 'boston', kind: 'cloud', country: 'US', clearance: 'internal' },
] as const

let folder: string
let hub: HubProgram
const agents: AgentProgram[] = []
let gateway: Program
let browser: Browser
const visits = openVisits(() => browser)

describe.skipIf(!hasBrowser)('routes', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-web-routes-'))
    ;[browser, hub] = await Promise.all([sharedBrowser(), newHubHome(folder).then(startHub)])
    for (const site of SITES) {
      const address = `127.0.0.1:${await freePort()}`
      const options = ['--listen', address, '--serve-address', `http://${address}`]
      agents.push(await startAgent(hub, { site, device: `${site.name}-1`, folder, options }))
    }
    const golden = { cases: [{ inputs: { x: floatTensor([1], Float32Array.of(1)) } }] }
    await pushModel(hub, { name: NAME, bytes: negation('x', 'y'), golden })
    const { client } = hub
    await client.deployment.apply({ name: NAME, deployable: NAME, version: '1', probation: { seconds: 0 } })
    await until(async () => (await client.deployment.get({ deployment: NAME })).rolloutStatus === 'done')
  })
  afterAll(async () => {
    await gateway?.stop()
    await Promise.all(agents.map((agent) => agent.stop()))
    await hub?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  test('a person makes a route, sees both places at work, changes its law, and removes it', async () => {
    const { page } = await visits.visit(hub, { path: '/routes' })
    await page.getByText('No routes yet').waitFor()
    await page.getByRole('button', { name: 'New route' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('Dose!')
    await dialog.getByText('1 to 63 of a-z, 0-9 and -').waitFor()
    await dialog.getByLabel('Name').fill(NAME)
    await dialog.getByLabel('Model').selectOption(NAME)
    await dialog.getByLabel('Prefers').selectOption('least')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('row', { name: /^dose No gateway dose 2/ }).waitFor()
    gateway = startProgram({
      name: 'gateway',
      entry: 'apps/cli/src/main.ts',
      args: ['gateway', '--site', 'lyon', '--listen', '127.0.0.1:0', '--data', join(folder, 'gateway')],
      logFolder: folder,
      env: { SKERRY_HUB: hub.url, SKERRY_KEY: hub.connection.key, SKERRY_CA_FILE: hub.authorityPath },
    })
    const { url } = await gateway.waitFor('gateway_ready')
    for (let x = 0; x < 40; x++) await ask(String(url), x)
    await page.getByRole('row', { name: /^dose Serving dose 2 \d/ }).waitFor()
    await checkThemes(page, 'routes')

    await page.getByRole('link', { name: NAME }).click()
    await page.getByRole('heading', { level: 1, name: NAME }).waitFor()
    await page.getByRole('img', { name: 'The route dose leads to 2 of 2 devices' }).waitFor()
    await page.getByRole('row', { name: /^boston-1 boston \(US\) 1 healthy \d/ }).waitFor()
    await page.getByText('gateway at lyon').waitFor()
    await checkThemes(page, 'a route with traffic')

    await page.getByRole('button', { name: 'Change' }).click()
    await dialog.getByLabel('Countries').fill('EU')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('img', { name: 'The route dose leads to 1 of 2 devices' }).waitFor()
    await page.getByText('the rule residency EU excludes it: the site boston is in US').waitFor()
    await checkThemes(page, 'a route with an excluded device')
    expect((await hub.client.route.get({ name: NAME })).spec.prefer).toBe('least')

    const golden = { cases: [{ inputs: { y: floatTensor([1], Float32Array.of(1)) } }] }
    await pushModel(hub, { name: 'after', bytes: negation('y', 'z'), golden })
    const stages = [NAME, 'after'].map((name) => ({ model: name, version: 1 }))
    await hub.client.route.set({ name: 'line', spec: { model: NAME, pipeline: { stages } } })
    await page.goto('/routes/line')
    const table = page.getByRole('table', { name: 'Stages' })
    await table.getByRole('row', { name: /^1 dose:1 x \[1\] y \[1\] .*2$/ }).waitFor()
    await table.getByRole('row', { name: /^2 after:1 y \[1\] z \[1\] .*0$/ }).waitFor()
    const graph = page.getByLabel('The way of a request')
    await graph.getByText('stage 2', { exact: true }).waitFor()
    await graph.getByText('1 tensor', { exact: true }).waitFor()
    await page.getByRole('row', { name: /^boston-1 1 boston \(US\)/ }).waitFor()
    await checkThemes(page, 'a pipeline')
    await hub.client.route.remove({ name: 'line' })

    await page.goto(`/models/${NAME}`)
    await page.getByText('Callers reach it by the route').getByRole('link', { name: NAME }).click()
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('No routes yet').waitFor()
  })
})

/** The model turns the sign of its input. */
function negation(input: string, output: string) {
  return writeModel(
    buildModel({
      opsets: { 'ai.onnx': 13 },
      inputs: [{ name: input, datatype: 'FP32', shape: [1] }],
      outputs: [{ name: output, datatype: 'FP32', shape: [1] }],
      initialisers: [],
      nodes: [{ operator: 'Neg', inputs: [input], outputs: [output] }],
    }),
  )
}

async function ask(url: string, x: number): Promise<void> {
  const body = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1], data: [x] }] })
  const headers = { authorization: `Bearer ${hub.connection.key}` }
  const answer = await fetch(`${url}/v2/models/${NAME}/infer`, { method: 'POST', body, headers })
  expect(answer.status).toBe(200)
}
