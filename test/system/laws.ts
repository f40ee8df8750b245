/** Laws: what must hold of the hub's rows after every commit, whatever is lost, comes twice, or dies. */
import type { Amount } from '@skerry/contract/deployments/amount'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Outcome } from '@skerry/contract/rollouts/rollout'
import { isEnded, type RolloutState } from '@skerry/core/rollouts/rollout-state'
import type { RolloutPlan } from '@skerry/core/rollouts/waves'
import { fromJson } from '@skerry/hub/store/json-column'
import type { Db } from '@skerry/hub/store/store'
import { isWithinBudget } from '@skerry/testkit/judges/budget-judge'
import { lawsOfBatches } from './batch-laws.ts'

export type Broken = (law: string, detail: unknown) => void

export type Laws = {
  /** Looks at everything; what it saw before is what it compares with. */
  look(db: Db, nowMs: number): Promise<void>
  /** The hub's memory has gone back to a backup: what was seen since is not known to it. */
  forget(): void
}

type Member = {
  rollout_id: string
  device_id: string
  wave: number
  outcome: Outcome
  budget_group: string
  previous_revision: number | null
  retries: number
}

type Seen = {
  outcomes: Map<string, Outcome>
  statuses: Map<string, RolloutState['status']>
  /** The newest open wave of rollouts. */
  waves: Map<string, number>
  generations: Map<string, number>
  /** When devices were offered what they had waited for, by rollout. */
  offers: Map<string, number[]>
}

const nothingSeen = (): Seen => ({
  outcomes: new Map(),
  statuses: new Map(),
  waves: new Map(),
  generations: new Map(),
  offers: new Map(),
})

/** Has seen nothing yet. */
export function createLaws(broken: Broken): Laws {
  let seen: Seen | undefined
  /** Revisions that a device was ever recorded to run well; never forgotten, since the device does not forget either. */
  const proved = new Set<string>()
  return {
    // All that one look reads is of one instant, and looks come one after another: the hub goes on writing meanwhile.
    look: (reader, nowMs) =>
      reader.transaction().execute(async (db) => {
        const rollouts = await rolloutsOf(db)
        const members: Member[] = await db.selectFrom('rollout_members').selectAll().execute()
        const groups = Map.groupBy(members, ({ rollout_id }) => rollout_id)
        const before = seen
        const now = lawsOfRollouts(rollouts, groups, { before, proved, nowMs, broken })
        seen = now
        await lawsOfBatches(db, broken)
        await lawsOfDocuments(db, { rollouts, groups, now, before, proved, broken })
      }),
    forget() {
      seen = undefined
    },
  }
}

type RolloutFacts = { before: Seen | undefined; proved: Set<string>; nowMs: number; broken: Broken }

/** Gives what is seen now. */
function lawsOfRollouts(
  rollouts: readonly Rollout[],
  groups: ReadonlyMap<string, Member[]>,
  { before, proved, nowMs, broken }: RolloutFacts,
): Seen {
  const now = nothingSeen()
  for (const rollout of rollouts) {
    const rows = groups.get(rollout.id) ?? []
    for (const row of rows) {
      now.outcomes.set(keyOf(row), row.outcome)
      // In a removal, healthy means that the model is gone.
      if (row.outcome === 'healthy' && row.wave !== rollout.state.removalWave)
        proved.add(`${row.device_id} ${rollout.deployment_id} ${rollout.revision}`)
    }
    now.statuses.set(rollout.id, rollout.state.status)
    now.waves.set(rollout.id, rollout.state.wave)
    const offers = before?.offers.get(rollout.id) ?? []
    now.offers.set(rollout.id, offers)
    lawsOfRows(rollout, rows, { proved, broken })
    if (before) lawsOfOffers(rollout, rows, { before, offers, nowMs, broken })
  }
  return now
}

type Rollout = { id: string; deployment_id: string; revision: number; state: RolloutState; plan: RolloutPlan }

async function rolloutsOf(db: Db): Promise<Rollout[]> {
  const rows = await db.selectFrom('rollouts').selectAll().execute()
  return rows.map(({ id, deployment_id, revision, state, plan }) => ({
    id,
    deployment_id,
    revision,
    state: fromJson(state),
    plan: fromJson(plan),
  }))
}

const keyOf = ({ rollout_id, device_id }: Member) => `${rollout_id} ${device_id}`

