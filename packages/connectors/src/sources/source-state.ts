/** Source state: the state of a source, and the messages between its thread and its host. */
import type { Source } from '@skerry/contract/sources/source'
import type { TagCause, TagContent } from '@skerry/contract/sources/tag'
import type { AnswerMessage, QuestionMessage } from '@skerry/platform/process/asking'
import type { GateMemory } from '@skerry/platform/process/lease-gate'
import type { GroupReading } from '../reading.ts'
import type { BrowseAnswer, SessionDeps, WriteOutcome } from '../session.ts'

export type SourceState =
  | { kind: 'connecting' }
  | { kind: 'up' }
  | { kind: 'down'; cause: TagCause }
  /** Its thread ended by itself, and restarts after a while. */
  | { kind: 'crashed'; cause: TagCause }
  /** Its thread ended too often. The host starts it again only on a command. */
  | { kind: 'quarantined'; cause: TagCause }

export type GroupFigures = {
  group: string
  rounds: number
  /** Rounds that were left out because the previous round took too long. */
  skipped: number
  /** Values that were news, and values that were not. */
  told: number
  untold: number
  /** The duration of the newest round, in milliseconds. */
  lastMs: number
}

/** The data with which a source is started. */
export type SourceTask = { source: Source; gate?: GateMemory | undefined } & Pick<
  SessionDeps,
  'secrets' | 'stateFolder'
>

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

/** The messages between a thread and its owner. Each source in the thread has a number. */
export type ToThread =
  | { kind: 'run'; id: number; task: SourceTask }
  | { kind: 'tell'; id: number; message: ToSource }
  | { kind: 'close' }

export type FromThread = { id: number; said: FromSource | { kind: 'ended'; message: string } }
