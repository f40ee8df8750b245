/**
 * Publish: weights of a campaign become an ordinary version. Its file is that of the base version with other weights, and
 * the hub computes the golden outputs anew, because they depend on the weights.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CampaignRound, CampaignSpec } from '@skerry/contract/campaigns/campaign'
import { PERSONAL_PATH, type PersonalFile } from '@skerry/contract/campaigns/personal-file'
import { GOLDEN_PATH, Golden } from '@skerry/contract/devices/golden'
import { MODEL_PATH } from '@skerry/contract/kinds/model'
import type { PushRequest } from '@skerry/contract/models/model'
import type { Digest } from '@skerry/contract/values/digest'
import { dataNote } from '@skerry/core/campaigns/data-versions'
import { splitWeights } from '@skerry/core/campaigns/weights'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { appendAudit } from '../audit/audit-store.ts'
import { applyDeployment } from '../deployments/apply-deployment.ts'
import { findDeployment } from '../deployments/deployment-store.ts'
import { refuseUnfit } from '../deployments/refuse-unfit.ts'
import type { AuditNote } from '../http/call.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { type PushCall, pushModel } from '../models/push-model.ts'
import { stageFiles } from '../models/staging.ts'
import { filesOf } from '../models/version-store.ts'
import { publishRollouts } from '../rollouts/publish-rollouts.ts'
import { fromJson } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import type { CampaignTable } from '../store/tables/learning/campaign-tables.ts'
import { readWeights, storeBlob } from './campaign-blobs.ts'
import { advanceCampaign, roundsOf } from './campaign-store.ts'
import { dataCounts } from './data/data-store.ts'
import type { RunningCampaign } from './run-round.ts'
import { withWeights } from './training-models.ts'

const HUB = { kind: 'hub', id: '', name: 'hub' } as const

/** The last round becomes a version, and the deployment of the campaign gets it. A repeated call finds the same version. */
export async function publishResult(hub: Hub, it: RunningCampaign, signal: AbortSignal): Promise<void> {
  const { row, spec, course } = it
  const call: PushCall = {
    hub,
    organisationId: row.organisation_id,
    scope: undefined,
    caller: { name: row.created_by },
    change: (work) => changeAsHub(hub, row, work),
  }
  const wish = { round: course.round - 1, weights: row.weights_digest, alias: spec.result.alias }
  const version = await pushRound(call, row, wish, signal)
  if (spec.result.deploy !== undefined) await deploy(hub, row, { name: spec.result.deploy, version })
  const nowMs = hub.clock.nowMs()
  await hub.store.transaction((tx) => advanceCampaign(tx, row.id, { kind: 'published', version, nowMs }))
  hub.bus.publish('campaign.changed', row.id)
}

/** The record names the hub as the actor: nobody called. */
async function changeAsHub<T>(hub: Hub, row: CampaignTable, work: (tx: Tx, note: AuditNote) => Promise<T>): Promise<T> {
  const done = await hub.store.transaction(async (tx) => {
    const note: AuditNote = { object: { kind: 'model', id: row.name }, detail: {} }
    const result = await work(tx, note)
    await appendAudit(tx, {
      organisationId: row.organisation_id,
      atMs: hub.clock.nowMs(),
      actor: HUB,
      action: 'model.push',
      object: note.object,
      result: 'ok',
      detail: { ...note.detail, campaign: row.name },
    })
    return result
  })
  hub.bus.publish('audit.appended', row.organisation_id)
  return done
}

export type RoundWish = { round: number; weights: Digest; alias?: string | undefined }

