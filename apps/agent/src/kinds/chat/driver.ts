/**
 * Chat driver: language models that an app on this device answers for. The version waits until a running release of the
 * app declares the model. Then the runner loads it as a language model whose process is the server of the app.
 */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { CHAT_PATH } from '@skerry/contract/kinds/chat'
import { ChatModel } from '@skerry/contract/language-models/chat-model'
import { isServerAway } from '@skerry/inference/remote/remote-model'
import { readSource } from '@skerry/inference/runtime/model-source'
import type { Driver, DriverAnswer, ServedEndpoint } from '../driver.ts'
import { type DriverDeps, lackOf, runnerDriver } from '../runner-driver.ts'

/** In milliseconds. A server of models needs seconds to start, and a person waits for it. */
const WAIT_MS = 2_000

/** The app and the place that a version was loaded from. */
type Loaded = { chat: ChatModel; place: string }

export const openChatDriver = (deps: Pick<DriverDeps, 'runner' | 'files' | 'apps'>): Driver => {
  const { runner, files, apps } = deps
  const places = new WeakMap<DesiredItem, Loaded>()
  const base = runnerDriver('chat', deps)
  const endpointOf = ({ app, model }: ChatModel) => apps.endpointOf(app, { model, protocol: 'openai' })
  const hasMoved = (item: DesiredItem) => {
    const loaded = places.get(item)
    const endpoint = loaded && endpointOf(loaded.chat)
    return loaded !== undefined && endpoint !== undefined && placeOf(endpoint) !== loaded.place
  }
  return {
    ...base,
    isCapable: apps.isCapable,
    // A release of the app that listens elsewhere needs another load of its models.
    loaded: () => base.loaded()?.filter(({ item }) => !hasMoved(item)),
    async load(item) {
      const lack = lackOf(CHAT_PATH, item)
      if (lack) return lack
      const chat = await files.withFile(item, CHAT_PATH, async (file) => parseChat(readSource(file)))
      if (!chat)
        return { ok: false, code: 'model_load_failed', message: `${CHAT_PATH} cannot be read; update the agent` }
      const endpoint = endpointOf(chat)
      if (!endpoint)
        return waiting(`no running release of the app ${chat.app} answers for the language model ${chat.model}`)
      // A slot of the place before answers nobody any more.
      await runner.unload(item)
      places.set(item, { chat, place: placeOf(endpoint) })
      const { host, port } = endpoint
      const answer = await runner.load(item, { kind: 'chat', files: { host, port, chat } }, 'shared')
      return isServerAway(answer) && !answer.ok ? waiting(answer.message) : answer
    },
  }
}

const placeOf = ({ host, port }: ServedEndpoint) => `${host} ${port}`

const waiting = (message: string): DriverAnswer => ({
  ok: false,
  code: 'served_waits',
  message: message.slice(0, 1_000),
  waitMs: WAIT_MS,
})

function parseChat(bytes: Uint8Array): ChatModel | undefined {
  try {
    return ChatModel.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data
  } catch {
    return undefined
  }
}
