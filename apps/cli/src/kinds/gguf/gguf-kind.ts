/** GGUF kind: the header facts and settings of a language model. */
import type { AdapterFacts } from '@skerry/contract/language-models/language-model'
import type { LanguageVersionDetail } from '@skerry/contract/models/model'
import { sizeText } from '../../program/terminal/words.ts'
import type { KindRow } from '../kind-row.ts'

export const ggufKind: KindRow<LanguageVersionDetail> = {
  noun: 'a language model',
  showCommand: 'model show',
  none: 'no language models yet; push a GGUF file with "skerry model push"',
  devices: 'serves on',
  description: () => 'a language model; this kind is experimental',
  facts: ({ language: { facts, settings, memory, adapter }, goldenCases }) => [
    ['architecture', facts.architecture],
    ['name in the file', facts.name],
    ['licence', facts.license],
    ['parameters', facts.parameterCount.toLocaleString('en')],
    ['weights', `${facts.quantisation}, ${sizeText(facts.weightsBytes)}`],
    ['adapter', adapter && adapterText(adapter, settings.adapter?.scale)],
    ['vocabulary', `${facts.vocabularySize.toLocaleString('en')} tokens (${facts.tokenizer})`],
    ['context', `${settings.contextTokens.toLocaleString('en')} of ${facts.contextLength.toLocaleString('en')} tokens`],
    ['answers', `${settings.answerTokens} tokens${settings.schema ? ', bound by a JSON schema' : ''}`],
    ['template', facts.hasChatTemplate && settings.template === 'file' ? 'of the file' : 'none: plain text'],
    ['memory', `${sizeText(memory.total)}, of which the context takes ${sizeText(memory.context)}`],
    ['golden prompts', goldenCases === 0 ? 'none: devices cannot compare their answers' : goldenCases],
  ],
  noInputs: 'which answers in words',
}

const adapterText = ({ name, rank, pairCount, weightsBytes }: AdapterFacts, scale = 1) =>
  `${name ?? 'LoRA'}: rank ${rank}, ${pairCount} matrices, ${sizeText(weightsBytes)}${scale === 1 ? '' : `, at ${scale}`}`
