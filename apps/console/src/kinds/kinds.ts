/**
 * Kinds: the table of the kinds in the console, and its look-ups. No other file of the console may branch on a kind.
 */
import type { VersionKind } from '@skerry/contract/kinds/kinds'
import { kindTexts } from '../texts/english-kinds.ts'
import { agentKind } from './agent/agent-kind.ts'
import { appKind } from './app/app-kind.ts'
import { chatKind } from './chat/chat-kind.ts'
import { dataKind } from './data/data-kind.ts'
import { flowKind } from './flow/flow-kind.ts'
import { ggufKind } from './gguf/gguf-kind.ts'
import { hostedKind } from './hosted/hosted-kind.ts'
import type { KindRow } from './kind-row.ts'
import { modelKind } from './model/model-kind.ts'
import type { DetailOf } from './of-kind.ts'
import { osKind } from './os/os-kind.ts'
import { servedKind } from './served/served-kind.ts'
import { systemKind } from './system/system-kind.ts'

/** A kind without a row does not compile. */
export const kindRows: { readonly [Kind in VersionKind]: KindRow<DetailOf<Kind>> } = {
  model: modelKind,
  flow: flowKind,
  app: appKind,
  agent: agentKind,
  os: osKind,
  gguf: ggufKind,
  served: servedKind,
  chat: chatKind,
  data: dataKind,
  system: systemKind,
  hosted: hostedKind,
}

/** A row takes details of its own kind only: the caller passes a detail of `kind`. */
export const kindRow = (kind: VersionKind): KindRow => kindRows[kind]

/** The reason why this kind has no compare page or playground. */
export const refusalOf = (kind: VersionKind): string => kindRow(kind).refusal ?? kindTexts.noPart