/** What holds at every instant. */
function lawsOfRows(
  rollout: Rollout,
  rows: readonly Member[],
  facts: { proved: ReadonlySet<string>; broken: Broken },
): void {
  const { id, deployment_id, state, plan } = rollout
  const { proved, broken } = facts
  for (const { device_id, previous_revision: previous, retries } of rows) {
    if (previous !== null && !proved.has(`${device_id} ${deployment_id} ${previous}`))
      broken('a device goes back to what it ran well itself', { id, device_id, previous })
    if (retries > (plan.retry?.max ?? 0)) broken('no try too many', { id, device_id, retries })
  }
  if (isEnded(state)) return
  for (const index of state.waves.keys()) {
    const outcomes = rows.filter(({ wave }) => wave === index).map(({ outcome }) => outcome)
    lawsOfWave(rollout, index, { outcomes, broken })
  }
}

function lawsOfWave(
  { id, state, plan }: Rollout,
  index: number,
  { outcomes, broken }: { outcomes: readonly Outcome[]; broken: Broken },
): void {
  const counts = state.waves[index]?.counts
  const planned = plan.waves[index]
  if (!counts || !planned) throw new Error(`rollout ${id} has a wave ${index} without a plan`)
  for (const outcome of Object.keys(counts) as Outcome[]) {
    const count = outcomes.filter((one) => one === outcome).length
    if (counts[outcome] !== count) broken('counters are the rows', { id, index, outcome, counts, count })
  }
  // A removal that has begun is not taken back when the waves begin anew.
  const isOpen = index <= state.wave || (index === state.removalWave && state.waves[index]?.openedAtMs !== undefined)
  if (!isOpen && outcomes.some((outcome) => outcome !== 'waiting'))
    broken('no device of a closed wave is asked', { id, index, counts })
  const failures = counts.failed + counts.rejected + counts['timed-out']
  const isHeld = isWithin(planned.failuresMax, failures, failures + counts.healthy, planned.minExecuted)
  // Of a wave whose devices have gone over to the switch, only who did not get ready is left: its limit was judged before they went.
  const isLeft = state.switchWave !== undefined && state.wave >= state.switchWave && index < state.switchWave
  if (state.status === 'rolling' && isOpen && !isLeft && !isHeld) broken('the limit holds', { id, index, counts })
}

const isWithin = (amount: Amount, failures: number, decided: number, minExecuted: number) =>
  typeof amount === 'number'
    ? failures <= amount
    : decided < minExecuted || failures * 100 <= Number.parseInt(amount, 10) * decided

type OfferFacts = { before: Seen; offers: number[]; nowMs: number; broken: Broken }

/** What holds of every offer. */
function lawsOfOffers(rollout: Rollout, rows: readonly Member[], facts: OfferFacts): void {
  const { id, state, plan } = rollout
  const { before, offers, nowMs, broken } = facts
  const was = before.statuses.get(id)
  if (was !== undefined && isEnded({ status: was }) && was !== state.status) broken('an end is an end', { id, was })
  const asked = rows.filter((row) => row.outcome === 'offered' && isIdle(before.outcomes.get(keyOf(row))))
  if (asked.length > 0 && (isEnded(state) || (was === 'paused' && state.status === 'paused')))
    broken('nobody is asked by a rollout that is over or paused', { id, status: state.status, asked })
  lawsOfBudget(rollout, rows, { asked, broken })
  lawOfSwitch(rollout, rows, facts)
  lawOfRemoval(rollout, rows, facts)
  const fresh = asked.filter((row) => (before.outcomes.get(keyOf(row)) ?? 'waiting') === 'waiting')
  offers.push(...fresh.map(() => nowMs))
  const most = plan.rate && ('perMinute' in plan.rate ? plan.rate.perMinute : plan.rate.maxPerMinute)
  const inMinute = offers.filter((atMs) => atMs > nowMs - 60_000).length
  if (most !== undefined && inMinute > most) broken('no minute sees more offers than the rate', { id, inMinute, most })
}

/** It opens once everybody has been decided who was asked to have the version ready. */
function lawOfSwitch({ id, state }: Rollout, rows: readonly Member[], { before, broken }: OfferFacts): void {
  const was = before.waves.get(id)
  if (was === undefined || was === state.wave || state.wave !== state.switchWave) return
  const late = rows.filter((row) => row.wave < state.wave && before.outcomes.get(keyOf(row)) === row.outcome)
  const undecided = late.filter(({ outcome }) => outcome === 'waiting' || outcome === 'offered')
  if (undecided.length > 0) broken('nobody switches before all have been decided', { id, undecided })
}

