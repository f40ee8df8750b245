/** Answering models: the figures of the language models that serve on devices which report. */
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { MEMBERS } from '../alerts/device-groups.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'

/** Their figures are one megabyte, and some gauges of a scrape. The first by model, then by device. */
const MODELS_MAX = 5_000

export type AnsweringModel = {
  organisationId: OrganisationId
  deviceId: DeviceId
  device: string
  model: string
  version: number
  answers: number
  tokensPerSecond?: number
  firstTokenMs?: number
  /** The share of invalid ones among the last answers with a schema. */
  invalidShare?: number
}

type Wish = {
  nowMs: number
  /** All organisations if absent. */
  organisationId?: OrganisationId
  /** Those with invalid answers, so that the cost grows with the problems and not with the fleet. */
  isInvalidOnly?: boolean
}

/** A share above 0 in the stored figures. */
const INVALID = ['%"invalidShare":0.%', '%"invalidShare":1%'] as const

/** A silent device is left out, because its figures are of another time. */
export async function answeringModels(
  db: Db,
  { nowMs, organisationId, isInvalidOnly = false }: Wish,
): Promise<AnsweringModel[]> {
  const rows = await db
    .selectFrom('models')
    .innerJoin('device_items as item', (join) =>
      join.onRef('item.organisation_id', '=', 'models.organisation_id').onRef('item.name', '=', 'models.name'),
    )
    .innerJoin('devices', 'devices.id', 'item.device_id')
    .innerJoin('device_reports as report', 'report.device_id', 'item.device_id')
    .select(['item.organisation_id', 'item.device_id', 'item.name as model', 'item.serving_version', 'item.figures'])
    .select('devices.name as device')
    .where('models.kind', 'in', ['gguf', 'chat'])
    .where('item.figures', 'is not', null)
    .where('item.serving_version', 'is not', null)
    .where('devices.status', 'in', MEMBERS)
    .where('report.stale_at_ms', '>=', nowMs)
    .$if(organisationId !== undefined, (select) =>
      select.where('models.organisation_id', '=', organisationId as OrganisationId),
    )
    .$if(isInvalidOnly, (select) =>
      select.where((where) => where.or(INVALID.map((form) => where('item.figures', 'like', form as never)))),
    )
    .orderBy('item.name')
    .orderBy('devices.name')
    .limit(MODELS_MAX)
    .execute()
  return rows.map(({ organisation_id, device_id, device, model, serving_version, figures }) => ({
    organisationId: organisation_id,
    deviceId: device_id,
    device,
    model,
    version: serving_version ?? 0,
    answers: 0,
    ...(figures && numbersIn(fromJson(figures))),
  }))
}

/** A device chooses its figures. Another form than a number is as absent. */
function numbersIn(figures: Readonly<Record<string, unknown>>): Partial<AnsweringModel> {
  const { answers, tokensPerSecond, firstTokenMs, invalidShare } = figures
  return {
    ...(isCount(answers) && { answers }),
    ...(isCount(tokensPerSecond) && { tokensPerSecond }),
    ...(isCount(firstTokenMs) && { firstTokenMs }),
    ...(isCount(invalidShare) && invalidShare <= 1 && { invalidShare }),
  }
}

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0
