/** Playground of a language model: a prompt, a device that serves the version, and its answer as it comes. */
import type { LanguageSettings } from '@skerry/contract/language-models/language-model'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Play, Square } from 'lucide-react'
import { useState } from 'react'
import { Button, GuardedButton } from '../../components/button.tsx'
import type { DetailOf } from '../../kinds/of-kind.ts'
import { DevicePicker } from '../playground/device-picker.tsx'
import { useRunKey } from '../playground/use-run-key.ts'
import { AnswerCard } from './answer-card.tsx'
import { languageTexts as words } from './english-language.ts'
import { PromptCard } from './prompt-card.tsx'
import { type PromptEntries, readPrompt } from './prompt-form.ts'
import { useAsking } from './use-asking.ts'

type Settings = Pick<LanguageSettings, 'schema' | 'answerTokens'>

const firstEntries = (settings: Settings): PromptEntries => ({
  prompt: '',
  system: '',
  schema: settings.schema ? JSON.stringify(settings.schema, undefined, 2) : '',
  maxTokens: String(settings.answerTokens),
  temperature: '0',
})

export const LanguagePlayground = ({ version: { name, version, language } }: { version: DetailOf<'gguf'> }) => (
  <AnswerPlayground name={name} version={version} settings={language.settings} />
)

type PlaygroundProps = { name: string; version: number; settings: Settings }

/** The form for each version that answers in words. */
export function AnswerPlayground({ name: model, version, settings }: PlaygroundProps) {
  const { device } = useSearch({ from: '/inside/models/$model/versions/$version/playground' })
  const navigate = useNavigate({ from: '/models/$model/versions/$version/playground' })
  const [entries, setEntries] = useState(() => firstEntries(settings))
  const { answer, ask, stop } = useAsking()
  const { question, errors } = readPrompt(entries)
  const [firstError] = Object.values(errors)
  const blocked = device === undefined ? words.noDevice : question ? undefined : (firstError ?? words.noPrompt)
  const start = () => {
    if (device !== undefined && question && answer?.state.kind !== 'running') void ask({ ...question, device, model })
  }
  const fields = useRunKey(start)
  return (
    <div ref={fields} className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_minmax(0,1.1fr)]">
      <PromptCard entries={entries} errors={errors} onChange={setEntries} />
      <div className="flex min-w-0 flex-col gap-4">
        <DevicePicker
          model={model}
          version={version}
          device={device}
          onChoose={(next) => void navigate({ search: { device: next }, replace: true })}
        />
        <div className="flex items-center gap-2">
          <GuardedButton permission="model.run" look="primary" blocked={blocked} onClick={start} className="flex-1">
            <Play size={15} aria-hidden />
            {device === undefined ? words.ask : words.askOn(device)}
          </GuardedButton>
          {answer?.state.kind === 'running' && (
            <Button onClick={stop}>
              <Square size={13} aria-hidden />
              {words.stop}
            </Button>
          )}
        </div>
        <AnswerCard answer={answer} />
      </div>
    </div>
  )
}
