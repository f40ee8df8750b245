/**
 * Chat slot host: language models that an app answers for, among the language models of a runner. So the queue, golden
 * prompts, schemas, figures and the chat API are those of a model with a process of its own.
 */
import type { RemoteLanguage } from '../../language-models/remote-language.ts'
import type { LanguagePart } from '../gguf/slot-host.ts'
import type { SlotHost } from '../slot-host.ts'

/** The host of the language models does all but the load. It also reports the figures, and closes all slots. */
export const chatSlotHost = ({ slots, open }: Pick<LanguagePart, 'slots' | 'open'>): SlotHost<RemoteLanguage> => ({
  ...slots,
  load: async ({ slot, settings }, remote, signal) => (await open()).loadRemote({ slot, settings }, remote, signal),
  pulses: () => [],
  close: async () => undefined,
})
