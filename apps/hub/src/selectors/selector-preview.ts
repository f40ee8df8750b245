/** Selector preview: judges the whole fleet by a selector and by a version's requirements, and changes nothing. */

import type { SelectorPreview } from '@skerry/contract/deployments/selector-preview'
import { DeploymentId, type DeviceId, type OrganisationId } from '@skerry/contract/values/ids'
import type { PlacementCheck } from '@skerry/core/deployments/placement'
import type { Scope } from '@skerry/core/people/scope'
import {
  type ExplainedSelector,
  explainSelector,
  type FalseCondition,
} from '@skerry/core/selectors/selector-explanation'
import { deployableOf } from '../deployments/apply-deployment.ts'
import { findDeployment } from '../deployments/deployment-store.ts'
import { holdersOf, missingBytesOf, olderOwners, problemOf } from '../deployments/population.ts'
import type { DeviceRow } from '../devices/device-store.ts'
import { expandSelector } from '../groups/group-store.ts'
import { throwProblem } from '../http/problem.ts'
import { resolveVersion } from '../models/version-store.ts'
import { openDataRules } from '../places/data-rules.ts'
import type { Db } from '../store/store.ts'
import { scanFleet } from './fleet-scan.ts'

export type PreviewQuestion = {
  organisationId: OrganisationId
  nowMs: number
  scope?: Scope | undefined
  selector: string
  /** Without a model, only the requirements of every model are checked. */
  deployable?: string | undefined
  version: string
  /** The deployment that the selector is for: a name that it owns already is no conflict. */
  deployment?: string | undefined
  find?: string | undefined
  limit: number
}

/** Judges every device. Throws the contract's problem if the selector or the version is invalid. */
export async function previewSelector(db: Db, asked: PreviewQuestion): Promise<SelectorPreview> {
  const question = { ...asked, selector: await expandSelector(db, asked.organisationId, asked.selector) }
  const explained = explainSelector(question.selector)
  if (!explained.ok) return throwProblem(explained)
  const refusalOf = await refuserOf(db, question, explained)
  const tally = newTally()
  for await (const { row, facts } of scanFleet(db, question.organisationId, question.nowMs, question.scope)) {
    const problem = refusalOf(row, facts)
    const isNamed = isFound(row, question.find)
    if (problem?.check === 'selector') addOther(tally, { row, facts, explained, isNamed, limit: question.limit })
    else if (problem) addRefused(tally, row, problem, isNamed, question.limit)
    else addPicked(tally, row, isNamed, question.limit)
  }
  return previewOf(tally)
}

type Facts = Parameters<typeof problemOf>[1]

/** The function that returns why a device is not selected. */
async function refuserOf(db: Db, question: PreviewQuestion, { selector }: ExplainedSelector) {
  const { organisationId, deployable, version: reference, nowMs, deployment: name } = question
  if (deployable === undefined) {
    const needs = { selector, deployable: '', kind: 'model' as const, opset: 0 }
    return (row: DeviceRow, facts: Facts) => problemOf(row, facts, { needs, owner: undefined, missingBytes: 0 })
  }
  const found = await resolveVersion(db, { organisationId, name: deployable }, reference)
  if (!found.ok) return throwProblem(found)
  const version = deployableOf(found.version)
  const current = name === undefined ? undefined : await findDeployment(db, organisationId, name)
  // A deployment that does not exist yet is younger than all others.
  const self = { id: current?.id ?? NOBODY, createdAtMs: current?.createdAtMs ?? nowMs }
  const picking = {
    ...self,
    ...version,
    organisationId,
    deployable,
    spec: { selector: question.selector },
    picks: question.selector,
  }
  const [owners, servedBy] = await Promise.all([olderOwners(db, picking), holdersOf(db, picking)])
  const judgeData = await (await openDataRules(db, organisationId)).of(picking)
  const { kind, opset, runtime, parts } = version
  const needs = { selector, deployable, kind, opset, runtime, parts }
  return (row: DeviceRow, facts: Facts) =>
    problemOf(row, facts, {
      needs,
      owner: owners.get(row.id),
      missingBytes: missingBytesOf(picking, undefined, servedBy(row.id)),
      dataViolation: judgeData(row),
    })
}

/** Sorts after every id that the hub creates. */
const NOBODY = DeploymentId.parse('dep_zzzzzzzzzzzz')

type Named = { id: DeviceId; name: string; site: string }
type Tally = {
  picked: { count: number; devices: Named[] }
  refused: { count: number; codes: Map<string, number>; devices: (Named & { code: string; message: string })[] }
  others: { count: number; conditions: Map<string, number>; devices: (Named & { unmet: FalseCondition[] })[] }
}

const newTally = (): Tally => ({
  picked: { count: 0, devices: [] },
  refused: { count: 0, codes: new Map(), devices: [] },
  others: { count: 0, conditions: new Map(), devices: [] },
})

const isFound = ({ name, site }: DeviceRow, find: string | undefined) =>
  find === undefined || name.includes(find) || site.includes(find)

const named = ({ id, name, site }: DeviceRow): Named => ({ id, name, site })

function addPicked({ picked }: Tally, row: DeviceRow, isNamed: boolean, limit: number): void {
  picked.count += 1
  if (isNamed && picked.devices.length < limit) picked.devices.push(named(row))
}

function addRefused(
  { refused }: Tally,
  row: DeviceRow,
  { code, detail }: PlacementCheck,
  isNamed: boolean,
  limit: number,
): void {
  refused.count += 1
  raise(refused.codes, code)
  if (isNamed && refused.devices.length < limit) refused.devices.push({ ...named(row), code, message: detail })
}

type Other = { row: DeviceRow; facts: Facts; explained: ExplainedSelector; isNamed: boolean; limit: number }

function addOther({ others }: Tally, { row, facts, explained, isNamed, limit }: Other): void {
  others.count += 1
  for (const condition of new Set(explained.unmet(facts))) raise(others.conditions, condition)
  if (isNamed && others.devices.length < limit) others.devices.push({ ...named(row), unmet: explained.explain(facts) })
}

const raise = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1)

function previewOf({ picked, refused, others }: Tally): SelectorPreview {
  const codes = [...refused.codes].map(([code, count]) => ({ code, count }))
  const conditions = [...others.conditions].map(([condition, count]) => ({ condition, count }))
  return {
    total: picked.count + refused.count + others.count,
    picked,
    refused: { ...refused, codes: codes.sort((a, b) => b.count - a.count) },
    others: { ...others, conditions: conditions.sort((a, b) => b.count - a.count) },
  }
}
