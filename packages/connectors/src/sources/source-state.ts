/** Source state: how a source is, and what passes between its thread and whoever started it. */
import type { Source } from '@skerry/contract/sources/source'
import type { TagCause, TagContent } from '@skerry/contract/sources/tag'
import type { AnswerMessage, QuestionMessage } from '@skerry/platform/process/asking'
import type { GroupReading } from '../reading.ts'
import type { BrowseAnswer, SessionDeps, WriteOutcome } from '../session.ts'

export type SourceState =
  | { kind: 'connecting' }
  | { kind: 'up' }
  | { kind: 'down'; cause: TagCause }
  /** Its thread ended by itself, and is started anew after a while. */
  | { kind: 'crashed'; cause: TagCause }
  /** It did so too often, and is left alone until somebody says so. */
  | { kind: 'quarantined'; cause: TagCause }

export type GroupFigures = {
  group: string
  rounds: number
  /** Rounds that were left out because the one before took too long. */
  skipped: number
  /** Values that were news, and that were not. */
  told: number
  untold: number
  /** How long the newest round took. */
  lastMs: number
}

/** What a source is started with. */
export type SourceTask = { source: Source } & Pick<SessionDeps, 'secrets' | 'stateFolder'>

/** The questions to a source while it runs. */
export type SourceQuestions = {
  write: { question: { tag: string; value: TagContent }; answer: WriteOutcome }
  browse: { question: string; answer: BrowseAnswer }
}

export type FromSource =
  | { kind: 'reading'; reading: GroupReading }
  | { kind: 'state'; state: SourceState }
  | AnswerMessage<SourceQuestions>
  | { kind: 'figures'; figures: GroupFigures[]; lost: number }

export type ToSource = { kind: 'taken' } | QuestionMessage<SourceQuestions> | { kind: 'stop' }

/** What passes between a thread and whoever started it: each source that runs in it has a number. */
export type ToThread =
  | { kind: 'run'; id: number; task: SourceTask }
  | { kind: 'tell'; id: number; message: ToSource }
  | { kind: 'close' }

export type FromThread = { id: number; said: FromSource | { kind: 'ended'; message: string } }
