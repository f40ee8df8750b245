/** Chat kind: the app, the form of the answers and the golden prompts of a chat model. */
import type { ChatVersionDetail } from '@skerry/contract/models/model'
import type { KindRow } from '../kind-row.ts'

export const chatKind: KindRow<ChatVersionDetail> = {
  noun: 'a chat model',
  showCommand: 'model show',
  none: 'no chat models yet; push a chat.json with "skerry model push"',
  devices: 'serves on',
  description: ({ chat }) => `a language model that the app ${chat.app} answers for; this kind is experimental`,
  facts: ({ chat, goldenCases }) => [
    ['app', chat.app],
    ['model in the app', chat.model],
    ['answers', `${chat.answerTokens} tokens${chat.schema ? ', bound by a JSON schema' : ''}`],
    ['golden prompts', goldenCases === 0 ? 'none: devices cannot compare their answers' : goldenCases],
  ],
  noInputs: 'which answers in words',
}
