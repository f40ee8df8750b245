/** Playground of a chat model: the form of a language model. */
import { AnswerPlayground } from '../../pages/language-models/language-playground.tsx'
import type { DetailOf } from '../of-kind.ts'

export const ChatPlayground = ({ version: { name, version, chat } }: { version: DetailOf<'chat'> }) => (
  <AnswerPlayground name={name} version={version} settings={chat} />
)
