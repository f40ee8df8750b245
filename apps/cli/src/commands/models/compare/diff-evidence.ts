/** Diff evidence: the golden outputs of two versions, and the reports of the devices that serve them. */
import type { SkerryClient } from '@skerry/client/client'
import { compareOutputs, type OutputComparison } from '@skerry/client/compare-outputs'
import { type Connection, requestBytes } from '@skerry/client/connection'
import { allRows } from '@skerry/client/page'
import { problemOf } from '@skerry/client/problem'
import { GOLDEN_PATH, Golden } from '@skerry/contract/devices/golden'
import type { VersionDetail } from '@skerry/contract/models/model'
import { type ServingSummary, summariseServing } from '@skerry/core/models/serving-summary'
import { deploymentsOfVersion } from '@skerry/core/rollouts/views/version-users'
import type { Hub } from '../../../program/session.ts'

export type VersionUse = { deployments: string[]; running: ServingSummary }

export type DiffEvidence = {
  /** Absent if neither version has golden cases. */
  outputs?: OutputComparison
  use: { from: VersionUse; to: VersionUse }
}

export type EvidenceRequest = {
  from: VersionDetail
  to: VersionDetail
  /** Whether the hub may run a version on the golden inputs of the other one. */
  mayRun: boolean
}

/** The median of 200 devices changes little with more of them. */
const DEVICES_MAX = 200

export async function loadEvidence(
  { client, connection }: Hub,
  { from, to, mayRun }: EvidenceRequest,
  signal: AbortSignal,
): Promise<DiffEvidence> {
  const users = await versionUsers(client, [from, to], signal)
  const useOf = async ({ name, version }: VersionDetail): Promise<VersionUse> => {
    const of = { name, version: String(version), limit: DEVICES_MAX }
    const { rows } = await client.model.servingDevices(of, { signal })
    return { deployments: users({ name, version }), running: summariseServing(rows) }
  }
  const run = (which: 'from' | 'to') => {
    const [runs, given] = which === 'from' ? [from, to] : [to, from]
    return client.model.compare(
      { name: runs.name, version: String(runs.version), inputsOf: String(given.version) },
      { signal },
    )
  }
  const [before, after] = await Promise.all([goldenOf(connection, from, signal), goldenOf(connection, to, signal)])
  const outputs = await compareOutputs({ from: before, to: after, run: mayRun ? run : undefined }, signal)
  const [fromUse, toUse] = await Promise.all([useOf(from), useOf(to)])
  return { ...(outputs && { outputs }), use: { from: fromUse, to: toUse } }
}

type Version = Pick<VersionDetail, 'name' | 'version'>

/**
 * The deployments that want a version now, or whose devices run it. `usedBy` of the hub also has those that only an old
 * revision connects with the version. A caller who may not read deployments gets that list.
 */
async function versionUsers({ deployment }: SkerryClient, versions: readonly VersionDetail[], signal: AbortSignal) {
  const known = ({ name, version }: Version) =>
    versions.find((each) => each.name === name && each.version === version)?.usedBy ?? []
  if (!versions.some(({ usedBy }) => usedBy.length > 0)) return known
  try {
    const all = await allRows((page) => deployment.list(page, { signal }))
    return (version: Version) => deploymentsOfVersion(all, version).map(({ name }) => name)
  } catch (error) {
    if (problemOf(error).code !== 'permission_denied') throw error
    return known
  }
}

/** The stored golden cases. A flow has other ones, which are not compared here. */
async function goldenOf(connection: Connection, { files }: VersionDetail, signal: AbortSignal) {
  const digest = files.find(({ path }) => path === GOLDEN_PATH)?.digest
  if (digest === undefined) return undefined
  const response = await requestBytes(connection, { route: 'downloadBlob', parameters: { digest } }, signal)
  return Golden.parse(await response.json())
}
