/** Web deploy fleet: a hub with a model of two versions and devices that are only rows: some fit, some wait, one is too old. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cli } from '../../../apps/cli/test/stage/cli.ts'
import { addDevices, type FleetDevice } from '../../../apps/hub/test/stage/fleet/fleet-records.ts'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { modelBytes, push, unary } from '../../../apps/hub/test/stage/test-model.ts'

export const MODEL = 'pump'
/** One that no deployment of the tests takes anywhere. */
export const FREE_MODEL = 'valve'

/** Opens it. `count` devices stand in Germany; the others are few. */
export async function openDeployFleet(count = 12): Promise<TestHub> {
  const hub = await startTestHub()
  for (const [site, kind, country] of [
    ['hamburg', 'edge', 'DE'],
    ['lyon', 'edge', 'FR'],
    ['dublin', 'cloud', 'IE'],
  ])
    await hub.ask('PUT', `/v1/sites/${site}`, { body: { kind, country } })
  await push(hub, MODEL, modelBytes(unary('Relu')), { aliases: ['best'] })
  await push(hub, MODEL, modelBytes(unary('Abs')))
  await push(hub, FREE_MODEL, modelBytes(unary('Neg')), { aliases: ['stable'] })
  const { store, ids } = hub.hub
  const { id: organisationId } = await store.db.selectFrom('organisations').select('id').executeTakeFirstOrThrow()
  const devices: FleetDevice[] = []
  const place = { store, ids, organisationId, clock: { ms: Date.now() }, devices }
  const add = async (number: number, options: Parameters<typeof addDevices>[2]) => {
    devices.push(...(await addDevices(place, number, options)))
  }
  await add(count, { site: 'hamburg', labels: { line: '4' } })
  await add(5, { site: 'lyon', labels: { line: '2' } })
  await add(2, { site: 'lyon', labels: { line: '4' }, status: 'pending' })
  await add(1, { site: 'dublin', labels: { 'team/owner': 'ot' }, inventory: { opsetMax: 1 } })
  return hub
}

/** Runs a command line against the hub, as its owner would. */
export async function ownersCli(hub: TestHub, words: readonly string[], stdin?: string) {
  const caPath = join(hub.data, 'seen-ca.pem')
  await writeFile(caPath, hub.hub.config.caPem)
  const env = { SKERRY_HUB: hub.url, SKERRY_KEY: hub.ownerKey, SKERRY_CA_FILE: caPath }
  return cli(words, { env, ...(stdin !== undefined && { stdin }) })
}
