/** Version card of a language model: the facts of its header, and its settings. */
import { Card, Facts } from '../../components/card.tsx'
import { sizeText } from '../../components/charts/amounts.ts'
import { languageTexts } from '../../pages/language-models/english-language.ts'
import { texts } from '../../texts/english.ts'
import type { DetailOf } from '../of-kind.ts'

const words = languageTexts.card

export function LanguageCard({ version: { language, goldenCases } }: { version: DetailOf<'gguf'> }) {
  const { facts, settings, memory, adapter } = language
  const { number } = texts.common
  const hasTemplate = facts.hasChatTemplate && settings.template === 'file'
  return (
    <Card title={words.title}>
      <p className="mb-4 text-sm text-soft">{words.experimental}</p>
      <Facts
        rows={[
          [words.architecture, facts.architecture],
          [words.name, facts.name ?? words.unstated],
          [words.licence, facts.license ?? words.unstated],
          [words.parameters, number(facts.parameterCount)],
          [words.weights, `${facts.quantisation}, ${sizeText(facts.weightsBytes)}`],
          ...(adapter ? [[words.adapter, words.adapterOf(adapter, sizeText(adapter.weightsBytes))] as const] : []),
          [words.vocabulary, words.tokens(facts.vocabularySize, facts.tokenizer)],
          [words.context, words.contextOf(settings.contextTokens, facts.contextLength)],
          [words.answers, words.answersOf(settings.answerTokens, settings.schema !== undefined)],
          [words.template, hasTemplate ? words.templates.file : words.templates.none],
          ...(settings.system === undefined ? [] : [[words.system, settings.system] as const]),
          [words.memory, words.memoryOf(sizeText(memory.total), sizeText(memory.context))],
          [words.prompts, goldenCases === 0 ? words.noPrompts : number(goldenCases)],
        ]}
      />
    </Card>
  )
}
