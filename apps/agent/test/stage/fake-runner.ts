/**
 * Fake runner: remembers its orders to load, reads the file as a runtime would, and rejects on command. For tests of
 * the reconciler.
 */
import { readFile } from 'node:fs/promises'
import { isSameLoad } from '@skerry/core/device/item-life'
import { openSource } from '@skerry/inference/runtime/model-source'
import type { RunnerAnswer } from '../../src/runner/runner-message.ts'
import type { Loaded } from '../../src/runner/runner-slot.ts'
import type { RunnerSupervisor } from '../../src/runner/runner-supervisor.ts'

export type FakeRunner = RunnerSupervisor & {
  slots: Loaded[]
  /** Answers instead of doing the work. */
  refusals: Partial<Record<'load' | 'golden', RunnerAnswer>>
  /** The text of the loaded model files, in order. */
  models: string[]
  serving(): number | undefined
}

/** A runner that is ready, with nothing loaded. */
export function createFakeRunner(clock: { monotonicMs(): number }): FakeRunner {
  const done: RunnerAnswer = { ok: true }
  const runner: FakeRunner = {
    slots: [],
    refusals: {},
    models: [],
    serving: () => runner.slots.find(({ servingSinceMs }) => servingSinceMs !== undefined)?.item.version,
    loaded: () => runner.slots,
    endpoints: () => ({}),
    residency: () => undefined,
    async load(item, source) {
      if (runner.refusals.load) return runner.refusals.load
      if (source.kind !== 'model') return done
      const { model } = openSource(source.files)
      runner.models.push(typeof model === 'string' ? await readFile(model, 'utf8') : Buffer.from(model).toString())
      runner.slots = [...runner.slots, { item, stats: { requests: 0, failures: 0 } }]
      return done
    },
    golden: async () => runner.refusals.golden ?? done,
    mirror: async () => done,
    async activate(item) {
      runner.slots = runner.slots.map(({ servingSinceMs: _, ...slot }) =>
        isSameLoad(slot.item, item) ? { ...slot, servingSinceMs: clock.monotonicMs() } : slot,
      )
      return done
    },
    async unload(item) {
      runner.slots = runner.slots.filter((slot) => !isSameLoad(slot.item, item))
      return done
    },
    forget: async () => done,
    trouble: () => undefined,
    expect: async () => done,
    setLogLevel() {},
    leave: async () => false,
    [Symbol.asyncDispose]: async () => {},
  }
  return runner
}
