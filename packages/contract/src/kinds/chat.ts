/** Chat models: language models that an app on the device answers for. Experimental. */
import * as z from 'zod'
import type { ChatModel } from '../language-models/chat-model.ts'
import { GgufSpec } from './gguf.ts'
import type { KindRow } from './kind-row.ts'

/** The app, the model in its server, and the form of its answers. */
export const CHAT_PATH = 'chat.json'

/** The threads are those of the server in the app. */
export const ChatSpec = z.object(GgufSpec.shape).omit({ threads: true })
export type ChatSpec = z.infer<typeof ChatSpec>

export const chatKind = {
  mainFile: CHAT_PATH,
  // Agents that are older than the kind, or have no container engine, are never offered it.
  capability: 'chat',
  // It answers the chat API. Routes, monitors and captures are about tensors of the Open Inference Protocol.
  serves: false,
  mayShadow: false,
  hasGoldenCases: true,
  lifecycle: ['fetching', 'verifying', 'loading', 'golden', 'ready', 'probation', 'active'],
  spec: ChatSpec,
  // The hub read the file by its schema when it was pushed.
  detail: { chat: z.custom<ChatModel>() },
} as const satisfies KindRow
