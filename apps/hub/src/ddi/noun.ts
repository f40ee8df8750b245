/** DDI: devices without an agent, whose own updater polls the hub. */
import type { Noun } from '../nouns/noun.ts'
import { ddiHandlers } from './ddi-handlers.ts'

type Handlers = { ddi: typeof ddiHandlers }

const handlers: Handlers = { ddi: ddiHandlers }

export const ddiNoun = {
  handlers,
  purge: [['ddi_devices', ['device_id']]],
  raises: { ddi: ['devices', 'sites'] },
} satisfies Noun
