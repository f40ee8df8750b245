import { expect, test } from 'vitest'
import { CHAT_CHARACTERS_MAX, ChatRequest, EmbeddingsRequest } from './chat.ts'

const half = 'x'.repeat(CHAT_CHARACTERS_MAX / 2)

test('all texts of a request together have a limit', () => {
  const embed = (input: string[]) => EmbeddingsRequest.safeParse({ model: 'a', input }).success
  expect([embed([half, half]), embed([half, half, 'x'])]).toEqual([true, false])
  const chat = (texts: string[]) =>
    ChatRequest.safeParse({ model: 'a', messages: texts.map((content) => ({ role: 'user', content })) }).success
  expect([chat([half, half]), chat([half, half, 'x'])]).toEqual([true, false])
})
