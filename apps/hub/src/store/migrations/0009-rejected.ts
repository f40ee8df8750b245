/** 0009: rollouts count devices that rejected a version apart from those on which it broke. */
import type { Kysely } from 'kysely'

type Rollouts = { rollouts: { id: string; state: string } }
type Wave = { counts: Record<string, number> }

/** Nobody was told apart before, so none has rejected anything. Each is rewritten by itself: a fleet has hundreds, not millions. */
export async function rejected(db: Kysely<Rollouts>): Promise<void> {
  for (const { id, state } of await db.selectFrom('rollouts').select(['id', 'state']).execute()) {
    const { waves = [], ...rest }: { waves?: Wave[] } = JSON.parse(state)
    const counted = waves.map((wave) => ({ ...wave, counts: { rejected: 0, ...wave.counts } }))
    const next = JSON.stringify({ ...rest, waves: counted })
    await db.updateTable('rollouts').set({ state: next }).where('id', '=', id).execute()
  }
}
