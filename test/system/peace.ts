/** Peace: what is true of a world in which nothing happens any more. Gives what is not, in words. */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { isHeld } from '@skerry/core/device/item-life'
import { newestDocument } from '@skerry/hub/link/issued-store'
import { fromJson } from '@skerry/hub/store/json-column'
import type { Db } from '@skerry/hub/store/store'
import type { Machine } from './simulated-machine.ts'
import type { World } from './world.ts'

/** Devices that are not as they should be, or of which the hub thinks something else. */
export async function strangersOf(db: Db, { machines }: Pick<World, 'machines'>): Promise<string[]> {
  const rows = await db
    .selectFrom('devices')
    .leftJoin('device_reports', 'device_reports.device_id', 'devices.id')
    .select(['devices.id', 'devices.generation', 'devices.status', 'device_reports.observed_generation'])
    .execute()
  const strangers: string[] = []
  for (const row of rows) {
    const machine = machines.get(row.id)
    // Its joining was not finished when the hub died: nobody is there.
    if (!machine) continue
    const document = await newestDocument(db, row.id)
    const items = document?.items ?? []
    const problem =
      row.status !== 'active'
        ? row.status
        : machine.store.document()?.digest !== document?.digest || row.observed_generation !== row.generation
          ? `it follows ${machine.store.document()?.generation}, the hub has ${row.generation} and heard ${row.observed_generation}`
          : (lifeProblem(machine, items) ?? jobProblem(machine) ?? (await claimProblem(db, row.id, items)))
    if (problem) strangers.push(`${row.id}: ${problem}`)
  }
  return [...strangers, ...(await openBatches(db))]
}

const jobProblem = ({ store }: Machine) =>
  store.jobs.unheard().length > 0 ? 'the hub has not heard how its jobs ended' : undefined

/** Those that have been sent, and have not come to their end. */
async function openBatches(db: Db): Promise<string[]> {
  const open = ['scheduled', 'running', 'cancelling'] as const
  const rows = await db.selectFrom('batches').select(['id', 'status', 'counts']).where('status', 'in', open).execute()
  return rows.map(({ id, status, counts }) => `${id} is ${status}: ${JSON.stringify(fromJson(counts))}`)
}

/** Each item is decided: the version serves, or what proved itself before it does. */
function lifeProblem({ store, serving }: Machine, items: readonly DesiredItem[]): string | undefined {
  const lives = new Map(store.lives().map((life) => [life.target.name, life]))
  if (lives.size !== items.length) return `it has ${lives.size} models of ${items.length}`
  for (const { name: model, digest, revision } of items) {
    const life = lives.get(model)
    if (life?.target.digest !== digest || life.target.revision !== revision) return `${model} has another target`
    // Who shall only compare does so for ever.
    if (life.state !== 'active' && life.state !== 'failed' && !isHeld(life)) return `${model} is ${life.state}`
    const due = life.state === 'active' ? life.target : life.lastGood
    const answering = serving().get(model)
    if (answering?.digest !== due?.digest) return `${model} is answered by ${answering?.version}, not ${due?.version}`
  }
  return undefined
}

type Claim = Awaited<ReturnType<typeof claimsOf>>[number]

const claimsOf = (db: Db, deviceId: Machine['deviceId']) =>
  db
    .selectFrom('rollout_members')
    .innerJoin('deployments', 'deployments.rollout_id', 'rollout_members.rollout_id')
    .innerJoin('rollouts', 'rollouts.id', 'rollout_members.rollout_id')
    .select(['deployments.id', 'deployments.stable_revision', 'rollouts.revision', 'rollouts.status', 'rollouts.state'])
    .select(['rollout_members.outcome', 'rollout_members.wave', 'rollout_members.previous_revision'])
    .where('rollout_members.device_id', '=', deviceId)
    .execute()

/** The document has what each deployment wants of the device now, written down here a second time and otherwise. */
async function claimProblem(
  db: Db,
  deviceId: Machine['deviceId'],
  items: readonly DesiredItem[],
): Promise<string | undefined> {
  const claims = await claimsOf(db, deviceId)
  const wanted = claims
    .map((claim) => [claim.id, dueRevision(claim)] as const)
    .filter(([, revision]) => revision !== null)
  for (const [id, revision] of wanted) {
    const item = items.find(({ deploymentId }) => deploymentId === id)
    if (item?.revision !== revision) return `of ${id} it should have revision ${revision}, and has ${item?.revision}`
  }
  return items.length === wanted.length ? undefined : `it has ${items.length} items, and ${wanted.length} are wanted`
}

function dueRevision({
  revision,
  status,
  state,
  outcome,
  wave,
  previous_revision,
  stable_revision,
}: Claim): number | null {
  const { switchWave, removalWave, keptWaves = 0 } = fromJson(state)
  // What was only made ready has not run.
  const isProved = outcome === 'healthy' && (switchWave === undefined || wave === switchWave || wave === removalWave)
  const isKept =
    status === 'done' ||
    (status === 'aborted' && isProved) ||
    (status === 'rolled-back' && isProved && wave < keptWaves) ||
    (['rolling', 'paused'].includes(status) && !['waiting', 'skipped'].includes(outcome))
  const due = wave === removalWave ? null : revision
  return isKept ? due : (previous_revision ?? stable_revision)
}
