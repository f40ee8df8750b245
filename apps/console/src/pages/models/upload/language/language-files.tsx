/** Language files: each file of a language model with its part, the facts of its header, and why the hub would reject it. */
import { Card, Facts } from '../../../../components/card.tsx'
import { sizeText } from '../../../../components/charts/amounts.ts'
import { texts } from '../../../../texts/english.ts'
import { languageTexts } from '../../../language-models/english-language.ts'
import { type FilePart, FilesTable, Remark } from '../chosen-files.tsx'
import { pushAdvice, uploadTexts as words } from '../english-upload.ts'
import type { LanguageReading } from './read-language.ts'

const facts = languageTexts.card

/** The table of files, and the facts. */
export function LanguageFiles({ reading }: { reading: LanguageReading }) {
  const { found } = reading
  return (
    <>
      <Card title={words.files} isFlush>
        <FilesTable parts={partsOf(reading)} />
        <Remarks reading={reading} />
      </Card>
      {found && (
        <Card title={facts.title}>
          <p className="mb-4 text-sm text-soft">{facts.experimental}</p>
          <Facts
            rows={[
              [facts.architecture, found.facts.architecture],
              [facts.name, found.facts.name ?? facts.unstated],
              [facts.licence, found.facts.license ?? facts.unstated],
              [facts.parameters, texts.common.number(found.facts.parameterCount)],
              [facts.weights, `${found.facts.quantisation}, ${sizeText(found.facts.weightsBytes)}`],
              [facts.memory, facts.memoryOf(sizeText(found.memory.total), sizeText(found.memory.context))],
            ]}
          />
        </Card>
      )}
    </>
  )
}

function partsOf({ model, settings, prompts, unused }: LanguageReading): FilePart[] {
  return [
    { ...model, part: 'model' },
    ...(settings ? [{ ...settings, part: 'settings' as const }] : []),
    ...(prompts ? [{ ...prompts, part: 'prompts' as const }] : []),
    ...unused.map((file) => ({ ...file, part: 'unused' as const })),
  ]
}

function Remarks({ reading: { refusal, golden } }: { reading: LanguageReading }) {
  if (refusal)
    return (
      <Remark tone="bad" title={words.refused} code={refusal.code}>
        {refusal.message}. {pushAdvice[refusal.code]}
      </Remark>
    )
  if (!golden) return <Remark tone="warn">{words.promptsNone}</Remark>
  return <Remark tone="good" title={words.prompts(golden.cases.length)} />
}
