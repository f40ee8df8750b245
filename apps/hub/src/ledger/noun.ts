/** The ledger beside the model files. */
import type { Noun } from '../noun.ts'
import { startLedgerKeeper } from './ledger-keeper.ts'

export const ledgerNoun = {
  engines: [startLedgerKeeper],
} satisfies Noun
