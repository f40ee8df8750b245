/**
 * GGUF slot host: the language models of a runner. Their code is loaded with the first of them, so that a device without
 * language models pays nothing.
 */
import type { Golden } from '@skerry/contract/devices/golden'
import { readSource } from '@skerry/inference/runtime/model-source'
import type { Clock } from '@skerry/platform/process/clock'
import type { LanguageFiles, LanguageHost } from '../../language-models/language-host.ts'
import type { RunnerAnswer } from '../../runner/runner-message.ts'
import type { SlotHost } from '../slot-host.ts'

export type LanguagePart = {
  slots: SlotHost<LanguageFiles>
  /** Undefined before the first language model. */
  host(): LanguageHost | undefined
  /** Loads the code of the host with the first call. */
  open(): Promise<LanguageHost>
}

const UNKNOWN: RunnerAnswer = { ok: false, code: 'slot_unknown', message: 'the slot has no language model' }

/** At the start nothing of it is loaded. */
export function createLanguagePart(clock: Clock): LanguagePart {
  let host: LanguageHost | undefined
  const open = async () => {
    const { createLanguageHost } = await import('../../language-models/language-host.ts')
    host ??= createLanguageHost({ clock })
    return host
  }
  return {
    host: () => host,
    open,
    slots: {
      load: async ({ slot, settings }, files, signal) => (await open()).load({ slot, settings }, files, signal),
      async golden(slot, { golden }, signal) {
        const { promptsOf } = await import('@skerry/core/language-models/golden-prompt')
        const stored: Golden = JSON.parse(Buffer.from(readSource(golden)).toString('utf8'))
        const read = promptsOf(stored)
        if (!read.ok) return { ok: false, code: 'golden_failed', message: read.message }
        return host?.prove(slot, read.prompts, signal) ?? UNKNOWN
      },
      activate: (order) => host?.activate(order) ?? UNKNOWN,
      deactivate: async (name) => host?.deactivate(name),
      unload: async (slot) => host?.unload(slot) ?? UNKNOWN,
      pulses: () => host?.pulses() ?? [],
      close: async () => host?.close(),
    },
  }
}