/** Pushes the weights after a round; the number of the version. */
export async function pushRound(
  call: PushCall,
  row: CampaignTable,
  { round, weights, alias }: RoundWish,
  signal: AbortSignal,
): Promise<number> {
  const { hub } = call
  const spec = fromJson(row.spec)
  const base = await hub.store.db
    .selectFrom('versions')
    .selectAll()
    .where('id', '=', row.base_version_id)
    .executeTakeFirst()
  if (!base) throw problem('campaign_refused', 'the base version of the campaign has been removed')
  const files = await filesOf(hub.store.db, base.id)
  using _pins = hub.blobGuard.pin(files.map(({ digest }) => digest))
  await using staged = await stageFiles(hub, { folder: hub.stagingPath(hub.ids.build()), files }, signal)
  const values = await readWeights(hub, weights, Number(row.elements), signal)
  const bytes = withWeights(await readFile(staged.modelPath), splitWeights(values, fromJson(row.parameters)))
  const { digest } = await storeBlob(hub, { organisationId: row.organisation_id, bytes }, async (_tx, blob) => blob)
  const personal = await personalFile(hub, row)
  const golden = files.some(({ path }) => path === GOLDEN_PATH)
    ? Golden.parse(JSON.parse(await readFile(join(staged.folder, GOLDEN_PATH), 'utf8')))
    : undefined
  const figures = (await roundsOf(hub.store.db, row.id)).find((one) => one.round === round)
  const data = dataNote(await dataCounts(hub.store.db, row.id, round))
  const request: PushRequest = {
    name: spec.model,
    files: [
      ...files.flatMap((file) => {
        // An earlier campaign may have left weights to its devices.
        if (file.path === GOLDEN_PATH || file.path === PERSONAL_PATH) return []
        return [{ path: file.path, digest: file.path === MODEL_PATH ? digest : file.digest }]
      }),
      ...personal,
    ],
    ...(golden && {
      golden: { tolerance: golden.tolerance, cases: golden.cases.map(({ inputs }) => ({ inputs })) },
    }),
    labels: { ...spec.result.labels, campaign: row.name, 'campaign-round': String(round) },
    lineage: {
      parents: [{ name: spec.model, version: String(row.base_version) }],
      tool: `skerry campaign ${spec.strategy.kind}`,
      notes: [
        lineageNotes(row.name, round, figures),
        ...(data === undefined ? [] : [data]),
        ...privacyNotes(spec, figures),
      ].join(', '),
    },
    aliases: alias === undefined ? [] : [alias],
  }
  const { version } = await pushModel(call, request, signal)
  return version.version
}

/** Devices serve the version with their own values of these weights. None if the campaign shares all weights. */
async function personalFile(hub: Hub, row: CampaignTable): Promise<PushRequest['files']> {
  if (row.personal_parameters === null) return []
  const weights = fromJson(row.personal_parameters).map(({ name, elements }) => ({ name, elements }))
  const file: PersonalFile = { v: 1, campaign: row.id, weights }
  const bytes = Buffer.from(canonicalJson(file))
  const { digest } = await storeBlob(hub, { organisationId: row.organisation_id, bytes }, async (_tx, blob) => blob)
  return [{ path: PERSONAL_PATH, digest }]
}

/** Signed with the version, so that nobody can change it later. */
function lineageNotes(name: string, round: number, figures: CampaignRound | undefined): string {
  const facts = figures && [
    `${figures.counted} participants`,
    `${figures.rows} rows`,
    ...(figures.accuracy === undefined ? [] : [`accuracy ${figures.accuracy.toFixed(4)}`]),
    ...(figures.error === undefined ? [] : [`mean error ${Number(figures.error.toPrecision(4))}`]),
    ...(figures.loss === undefined ? [] : [`loss ${figures.loss.toFixed(4)}`]),
  ]
  return [`campaign ${name}`, `round ${round}`, ...(facts ?? [])].join(', ')
}

/** The version states how far it hides the devices that trained it. */
function privacyNotes({ privacy }: CampaignSpec, figures: CampaignRound | undefined): string[] {
  const epsilon = figures?.epsilon
  const noise = privacy?.noise
  return [
    ...(privacy?.masks ? ['masked updates'] : []),
    ...(noise && epsilon !== undefined ? [`ε ${epsilon.toFixed(3)} at δ ${noise.delta}`] : []),
  ]
}

/** Behind the gates of the deployment itself. A deployment that has the version already is left alone. */
async function deploy(
  hub: Hub,
  row: CampaignTable,
  { name, version }: { name: string; version: number },
): Promise<void> {
  const organisationId = row.organisation_id
  const rolloutIds = await hub.store.transaction(async (tx) => {
    const deployment = await findDeployment(tx, organisationId, name)
    if (!deployment) throw problem('deployment_unknown', `the deployment ${name} of the campaign has been removed`)
    if (deployment.version === version) return []
    const nowMs = hub.clock.nowMs()
    const spec = { ...deployment.spec, version: String(version) }
    await refuseUnfit(tx, hub, { organisationId, deployable: spec.deployable, version })
    const applied = await applyDeployment(tx, hub, { organisationId, nowMs, spec, ifRevision: deployment.revision })
    await appendAudit(tx, {
      organisationId,
      atMs: nowMs,
      actor: HUB,
      action: 'deployment.apply',
      object: { kind: 'deployment', id: name },
      result: 'ok',
      detail: { change: applied.change, version, campaign: row.name },
    })
    return applied.rolloutIds
  })
  publishRollouts(hub, rolloutIds)
}
