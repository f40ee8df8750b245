/**
 * Chat model: a language model that an app on the device answers for, over the widespread chat API. The version has no
 * weights: it names the app, the model in its server, and the form of its answers.
 */
import * as z from 'zod'
import { ServerModelName } from '../models/served-model.ts'
import { Name } from '../values/names.ts'
import { LanguageSettings } from './language-model.ts'

const { answerTokens, system, schema } = LanguageSettings.shape

export const ChatModel = z.strictObject({
  v: z.literal(1),
  /** The app on the same device. One of its services declares that it serves the model by the protocol `openai`. */
  app: Name,
  /** The name of the model in that server. */
  model: ServerModelName,
  answerTokens,
  system,
  schema,
})
export type ChatModel = z.infer<typeof ChatModel>
