/** Retry tokens: has devices of a rollout try again what they remember as failed. */
import type { RolloutId } from '@skerry/contract/values/ids'
import type { Tx } from '../store/store.ts'

/** Raises the tokens of the devices whose rows changed with this number. */
export async function raiseRetryTokens(tx: Tx, { id }: { id: RolloutId }, sequence: number): Promise<void> {
  await tx
    .insertInto('device_retries')
    .columns(['device_id', 'deployment_id', 'organisation_id', 'retry_token'])
    .expression((eb) =>
      eb
        .selectFrom('rollout_members')
        .innerJoin('rollouts', 'rollouts.id', 'rollout_members.rollout_id')
        .innerJoin('devices', 'devices.id', 'rollout_members.device_id')
        .select([
          'rollout_members.device_id',
          'rollouts.deployment_id',
          'rollout_members.organisation_id',
          eb.lit(1).as('retry_token'),
        ])
        .where('rollout_members.rollout_id', '=', id)
        .where('rollout_members.sequence', '=', sequence),
    )
    .onConflict((conflict) =>
      conflict
        .columns(['device_id', 'deployment_id'])
        .doUpdateSet((set) => ({ retry_token: set('device_retries.retry_token', '+', 1) })),
    )
    .execute()
}
