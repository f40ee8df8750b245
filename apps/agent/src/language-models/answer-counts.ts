/** Answer counts: the figures of a language model, since it was loaded and over its last answers. */
import type { Figures } from '@skerry/contract/devices/item'
import type { Generated } from './language-message.ts'

/** How an answer met its schema. `free`: it had none. */
export type AnswerForm = 'free' | 'valid' | 'invalid'

export type AnswerCounts = {
  record(answer: Pick<Generated, 'answerTokens' | 'totalMs' | 'firstTokenMs'>, form: AnswerForm): void
  /** Absent figures have no answer yet. */
  figures(): Figures
}

/** As many answers show a change within minutes, and one slow answer moves no mean far. */
const RECENT_MAX = 100

/** A share of fewer answers is chance. */
const SHARE_MIN = 20

type Recent = { tokens: number; totalMs: number; firstTokenMs: number }

/** No answer so far. */
export function createAnswerCounts(): AnswerCounts {
  const recent: Recent[] = []
  const bound: boolean[] = []
  let answers = 0
  let tokens = 0
  let invalidAnswers = 0
  return {
    record({ answerTokens, totalMs, firstTokenMs }, form) {
      answers += 1
      tokens += answerTokens
      if (form === 'invalid') invalidAnswers += 1
      keepLast(recent, { tokens: answerTokens, totalMs, firstTokenMs })
      if (form !== 'free') keepLast(bound, form === 'invalid')
    },
    figures() {
      const totalMs = sumOf(recent, (one) => one.totalMs)
      const recentTokens = sumOf(recent, (one) => one.tokens)
      const firstTokenMs = sumOf(recent, (one) => one.firstTokenMs)
      return {
        answers,
        tokens,
        invalidAnswers,
        ...(totalMs > 0 && { tokensPerSecond: rounded((recentTokens * 1_000) / totalMs) }),
        ...(recent.length > 0 && { firstTokenMs: rounded(firstTokenMs / recent.length) }),
        ...(bound.length >= SHARE_MIN && { invalidShare: sumOf(bound, Number) / bound.length }),
      }
    },
  }
}

function keepLast<Item>(items: Item[], item: Item): void {
  items.push(item)
  if (items.length > RECENT_MAX) items.shift()
}

const sumOf = <Item>(items: readonly Item[], amountOf: (item: Item) => number) =>
  items.reduce((sum, item) => sum + amountOf(item), 0)

const rounded = (value: number) => Math.round(value * 10) / 10
