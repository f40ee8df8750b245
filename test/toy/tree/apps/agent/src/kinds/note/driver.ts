/** Note driver: the agent itself holds the notes. A text can order its own failure, so that a test can see one. */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { NOTE_PATH } from '@skerry/contract/kinds/note'
import { readSource } from '@skerry/inference/runtime/model-source'
import type { Loaded } from '../../runner/runner-slot.ts'
import type { Driver, DriverAnswer } from '../driver.ts'
import { lackOf, type RunnerDriverDeps } from '../runner-driver.ts'

const DONE: DriverAnswer = { ok: true }

/** A judgement needs at least 20 requests. */
const WRONG_STATS = { requests: 100, failures: 100 }

export const openNoteDriver = ({ files }: Pick<RunnerDriverDeps, 'files'>): Driver => {
  const held = new Map<string, Loaded>()
  const rest = (name: string) => {
    for (const [digest, { servingSinceMs: _, ...loaded }] of held)
      if (loaded.item.name === name) held.set(digest, loaded)
    return DONE
  }
  const read = (item: DesiredItem) =>
    files.withFile(item, NOTE_PATH, async (file) => Buffer.from(readSource(file)).toString('utf8'))
  return {
    loaded: () => [...held.values()],
    async load(item) {
      const lack = lackOf(NOTE_PATH, item)
      if (lack) return lack
      const text = await read(item)
      if (text.startsWith('refuse')) return { ok: false, code: 'note_refused', message: `it cannot store "${text}"` }
      const stats = text.startsWith('mislead') ? WRONG_STATS : { requests: text.length, failures: 0 }
      held.set(item.digest, { item, stats })
      return DONE
    },
    async activate(item) {
      rest(item.name)
      const loaded = held.get(item.digest)
      if (!loaded) return { ok: false, code: 'slot_unknown', message: 'the note is not loaded' }
      held.set(item.digest, { ...loaded, item, servingSinceMs: performance.now() })
      return DONE
    },
    async unload({ digest }) {
      held.delete(digest)
      return DONE
    },
    deactivate: async (name) => rest(name),
  }
}
