/** Rollback: the time from the first verdict that alerts to the rollback, and to the version before on the device. */
import type { AgentProgram, HubProgram } from '../../examples/stage/fleet.ts'
import { askFor, deployNext, MODEL } from './monitor-model.ts'

const ASK_MS = 100

/** Takes the deployment of the version before as given. */
export async function rollbackSeconds(hub: HubProgram, agent: AgentProgram) {
  const { client } = hub
  await deployNext(hub, 0.9)
  const spec = { windowSeconds: 5, windows: 1, rowsMin: 100, actions: [{ do: 'rollback' as const, isDryRun: false }] }
  await client.monitor.set({ name: MODEL, spec })
  const moved = async (hasCome: () => Promise<boolean>) => {
    do await askFor(agent, ASK_MS, 5)
    while (!(await hasCome()))
    return performance.now()
  }
  const alertedMs = await moved(async () => (await client.monitor.get({ name: MODEL })).state === 'alert')
  const rolledMs = await moved(async () => (await client.monitor.get({ name: MODEL })).acts.length > 0)
  const backMs = await moved(async () => {
    const { rows } = await client.model.serving({ name: MODEL })
    return rows.length === 1 && rows[0]?.version === 1
  })
  return {
    rollbackSeconds: (rolledMs - alertedMs) / 1_000,
    servedAgainSeconds: (backMs - alertedMs) / 1_000,
  }
}
