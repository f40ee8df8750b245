/** Web models stage: a real hub with one agent and visitors of its pages, for the tests of the models pages. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LineageSpec } from '@skerry/contract/models/model'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import {
  type AgentProgram,
  type HubHome,
  type HubProgram,
  newHubHome,
  startAgent,
  startHub,
} from '../../../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../../../examples/stage/push.ts'
import { sharedBrowser } from './browser.ts'
import { unaryModel } from './models-files.ts'
import { SITES } from './places.ts'
import { openVisits, type VisitOptions } from './visits.ts'

export type NewUnary = {
  name: string
  operator: string
  input?: string
  lineage?: LineageSpec
  /** The numbers of each golden case. */
  golden?: readonly (readonly number[])[]
}

/** Sets the stage for the tests of a `describe`, and clears it away after them. */
export function modelsStage() {
  let folder: string
  let home: HubHome
  let hub: HubProgram
  let agent: AgentProgram
  let browser: Browser
  const { visit, forgive } = openVisits(() => browser)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-web-models-'))
    home = await newHubHome(folder)
    ;[browser, hub] = await Promise.all([sharedBrowser(), startHub(home)])
    agent = await startAgent(hub, { site: SITES[0], device: 'hamburg-press', folder })
  })

  afterAll(async () => {
    await agent?.stop()
    await hub?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  return {
    /** The client of the hub's owner. */
    client: () => hub.client,
    connection: () => hub.connection,
    stopHub: () => hub.stop(),
    async startHub() {
      hub = await startHub(home)
    },
    /** A person who has signed in, the owner by default. */
    visit: (options?: VisitOptions) => visit(hub, options),
    forgive,
    /** Pushes y = operator(x) as the model's next version. */
    async pushUnary({ name, operator, input = 'x', lineage, golden }: NewUnary): Promise<void> {
      const bytes = new Uint8Array(unaryModel(operator, input))
      const cases = golden?.map((numbers) => ({ inputs: { [input]: floatTensor([numbers.length], numbers) } }))
      await pushModel(hub, { name, bytes, ...(lineage && { lineage }), ...(cases && { golden: { cases } }) })
    },
  }
}

/** Names the upload if it shall have another name, and starts it. */
export async function beginUpload(page: Page, name?: string): Promise<void> {
  if (name !== undefined) await page.getByLabel('Model', { exact: true }).fill(name)
  await page.getByRole('button', { name: 'Upload', exact: true }).click()
}
