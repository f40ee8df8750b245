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
import { pushModel } from '../../../examples/stage/push.ts'
import { sharedBrowser } from './browser.ts'
import { unaryModel } from './models-files.ts'
import { SITES } from './places.ts'
import { openVisits, type VisitOptions } from './visits.ts'

export type NewUnary = { model: string; operator: string; input?: string; lineage?: LineageSpec }

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
    stopHub: () => hub.stop(),
    async startHub() {
      hub = await startHub(home)
    },
    /** Somebody who has signed in, the owner if nobody else. */
    visit: (options?: VisitOptions) => visit(hub, options),
    forgive,
    /** Pushes y = operator(x) as the model's next version. */
    async pushUnary({ model, operator, input = 'x', lineage }: NewUnary): Promise<void> {
      const bytes = new Uint8Array(unaryModel(operator, input))
      await pushModel(hub, { model, bytes, ...(lineage && { lineage }) })
    },
  }
}

/** Gives what is uploaded a name where it wants another, and sets it off. */
export async function beginUpload(page: Page, name?: string): Promise<void> {
  if (name !== undefined) await page.getByLabel('Model', { exact: true }).fill(name)
  await page.getByRole('button', { name: 'Upload', exact: true }).click()
}
