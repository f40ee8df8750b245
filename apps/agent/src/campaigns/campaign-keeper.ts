/**
 * Campaign keeper: follows the hub's orders to take part in campaigns, one order at a time. The hub sends an order again
 * until it has the report. After a restart, a training goes on from its checkpoint; with masks or FedProx it begins again. The
 * secrets of a masked round are gone then, and the device vanishes from that round.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { CAMPAIGN_ORDERS_MAX, type CampaignsDocument, type HeldCampaigns } from '@skerry/contract/held/campaigns'
import { openStates } from './device-state.ts'
import { type MaskSession, openMaskSession } from './mask-session.ts'
import { type AnyOrder, dropCheckpoint, type OrderDeps } from './order-parts.ts'
import { describeTrainingData } from './training-data.ts'

export type CampaignKeeper = AsyncDisposable & {
  /** The state that the device reports to the hub. */
  held(): Promise<HeldCampaigns>
  /** From now on these orders count. An order that is missing is given up. */
  take(document: CampaignsDocument): void
  /** Resolves when the offered data may have changed. Absent if only a restart changes it. */
  news?(signal: AbortSignal): Promise<void>
}

export type CampaignKeeperDeps = OrderDeps & {
  /** Removes the fetched files that no record of the device names. */
  clear(): Promise<void>
  news?: CampaignKeeper['news'] | undefined
}

type Keeping = CampaignKeeperDeps & {
  document: CampaignsDocument | undefined
  /** Orders that have ended here. The hub takes them off the document when it has their reports. */
  done: Set<string>
  /** The secrets of masked rounds, by campaign. */
  sessions: Map<string, { attempt: string; session: MaskSession }>
  running: { key: string; stop: AbortController; ended: Promise<void> } | undefined
  /** Settles when the fetched files of earlier orders are gone: an order could find a file that is about to go. */
  cleared: Promise<void>
  isOver: boolean
}

const ordersOf = ({ orders, surveys = [] }: CampaignsDocument): AnyOrder[] => [...orders, ...surveys]

const attemptOf = ({ campaign, round, attempt }: AnyOrder) => `${campaign}/${round}/${attempt}`

const keyOf = (order: AnyOrder) => `${attemptOf(order)}/${order.masking?.stage ?? ''}`

/** Removes first what an agent left behind that was killed. */
export async function openCampaignKeeper(deps: CampaignKeeperDeps): Promise<CampaignKeeper> {
  const it: Keeping = {
    ...deps,
    document: undefined,
    done: new Set(),
    sessions: new Map(),
    running: undefined,
    cleared: Promise.resolve(),
    isOver: false,
  }
  await rm(deps.folder, { recursive: true, force: true })
  await openStates(deps.statesFolder, deps.fileSystem)
  await clearFiles(it)
  return {
    async held() {
      const data = await describeTrainingData(it.sets, it)
      for (const { name, problem } of data)
        if (problem !== undefined) it.log.warn('training_data_unreadable', { data: name, problem })
      return { data, ...(it.document && { revision: it.document.revision }) }
    },
    take(document) {
      it.document = document
      const keys = new Set(ordersOf(document).map(keyOf))
      for (const key of it.done) if (!keys.has(key)) it.done.delete(key)
      if (it.running && !keys.has(it.running.key)) it.running.stop.abort()
      else if (!it.running) begin(it)
    },
    ...(deps.news && { news: deps.news }),
    async [Symbol.asyncDispose]() {
      it.isOver = true
      it.running?.stop.abort()
      await it.running?.ended
      await it.cleared
    },
  }
}

/** Begins the first order that has not ended; at the end of all, the fetched files go. */
function begin(it: Keeping): void {
  if (it.isOver) return
  const orders = it.document && ordersOf(it.document)
  const order = orders?.find((one) => !it.done.has(keyOf(one)))
  if (!order) {
    if (orders?.length === 0) it.cleared = it.cleared.then(() => clearFiles(it)).then(() => removeCheckpoint(it))
    return
  }
  const stop = new AbortController()
  const key = keyOf(order)
  const ended = work(it, order, stop.signal).finally(() => {
    it.running = undefined
    begin(it)
  })
  it.running = { key, stop, ended }
}

async function work(it: Keeping, order: AnyOrder, signal: AbortSignal): Promise<void> {
  const { campaign, name, round, kind } = order
  it.log.info('campaign_order_begun', { campaign: name, id: campaign, round, kind })
  try {
    await it.cleared
    await mkdir(it.folder, { recursive: true })
    const { runOrder } = await import('./run-order.ts')
    await runOrder({ ...it, session: sessionOf(it, order) }, order, signal)
  } catch (error) {
    if (!signal.aborted) it.log.warn('campaign_order_failed', { campaign: name, round, error })
  }
  // The order was withdrawn. An agent that ends keeps the checkpoint for its next start.
  if (signal.aborted && !it.isOver) await removeCheckpoint(it)
  it.done.add(keyOf(order))
}

/** Makes new secrets for a new attempt, in which the hub accepts none of the earlier ones. */
function sessionOf({ sessions, document }: Keeping, order: AnyOrder): MaskSession | undefined {
  const attempt = attemptOf(order)
  const known = sessions.get(order.campaign)
  if (known?.attempt === attempt) return known.session
  if (order.masking?.stage !== 'keys' || !document) return undefined
  const session = openMaskSession(document.deviceId, randomBytes)
  sessions.delete(order.campaign)
  sessions.set(order.campaign, { attempt, session })
  for (const campaign of [...sessions.keys()].slice(0, -CAMPAIGN_ORDERS_MAX)) sessions.delete(campaign)
  return session
}

const clearFiles = (it: Keeping): Promise<void> =>
  it.clear().catch((error: unknown) => it.log.warn('campaign_files_not_removed', { error }))

const removeCheckpoint = (it: Keeping): Promise<void> =>
  dropCheckpoint(it).catch((error: unknown) => it.log.warn('campaign_files_not_removed', { error }))
