/**
 * Wave drift: the windows of a wave's devices against the reference profile of the version that rolls. Windows since the
 * beginning of the rollout count, so that an earlier rollout of the same version has no part in it.
 */
import type { DriftFacts } from '@skerry/core/analysis/analysis-measures'
import { featureVerdicts } from '@skerry/core/monitors/verdict'
import { countedIn, findMonitor, profileIn, profilesOf, specIn } from '../../monitors/monitor-store.ts'
import type { Db } from '../../store/store.ts'
import type { RolloutRecord } from '../rollout-store.ts'

/** The newest windows of ten thousand devices: more change no verdict, and each costs some 10 µs. */
const WINDOWS_MAX = 10_000

/** Undefined if the model has no monitor, or the version no profile: then devices count nothing. */
export async function driftOfWave(db: Db, rollout: RolloutRecord, wave: number): Promise<DriftFacts | undefined> {
  const { id, organisation_id: organisationId, deployment_id, revision, created_at_ms } = rollout
  const wanted = await db
    .selectFrom('deployment_revisions')
    .select(['name', 'version'])
    .where('deployment_id', '=', deployment_id)
    .where('revision', '=', revision)
    .executeTakeFirst()
  const monitor = wanted && (await findMonitor(db, organisationId, wanted.name))
  if (!wanted || !monitor) return undefined
  const profiles = await profilesOf(db, organisationId, wanted.name)
  const profile = profiles.find(({ version }) => version === wanted.version)
  if (!profile) return undefined
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
  const spec = specIn(monitor.spec)
  const windows = rows.map((row) => countedIn({ ...row, windows: 1 }))
  return {
    devices: new Set(rows.map(({ device_id }) => device_id)).size,
    rows: windows.reduce((sum, { counted }) => sum + counted, 0),
    rowsMin: spec.rowsMin,
    features: featureVerdicts(profileIn(profile), windows, spec),
  }
}
