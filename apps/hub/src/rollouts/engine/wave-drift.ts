/**
 * Wave drift: the windows of a wave's devices against the reference profile of the version that rolls: how far its
 * values moved, and how right its answers are by their confidences or by the model of errors. Windows since the beginning of the rollout
 * count, so that an earlier rollout of the same version has no part in it.
 */
import type { MonitorSpec } from '@skerry/contract/monitors/monitor'
import type { ReferenceProfile } from '@skerry/contract/monitors/profile'
import type { WaveFacts } from '@skerry/core/analysis/analysis-measures'
import { judgeErrors } from '@skerry/core/monitors/error-model'
import { judgeEstimate, scoresOf } from '@skerry/core/monitors/estimate'
import { featureVerdicts } from '@skerry/core/monitors/verdict'
import { countedIn, findMonitor, profileIn, profilesOf, specIn } from '../../monitors/monitor-store.ts'
import { fromJson } from '../../store/json-column.ts'
import type { Db } from '../../store/store.ts'
import type { MonitorWindowTable } from '../../store/tables/monitor-tables.ts'
import type { RolloutRecord } from '../rollout-store.ts'

/** The newest windows of ten thousand devices: more change no verdict, and each costs some 10 µs. */
const WINDOWS_MAX = 10_000

export type MonitoredFacts = Pick<WaveFacts, 'drift' | 'estimate' | 'errorEstimate'>

/** Empty if the model has no monitor, or the version no profile: then devices count nothing. */
export async function monitoredFactsOf(db: Db, rollout: RolloutRecord, wave: number): Promise<MonitoredFacts> {
  const { id, organisation_id: organisationId, deployment_id, revision, created_at_ms } = rollout
  const wanted = await db
    .selectFrom('deployment_revisions')
    .select(['name', 'version'])
    .where('deployment_id', '=', deployment_id)
    .where('revision', '=', revision)
    .executeTakeFirst()
  const monitor = wanted && (await findMonitor(db, organisationId, wanted.name))
  if (!wanted || !monitor) return {}
  const profiles = await profilesOf(db, organisationId, wanted.name)
  const profile = profiles.find(({ version }) => version === wanted.version)
  if (!profile) return {}
  const rows = await db
    .selectFrom('rollout_members as member')
    .innerJoin('monitor_windows as window', 'window.device_id', 'member.device_id')
    .select([
      'window.device_id',
      'window.start_ms',
      'window.end_ms',
      'window.rows',
      'window.counted',
      'window.features',
      'window.scores',
    ])
    .where('member.rollout_id', '=', id)
    .where('member.wave', '=', wave)
    .where('window.organisation_id', '=', organisationId)
    .where('window.model', '=', wanted.name)
    .where('window.version', '=', wanted.version)
    .where('window.profile', '=', profile.digest)
    .where('window.end_ms', '>', created_at_ms)
    .orderBy('window.end_ms', 'desc')
    .limit(WINDOWS_MAX)
    .execute()
  return factsOf(rows, profileIn(profile), specIn(monitor.spec))
}

type Row = Pick<MonitorWindowTable, 'device_id' | 'start_ms' | 'end_ms' | 'rows' | 'counted' | 'features' | 'scores'>

function factsOf(rows: readonly Row[], profile: ReferenceProfile, spec: MonitorSpec): MonitoredFacts {
  const windows = rows.map((row) => countedIn({ ...row, windows: 1 }))
  const common = { devices: new Set(rows.map(({ device_id }) => device_id)).size, rowsMin: spec.rowsMin }
  const scores = scoresOf(rows.flatMap((row) => (row.scores === null ? [] : [fromJson(row.scores)])))
  const estimated = judgeEstimate(profile.calibration, scores, spec)
  const estimatedError = judgeErrors(profile, windows, spec)
  return {
    drift: {
      ...common,
      rows: windows.reduce((sum, { counted }) => sum + counted, 0),
      features: featureVerdicts(profile, windows, spec),
    },
    ...(estimated && { estimate: { ...common, ...estimated } }),
    ...(estimatedError && { errorEstimate: { ...common, ...estimatedError } }),
  }
}
