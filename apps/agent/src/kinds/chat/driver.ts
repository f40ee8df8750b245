/** Chat driver: language models that an app on this device answers for, as an OpenAI-style server. */
import { CHAT_PATH } from '@skerry/contract/kinds/chat'
import { ChatModel } from '@skerry/contract/language-models/chat-model'
import { type AppModelDeps, appModelDriver } from '../app-model-driver.ts'
import type { Driver } from '../driver.ts'

export const openChatDriver = (deps: AppModelDeps): Driver =>
  appModelDriver(deps, {
    kind: 'chat',
    path: CHAT_PATH,
    schema: ChatModel,
    endpointOf: ({ app, model }) => deps.apps.endpointOf(app, { model, protocol: 'openai' }),
    absence: ({ app, model }) => `no running release of the app ${app} answers for the language model ${model}`,
    loadOf: (chat, { host, port }) => ({ kind: 'chat', files: { host, port, chat } }),
  })
