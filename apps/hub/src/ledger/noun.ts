/** The ledger beside the model files. */
import type { Noun } from '../nouns/noun.ts'
import { startLedgerKeeper } from './ledger-keeper.ts'

export const ledgerNoun = {
  engines: [startLedgerKeeper],
} satisfies Noun
