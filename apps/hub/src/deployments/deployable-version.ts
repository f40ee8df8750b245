/** Deployable version: what a deployment's model and version mean now. */
import type { Digest } from '@skerry/contract/digest'
import type { OrganisationId } from '@skerry/contract/ids'
import type { ModelSummary } from '@skerry/contract/model-summary'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'

export type DeployableVersion = { version: number; digest: Digest; sizeBytes: number; opset: number }

export type DeployableResult =
  | { ok: true; version: DeployableVersion }
  | { ok: false; code: 'model_unknown' | 'version_unknown' | 'alias_unknown'; message: string }

type Wanted = { organisationId: OrganisationId; model: string; reference: string }

/** The version that a number, `latest` or an alias with its @ stands for. */
export async function findDeployable(db: Db, wanted: Wanted): Promise<DeployableResult> {
  const { organisationId, model, reference } = wanted
  const known = await db
    .selectFrom('models')
    .select('name')
    .where('organisation_id', '=', organisationId)
    .where('name', '=', model)
    .executeTakeFirst()
  if (!known) return refuse('model_unknown', `there is no model ${model}; "skerry model push" makes one`)
  const number = await numberOf(db, wanted)
  if (number === undefined && reference.startsWith('@')) {
    return refuse(
      'alias_unknown',
      `the model ${model} has no alias ${reference}; "skerry model show ${model}" lists them`,
    )
  }
  const row = await db
    .selectFrom('versions')
    .select(['version', 'digest', 'size_bytes', 'summary'])
    .where('organisation_id', '=', organisationId)
    .where('model', '=', model)
    .$if(number !== undefined, (select) => select.where('version', '=', number ?? 0))
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!row)
    return refuse(
      'version_unknown',
      `the model ${model} has no version ${reference}; "skerry model show ${model}" lists them`,
    )
  const { version, digest, size_bytes, summary } = row
  return { ok: true, version: { version, digest, sizeBytes: size_bytes, opset: opsetOf(fromJson(summary)) } }
}

/** Undefined for `latest`, and for an alias that there is not. */
async function numberOf(db: Db, { organisationId, model, reference }: Wanted): Promise<number | undefined> {
  if (!reference.startsWith('@')) return reference === 'latest' ? undefined : Number(reference)
  const row = await db
    .selectFrom('aliases')
    .select('version')
    .where('organisation_id', '=', organisationId)
    .where('model', '=', model)
    .where('alias', '=', reference.slice(1))
    .executeTakeFirst()
  return row?.version
}

/** 0 where the model uses no operator of the default domain: every runtime has that. */
const opsetOf = ({ opsets }: ModelSummary) => opsets.find(({ domain }) => domain === 'ai.onnx')?.version ?? 0

const refuse = (code: Extract<DeployableResult, { ok: false }>['code'], message: string): DeployableResult => ({
  ok: false,
  code,
  message,
})