/** A device that leaves keeps its version until every other device has been decided. */
function lawOfRemoval({ id, state }: Rollout, rows: readonly Member[], { before, broken }: OfferFacts): void {
  const { removalWave, wave } = state
  const asked = rows.filter((row) => row.wave === removalWave && !isIdle(row.outcome))
  if (asked.length > 0 && state.waves[removalWave ?? -1]?.openedAtMs === undefined)
    broken('nobody leaves before all waves are healthy', { id, asked })
  const was = before.waves.get(id)
  if (was === undefined || was === wave || wave !== removalWave) return
  const late = rows.filter((row) => row.wave < wave && before.outcomes.get(keyOf(row)) === row.outcome)
  const undecided = late.filter(({ outcome }) => outcome === 'waiting' || outcome === 'offered')
  if (undecided.length > 0) broken('nobody leaves before all waves are healthy', { id, undecided })
}

function lawsOfBudget(
  { id, state, plan: { budget } }: Rollout,
  rows: readonly Member[],
  { asked, broken }: { asked: readonly Member[]; broken: Broken },
): void {
  for (const group of budget ? new Set(asked.map(({ budget_group }) => budget_group)) : []) {
    const members = rows.filter(({ budget_group }) => budget_group === group)
    const unavailable = members.filter((row) => isUnavailable(state, row)).length
    if (budget && !isWithinBudget(budget, { size: members.length, unavailable }))
      broken('no offer breaks the budget', { id, group, unavailable, budget })
  }
}

const isUnavailable = ({ removalWave }: RolloutState, { wave, outcome }: Member) =>
  outcome === 'offered' || (wave !== removalWave && ['failed', 'rejected', 'timed-out'].includes(outcome))

/** The hub itself asks only who waits, or was left out. A person may have those tried again whom somebody has borne, also while it is paused. */
const isIdle = (outcome: Outcome = 'waiting') => outcome === 'waiting' || outcome === 'skipped'

type DocumentFacts = {
  rollouts: readonly Rollout[]
  groups: ReadonlyMap<string, readonly Member[]>
  now: Seen
  before: Seen | undefined
  proved: ReadonlySet<string>
  broken: Broken
}

/** What is offered is on its way through the fleet, or is done, or was run well by this very device. */
async function lawsOfDocuments(db: Db, facts: DocumentFacts): Promise<void> {
  const { rollouts, now, before, proved, broken } = facts
  const devices = await db.selectFrom('devices').select(['id', 'generation']).execute()
  const news = devices.filter(({ id, generation }) => (before?.generations.get(id) ?? 0) !== generation)
  for (const { id, generation } of devices) now.generations.set(id, generation)
  if (!before || news.length === 0) return
  const documents = await db
    .selectFrom('desired_documents')
    .innerJoin('devices', (join) =>
      join.onRef('devices.id', '=', 'device_id').onRef('devices.generation', '=', 'desired_documents.generation'),
    )
    .select(['device_id', 'items', 'desired_documents.generation'])
    .where(
      'device_id',
      'in',
      news.map(({ id }) => id),
    )
    .execute()
  for (const { device_id, items, generation } of documents) {
    if (generation < (before.generations.get(device_id) ?? 0)) broken('generations rise', { device_id, generation })
    for (const item of fromJson(items)) {
      if (!isDue(item, device_id, { rollouts, proved }))
        broken('what was aborted is offered to nobody', { device_id, item })
      if (!isHeldUntilSwitch(item, device_id, facts)) broken('nobody serves it before the switch', { device_id, item })
    }
  }
}

function isHeldUntilSwitch(item: DesiredItem, deviceId: string, { rollouts, groups }: DocumentFacts): boolean {
  const rollout = rollouts.find((one) => one.deployment_id === item.deploymentId && one.revision === item.revision)
  const { switchWave } = rollout?.state ?? {}
  if (!rollout || switchWave === undefined || isEnded(rollout.state)) return true
  const member = groups.get(rollout.id)?.find(({ device_id }) => device_id === deviceId)
  const hasSwitched = member?.wave === switchWave && member.outcome !== 'waiting'
  return hasSwitched || item.hold === true
}

const OVER: readonly string[] = ['aborted', 'rolled-back', 'superseded']

function isDue(
  { deploymentId, revision }: DesiredItem,
  deviceId: string,
  { rollouts, proved }: Pick<DocumentFacts, 'rollouts' | 'proved'>,
): boolean {
  const rollout = rollouts.find((one) => one.deployment_id === deploymentId && one.revision === revision)
  const isOver = rollout === undefined || OVER.includes(rollout.state.status)
  return !isOver || proved.has(`${deviceId} ${deploymentId} ${revision}`)
}
