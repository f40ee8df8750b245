/** Prepare campaign: checks a declared campaign against the model and the organisation, and makes its models. */
import { readFile } from 'node:fs/promises'
import { CampaignSpec } from '@skerry/contract/campaigns/campaign'
import { UPDATE_BYTES_MAX } from '@skerry/contract/campaigns/update'
import { kinds } from '@skerry/contract/kinds/kinds'
import { MODEL_PATH } from '@skerry/contract/kinds/model'
import { campaignTrouble } from '@skerry/core/campaigns/contradictions'
import { permissionsOfCaller } from '@skerry/core/people/access'
import { findRules } from '../approvals/approval-store.ts'
import { findDeployment } from '../deployments/deployment-store.ts'
import type { KeyCall } from '../http/call.ts'
import { problem } from '../http/problem.ts'
import { knownVersion } from '../models/known-version.ts'
import { stageFiles } from '../models/staging.ts'
import { filesOf } from '../models/version-store.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import { countLiveCampaigns, findCampaign, LIVE_MAX } from './campaign-store.ts'
import { makeTrainingModels, type TrainingModels } from './training-models.ts'

export type PreparedCampaign = { spec: CampaignSpec; base: VersionTable; models: TrainingModels }

/** A training model is made in the memory of the hub itself. Models of this size have more weights than an update. */
const MODEL_BYTES_MAX = 2 * UPDATE_BYTES_MAX

type Preparing = Pick<KeyCall, 'hub' | 'organisationId' | 'caller'>

/** Throws the contract's problem, with the reason, if the campaign cannot run. */
export async function prepareCampaign(
  call: Preparing,
  given: CampaignSpec,
  signal: AbortSignal,
): Promise<PreparedCampaign> {
  const { hub, organisationId } = call
  const { db } = hub.store
  const spec = CampaignSpec.parse({ ...given, seed: given.seed ?? Math.floor(hub.random() * 2 ** 32) })
  const trouble = campaignTrouble(spec)
  if (trouble !== undefined) throw problem('campaign_refused', trouble)
  if (await findCampaign(db, { organisationId, name: spec.name })) throw problem('campaign_exists')
  if ((await countLiveCampaigns(db, organisationId)) >= LIVE_MAX)
    throw problem('campaign_refused', `the organisation has ${LIVE_MAX} campaigns under way; stop one of them first`)
  const base = await knownVersion(db, { organisationId, name: spec.model }, spec.version)
  // Only the weights of a file can be trained. A model that an app answers for has none.
  if (kinds[base.kind].mainFile !== MODEL_PATH)
    throw problem('campaign_refused', `${spec.model} is no model, so it cannot be trained`)
  await refuseDeployment(call, spec)
  const models = await modelsOf(call, base, spec, signal)
  // A masked update has one word more, its weight.
  const words = models.weights.length + (spec.privacy?.masks ? 1 : 0)
  if (words * 4 > UPDATE_BYTES_MAX)
    throw problem(
      'campaign_refused',
      `the model has ${models.weights.length} weights; an update holds 8,388,608 at most`,
    )
  return { spec, base, models }
}

/** The hub deploys in the name of the caller, so the caller must be able to do so alone. */
async function refuseDeployment({ hub, organisationId, caller }: Preparing, { result, model }: CampaignSpec) {
  if (result.deploy === undefined) return
  const { db } = hub.store
  const deployment = await findDeployment(db, organisationId, result.deploy)
  if (!deployment) throw problem('campaign_refused', `there is no deployment ${result.deploy} (result.deploy)`)
  if (deployment.deployable !== model)
    throw problem('campaign_refused', `the deployment ${result.deploy} deploys ${deployment.deployable}, not ${model}`)
  if (!permissionsOfCaller(caller).includes('deployment.write'))
    throw problem('campaign_refused', 'result.deploy needs the permission deployment.write, which your role lacks')
  if ((await findRules(db, organisationId)).deployments !== undefined)
    throw problem(
      'campaign_refused',
      'your organisation asks for two people to deploy; leave result.deploy out, and deploy the version afterwards',
    )
}

async function modelsOf(
  { hub }: Preparing,
  base: VersionTable,
  spec: CampaignSpec,
  signal: AbortSignal,
): Promise<TrainingModels> {
  if (base.size_bytes > MODEL_BYTES_MAX)
    throw problem('campaign_refused', `the version has ${base.size_bytes} bytes; ${MODEL_BYTES_MAX} are the limit`)
  const files = await filesOf(hub.store.db, base.id)
  using _pins = hub.blobGuard.pin(files.map(({ digest }) => digest))
  await using staged = await stageFiles(hub, { folder: hub.stagingPath(hub.ids.build()), files }, signal)
  return makeTrainingModels(await readFile(staged.modelPath), spec)
}
