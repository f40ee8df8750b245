/** Chat kind: the app and the answers of a chat model, and a playground with a stream. */
import { lazyRouteComponent } from '@tanstack/react-router'
import { texts } from '../../texts/english.ts'
import { kindTexts } from '../../texts/english-kinds.ts'
import type { KindRow } from '../kind-row.ts'
import type { DetailOf } from '../of-kind.ts'

const words = kindTexts.chat

export const chatKind: KindRow<DetailOf<'chat'>> = {
  noun: words.noun,
  facts: ({ chat, goldenCases }) => [
    [words.app, chat.app],
    [words.model, chat.model],
    [words.answers, words.answersOf(chat.answerTokens, chat.schema !== undefined)],
    [words.prompts, goldenCases === 0 ? words.promptsNone : texts.common.number(goldenCases)],
  ],
  Playground: lazyRouteComponent(() => import('./chat-playground.tsx'), 'ChatPlayground'),
}
