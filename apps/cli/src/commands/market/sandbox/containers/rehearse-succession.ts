/**
 * Rehearse succession: versions of one app, one after another, with the volumes of the versions before. Each is killed
 * before the next one starts, as at a loss of power in an upgrade.
 */
import { type AppsTask, inEngine, killAll, removeContainers, removeSandbox, setUp } from './sandbox-engine.ts'

type Succession = { ok: true; trouble?: string } | { ok: false; reason: string }

/** The first version that does not come up is the trouble. */
export async function rehearseSuccession(task: AppsTask, signal: AbortSignal): Promise<Succession> {
  const { apps, contentOf } = task
  return inEngine<Succession>(
    task,
    async (opened) => {
      try {
        for (const [at, planned] of apps.entries()) {
          const sandbox = { ...opened, planned, contentOf }
          await (at === 0 ? removeSandbox(sandbox) : removeContainers(sandbox))
          const trouble = await setUp(sandbox, signal)
          if (trouble !== undefined) return { ok: true, trouble: `start ${at + 1} of ${apps.length}: ${trouble}` }
          await killAll(sandbox, signal)
        }
        return { ok: true }
      } finally {
        for (const planned of apps) await removeSandbox({ ...opened, planned })
      }
    },
    signal,
  )
}
